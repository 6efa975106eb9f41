package data

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// Image is a picture on its way through augmentations: C planes of H rows of W values.
type Image struct {
	C, H, W int
	Pix     []float32

	tmp []float32 // as long as Pix, for operations that cannot work in place
}

// source copies the pixels aside and returns the copy, so that Pix can be written while the old
// values are read.
func (m *Image) source() []float32 {
	if len(m.tmp) < len(m.Pix) {
		m.tmp = make([]float32, len(m.Pix))
	}
	copy(m.tmp, m.Pix)
	return m.tmp[:len(m.Pix)]
}

// Augment changes an image in place. What it does depends on the image and on the key alone; Loader
// derives a key from seed, epoch, index of the image and place in the list of augmentations. An
// Augment must keep no state and not retain the image.
type Augment interface {
	Apply(m *Image, key tensor.Key)
}

// between draws a whole number from lo to hi.
func between(key tensor.Key, i uint64, lo, hi int) int {
	return lo + int(key.Uint64(i)%uint64(hi-lo+1))
}

// Shift moves the image by up to Max pixels along each axis; Fill takes the places left empty.
type Shift struct {
	Max  int
	Fill float32
}

// Apply implements Augment.
func (s Shift) Apply(m *Image, key tensor.Key) {
	dy, dx := between(key, 0, -s.Max, s.Max), between(key, 1, -s.Max, s.Max)
	if dy != 0 || dx != 0 {
		translate(m, dy, dx, s.Fill)
	}
}

// Crop pads the image on all sides by Pad pixels of value Fill and cuts a piece of the old size
// out, at a random place. It is what the CIFAR literature calls random crop, and moves the image
// like Shift.
type Crop struct {
	Pad  int
	Fill float32
}

// Apply implements Augment.
func (c Crop) Apply(m *Image, key tensor.Key) { Shift{Max: c.Pad, Fill: c.Fill}.Apply(m, key) }

// translate moves the content down by dy and right by dx.
func translate(m *Image, dy, dx int, fill float32) {
	src := m.source()
	lo, hi := min(max(dx, 0), m.W), max(min(m.W+dx, m.W), 0) // columns that receive old values
	for c := range m.C {
		for y := range m.H {
			row := m.Pix[(c*m.H+y)*m.W:][:m.W]
			from := y - dy
			if from < 0 || from >= m.H || lo >= hi {
				paint(row, fill)
				continue
			}
			paint(row[:lo], fill)
			copy(row[lo:hi], src[(c*m.H+from)*m.W+lo-dx:])
			paint(row[hi:], fill)
		}
	}
}

func paint(row []float32, v float32) {
	for i := range row {
		row[i] = v
	}
}

// Flip mirrors the image left to right with probability 1/2. It is wrong for digits and letters.
type Flip struct{}

// Apply implements Augment.
func (Flip) Apply(m *Image, key tensor.Key) {
	if key.Uint64(0)>>63 == 0 {
		return
	}
	for y := range m.C * m.H {
		row := m.Pix[y*m.W:][:m.W]
		for i, j := 0, m.W-1; i < j; i, j = i+1, j-1 {
			row[i], row[j] = row[j], row[i]
		}
	}
}

// Cutout paints a square of side Size with Fill, its centre uniform over the image, so that it may
// stick out (T. DeVries, G. W. Taylor, arXiv:1708.04552).
type Cutout struct {
	Size int
	Fill float32
}

// Apply implements Augment.
func (o Cutout) Apply(m *Image, key tensor.Key) {
	y, x := between(key, 0, 0, m.H-1)-o.Size/2, between(key, 1, 0, m.W-1)-o.Size/2
	lo, hi := max(x, 0), min(x+o.Size, m.W)
	for c := range m.C {
		for i := max(y, 0); i < min(y+o.Size, m.H); i++ {
			paint(m.Pix[(c*m.H+i)*m.W:][lo:max(lo, hi)], o.Fill)
		}
	}
}

// Affine rotates, scales, shears and moves the image about its centre by amounts drawn uniformly
// from plus or minus each field, with bilinear sampling; Fill lies outside.
type Affine struct {
	Degrees float64 // rotation
	Scale   float64 // relative: 0.1 means factors from 0.9 to 1.1
	Shear   float64 // columns a row moves by for each row from the centre
	Shift   float64 // pixels, along each axis
	Fill    float32
}

// Apply implements Augment.
func (a Affine) Apply(m *Image, key tensor.Key) {
	draw := func(i uint64, most float64) float64 { return most * (2*key.Float64(i) - 1) }
	sin, cos := math.Sincos(draw(0, a.Degrees) * math.Pi / 180)
	scale := 1 / (1 + draw(1, a.Scale))
	shear := draw(2, a.Shear)
	dy, dx := draw(3, a.Shift), draw(4, a.Shift)
	// For the pixel at (y, x) of the result, (sy, sx) is the place in the source: the inverse map.
	cy, cx := float64(m.H-1)/2, float64(m.W-1)/2
	yy, yx := cos*scale, -sin*scale
	xy, xx := (sin+shear*cos)*scale, (cos-shear*sin)*scale
	src := m.source()
	plane := m.H * m.W
	for y := range m.H {
		v := float64(y) - cy - dy
		for x := range m.W {
			u := float64(x) - cx - dx
			sy, sx := yy*v+yx*u+cy, xy*v+xx*u+cx
			if !(sy > -1 && sx > -1 && sy < float64(m.H) && sx < float64(m.W)) {
				for c := range m.C {
					m.Pix[c*plane+y*m.W+x] = a.Fill
				}
				continue
			}
			i, j := int(sy+1)-1, int(sx+1)-1 // rounded down, since sy+1 and sx+1 are positive
			wy, wx := float32(sy-float64(i)), float32(sx-float64(j))
			inside := i >= 0 && j >= 0 && i+1 < m.H && j+1 < m.W
			for c := range m.C {
				from := src[c*plane:][:plane]
				var nw, ne, sw, se float32
				if inside {
					o := i*m.W + j
					nw, ne, sw, se = from[o], from[o+1], from[o+m.W], from[o+m.W+1]
				} else {
					nw, ne = a.at(from, i, j, m), a.at(from, i, j+1, m)
					sw, se = a.at(from, i+1, j, m), a.at(from, i+1, j+1, m)
				}
				north, south := nw+wx*(ne-nw), sw+wx*(se-sw)
				m.Pix[c*plane+y*m.W+x] = north + wy*(south-north)
			}
		}
	}
}

// at returns a pixel of a plane, or Fill beyond its edges.
func (a Affine) at(plane []float32, y, x int, m *Image) float32 {
	if y < 0 || x < 0 || y >= m.H || x >= m.W {
		return a.Fill
	}
	return plane[y*m.W+x]
}

// Normalize subtracts the mean of each channel and divides by its standard deviation; one number
// serves all channels. It draws nothing: use it for training and evaluation alike, as the last of
// the list.
type Normalize struct {
	Mean, Std []float32
}

// NewNormalize measures mean and standard deviation of each channel over all images of d (the
// training set). A constant channel gets the standard deviation 1.
func NewNormalize(d *Dataset) Normalize {
	c, h, w := d.Shape()
	sum, square := make([]float64, c), make([]float64, c)
	pix := make([]float32, c*h*w)
	for i := range d.Len() {
		d.Pixels(pix, i)
		for k := range c {
			var s, q float64
			for _, v := range pix[k*h*w:][:h*w] {
				s += float64(v)
				q += float64(v) * float64(v)
			}
			sum[k] += s
			square[k] += q
		}
	}
	n := Normalize{Mean: make([]float32, c), Std: make([]float32, c)}
	count := float64(max(d.Len(), 1) * h * w)
	for k := range c {
		mean := sum[k] / count
		std := math.Sqrt(max(square[k]/count-mean*mean, 0))
		if std < 1e-6 {
			std = 1
		}
		n.Mean[k], n.Std[k] = float32(mean), float32(std)
	}
	return n
}

// Apply implements Augment.
func (n Normalize) Apply(m *Image, _ tensor.Key) {
	mean, std := n.channels("Mean", n.Mean, m.C), n.channels("Std", n.Std, m.C)
	for c := range m.C {
		mu, inv := mean[c%len(mean)], 1/std[c%len(std)]
		plane := m.Pix[c*m.H*m.W:][:m.H*m.W]
		for i, v := range plane {
			plane[i] = (v - mu) * inv
		}
	}
}

func (Normalize) channels(field string, v []float32, c int) []float32 {
	if len(v) != 1 && len(v) != c {
		tensor.PanicUsage("data.Normalize", fmt.Sprintf("%s has %d values for %d channels", field, len(v), c))
	}
	return v
}
