package data

import (
	"math"
	"testing"

	"elegans/tensor"
)

// TestBinarizeLevels runs all grey levels through the threshold 0.3: 76 of 255 is below it, 77 of
// 255 is not.
func TestBinarizeLevels(t *testing.T) {
	pixels := make([]uint8, 256)
	for p := range pixels {
		pixels[p] = uint8(p)
	}
	d, err := FromBytes("levels", "", []string{"0"}, pixels, 255, []int{0}, 1, 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	m := Image{C: 1, H: 16, W: 16, Pix: make([]float32, 256)}
	d.Pixels(m.Pix, 0)
	Binarize{0.3}.Apply(&m, tensor.NewKey(1, "binarize"))
	for p, v := range m.Pix {
		want := float32(0)
		if p >= 77 {
			want = 1
		}
		if v != want {
			t.Errorf("level %d becomes %v, want %v", p, v, want)
		}
	}
}

// TestBinarizeLaws: a second pass changes nothing, the threshold itself counts as ink, NaN does
// not.
func TestBinarizeLaws(t *testing.T) {
	m := Image{C: 1, H: 1, W: 4, Pix: []float32{0.5, float32(math.Nextafter(0.5, 0)), 0.49999997, float32(math.NaN())}}
	b := Binarize{0.5}
	b.Apply(&m, tensor.NewKey(1, "binarize"))
	once := append([]float32{}, m.Pix...)
	b.Apply(&m, tensor.NewKey(1, "binarize"))
	for i, want := range []float32{1, 1, 0, 0} {
		if once[i] != want || m.Pix[i] != want {
			t.Errorf("value %d: %v, then %v, want %v", i, once[i], m.Pix[i], want)
		}
	}
}
