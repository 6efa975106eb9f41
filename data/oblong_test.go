package data

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"elegans/data/npy"
	"elegans/tensor"
)

// Images that are not square tell height from width, which square ones hide.

// TestAffineTurnsAboutTheCentre turns oblong images by half a turn: every pixel goes to the place
// opposite the centre.
func TestAffineTurnsAboutTheCentre(t *testing.T) {
	key := tensor.NewKey(1, "half a turn")
	half := Affine{Degrees: 180 / (2*key.Float64(0) - 1)} // of which half a turn is drawn
	for _, size := range [][2]int{{3, 7}, {8, 2}, {5, 5}, {1, 6}} {
		h, w := size[0], size[1]
		m := &Image{C: 1, H: h, W: w, Pix: make([]float32, h*w)}
		for i := range m.Pix {
			m.Pix[i] = float32(i + 1)
		}
		half.Apply(m, key)
		for i, v := range m.Pix {
			if want := float32(h*w - i); v < want-.01 || v > want+.01 {
				t.Fatalf("%dx%d, pixel %d is %v, expected %v: found %v", h, w, i, v, want, m.Pix)
			}
		}
	}
}

// TestCutoutReachesEveryPixel: over many keys every pixel of an oblong image is painted, those of
// the middle as often as one another.
func TestCutoutReachesEveryPixel(t *testing.T) {
	for _, size := range [][2]int{{3, 11}, {11, 3}} {
		h, w := size[0], size[1]
		count := make([]int, h*w)
		for n := range uint64(3000) {
			m := &Image{C: 1, H: h, W: w, Pix: make([]float32, h*w)}
			for i := range m.Pix {
				m.Pix[i] = 1
			}
			Cutout{Size: 1}.Apply(m, tensor.NewKey(n, "cutout"))
			for i, v := range m.Pix {
				if v == 0 {
					count[i]++
				}
			}
		}
		for i, c := range count { // 91 each on average
			if c < 45 || c > 150 {
				t.Errorf("%dx%d: pixel %d is painted %d times of 3000, expected about 91", h, w, i, c)
			}
		}
	}
}

// TestOblongArrays reads arrays of images in every form that has a height and a width.
func TestOblongArrays(t *testing.T) {
	const n, c, h, w = 6, 3, 2, 5
	for name, f := range map[string]struct {
		shape   []int
		last    bool
		channel int
	}{
		"[N, C, H, W]": {[]int{n, c, h, w}, false, c},
		"[N, H, W, C]": {[]int{n, h, w, c}, true, c},
		"[N, H, W]":    {[]int{n, h, w}, false, 1},
	} {
		dir := t.TempDir()
		x := tensor.New[float32](f.shape...)
		for i := range x.Data() {
			x.Data()[i] = float32(i) / float32(x.Len())
		}
		err := errors.Join(npy.WriteFile(filepath.Join(dir, "x.npy"), x), npy.WriteIntsFile(filepath.Join(dir, "y.npy"), []int64{0, 1, 0, 1, 0, 1}, n))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Load(context.Background(), "npy", Options{Dir: dir, TestFraction: .5, Layout: map[bool]string{true: ChannelsLast}[f.last]})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if ch, height, width := s.Train.Shape(); ch != f.channel || height != h || width != w {
			t.Errorf("%s: read as %d channels of %dx%d, expected %d of %dx%d", name, ch, height, width, f.channel, h, w)
		}
		// the elements of the first image, wherever it went
		pix := make([]float32, f.channel*h*w)
		for _, d := range []*Dataset{s.Train, s.Test} {
			for i := range d.Len() {
				if d.Pixels(pix, i); pix[0] != 0 {
					continue
				}
				for ch := range f.channel {
					for y := range h {
						for z := range w {
							at := []int{0, ch, y, z}
							if f.last {
								at = []int{0, y, z, ch}
							} else if len(f.shape) == 3 {
								at = []int{0, y, z}
							}
							if got := pix[(ch*h+y)*w+z]; got != x.At(at...) {
								t.Fatalf("%s: channel %d, row %d, column %d is %v, expected %v", name, ch, y, z, got, x.At(at...))
							}
						}
					}
				}
			}
		}
	}
}
