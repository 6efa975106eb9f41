package data_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/data"
	"elegans/tensor"
)

func counted(c, h, w int) *data.Image {
	m := &data.Image{C: c, H: h, W: w, Pix: make([]float32, c*h*w)}
	for i := range m.Pix {
		m.Pix[i] = float32(i + 1)
	}
	return m
}

// at returns a pixel, or fill outside.
func at(m *data.Image, c, y, x int, fill float32) float32 {
	if y < 0 || x < 0 || y >= m.H || x >= m.W {
		return fill
	}
	return m.Pix[(c*m.H+y)*m.W+x]
}

func TestShiftIsSomeTranslation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, h, w := rapid.IntRange(1, 3).Draw(t, "c"), rapid.IntRange(1, 6).Draw(t, "h"), rapid.IntRange(1, 6).Draw(t, "w")
		most := rapid.IntRange(0, 8).Draw(t, "max")
		old, m := counted(c, h, w), counted(c, h, w)
		data.Shift{Max: most, Fill: -1}.Apply(m, tensor.NewKey(rapid.Uint64().Draw(t, "key"), "shift"))
		for dy := -most; dy <= most; dy++ {
			for dx := -most; dx <= most; dx++ {
				same := true
				for i := range m.Pix {
					ch, y, x := i/(h*w), i/w%h, i%w
					same = same && m.Pix[i] == at(old, ch, y-dy, x-dx, -1)
				}
				if same {
					return
				}
			}
		}
		t.Fatalf("%v is no translation of %v by at most %d", m.Pix, old.Pix, most)
	})
}

func TestAugmentsReachAllOutcomes(t *testing.T) {
	type outcome struct{ flipped, kept int }
	var o outcome
	places := map[float32]int{}
	for i := range 1000 {
		key := tensor.NewKey(1, "test", uint64(i))
		m := counted(1, 1, 3)
		data.Flip{}.Apply(m, key)
		switch {
		case slices.Equal(m.Pix, []float32{3, 2, 1}):
			o.flipped++
		case slices.Equal(m.Pix, []float32{1, 2, 3}):
			o.kept++
		}
		m = &data.Image{C: 1, H: 5, W: 5, Pix: make([]float32, 25)}
		m.Pix[12] = 1
		data.Crop{Pad: 2}.Apply(m, key)
		for j, v := range m.Pix {
			if v == 1 {
				places[float32(j)]++
			}
		}
	}
	if o.flipped+o.kept != 1000 || o.flipped < 420 || o.flipped > 580 {
		t.Errorf("flipped %d, kept %d", o.flipped, o.kept)
	}
	if len(places) != 25 {
		t.Errorf("a crop reaches %d of 25 places", len(places))
	}
}

func TestCutout(t *testing.T) {
	for i := range 200 {
		m := counted(2, 7, 7)
		data.Cutout{Size: 3, Fill: 0}.Apply(m, tensor.NewKey(2, "test", uint64(i)))
		var n [2]int
		for j, v := range m.Pix {
			if v == 0 {
				n[j/49]++
			}
		}
		if n[0] != n[1] || n[0] < 4 || n[0] > 9 {
			t.Fatalf("%v pixels cut, want 4 to 9 in each channel", n)
		}
	}
}

func TestAffine(t *testing.T) {
	key := tensor.NewKey(3, "test")
	m := counted(2, 5, 4)
	data.Affine{}.Apply(m, key)
	if !slices.Equal(m.Pix, counted(2, 5, 4).Pix) {
		t.Errorf("the identity changes the image: %v", m.Pix)
	}
	// A linear ramp is reproduced by bilinear sampling: rotated about the centre it stays linear,
	// and the centre stays.
	for i := range 50 {
		m := &data.Image{C: 1, H: 9, W: 9, Pix: make([]float32, 81)}
		for j := range m.Pix {
			m.Pix[j] = float32(j / 9)
		}
		data.Affine{Degrees: 30}.Apply(m, tensor.NewKey(4, "test", uint64(i)))
		p := func(y, x int) float64 { return float64(at(m, 0, y, x, 0)) }
		dy, dx := p(5, 4)-p(4, 4), p(4, 5)-p(4, 4)
		if math.Abs(p(4, 4)-4) > 1e-5 || math.Abs(dy*dy+dx*dx-1) > 1e-5 || math.Abs(p(3, 4)+p(5, 4)-8) > 1e-5 || dy < math.Cos(math.Pi/6)-1e-5 {
			t.Fatalf("centre %v, gradient %v %v", p(4, 4), dy, dx)
		}
	}
	// Moved far away, nothing of the image is left.
	blank := &data.Image{C: 1, H: 3, W: 3, Pix: []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}}
	data.Affine{Shift: 100, Fill: 0.25}.Apply(blank, tensor.NewKey(5, "test"))
	if !slices.Equal(blank.Pix, []float32{.25, .25, .25, .25, .25, .25, .25, .25, .25}) {
		t.Errorf("moved far away: %v", blank.Pix)
	}
}

func TestNormalize(t *testing.T) {
	d := data.AllDigits()
	n := data.NewNormalize(d)
	pix := make([]float32, 64)
	var sum, square float64
	for i := range d.Len() {
		d.Pixels(pix, i)
		n.Apply(&data.Image{C: 1, H: 8, W: 8, Pix: pix}, tensor.Key{})
		for _, v := range pix {
			sum += float64(v)
			square += float64(v) * float64(v)
		}
	}
	count := float64(64 * d.Len())
	if math.Abs(sum/count) > 1e-5 || math.Abs(square/count-1) > 1e-5 {
		t.Errorf("mean %g, mean square %g", sum/count, square/count)
	}
}
