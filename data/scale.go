package data

import (
	"fmt"
	"math"

	"elegans/data/internal/format"
)

// extent is what the values of all parts of a data set say about their scale. The parts are looked
// at together: a test part of zeros and ones belongs to a training part of values up to 255.
type extent struct {
	aboveOne  bool // a value is above 1
	fractions bool // a value is no whole number
}

// join makes e that of two parts.
func (e *extent) join(other extent) {
	e.aboveOne, e.fractions = e.aboveOne || other.aboveOne, e.fractions || other.fractions
}

// settle decides Options.Range from the values of all parts, unless it is given.
func (o *Options) settle(file string, e extent) error {
	switch {
	case o.Range != [2]float64{}:
	case !e.aboveOne:
		o.Range = [2]float64{0, 1}
	case e.fractions:
		return format.New(file, "", "fractions and values above 1", "whole numbers from 0 to 255, or values from 0 to 1, or else a range")
	default:
		o.Range = [2]float64{0, 255}
	}
	if !(o.Range[0] < o.Range[1]) {
		return format.New(file, "", fmt.Sprintf("range %v", o.Range), "the smaller value first")
	}
	return nil
}

// values are those of the images of a part, in a byte each as long as all are whole numbers from 0
// to 255.
type values struct {
	bytes  []byte
	floats []float32 // in place of bytes; nil if there are none
}

// extent looks at all values.
func (v *values) extent() (e extent) {
	for _, b := range v.bytes {
		e.aboveOne = e.aboveOne || b > 1
	}
	for _, x := range v.floats {
		e.aboveOne = e.aboveOne || x > 1
		e.fractions = e.fractions || x != float32(math.Trunc(float64(x)))
	}
	return e
}

// widen turns bytes to floats.
func (v *values) widen(capacity int) {
	v.floats = make([]float32, len(v.bytes), max(capacity, len(v.bytes), 1))
	for i, b := range v.bytes {
		v.floats[i] = float32(b)
	}
	v.bytes = nil
}

// toPlanes turns images [H, W, C] to [C, H, W], each in its place.
func (v *values) toPlanes(c, h, w int) {
	toPlanes(v.bytes, c, h, w)
	toPlanes(v.floats, c, h, w)
}

func toPlanes[E any](v []E, c, h, w int) {
	size := c * h * w
	for old := make([]E, min(size, len(v))); len(v) > 0; v = v[size:] {
		copy(old, v)
		for k := range c {
			for i := range h * w {
				v[k*h*w+i] = old[i*c+k]
			}
		}
	}
}

// dataset makes the images of a part in the scale that settle left. The name of the file and what
// the values are stand in errors.
func (v *values) dataset(o *Options, name, file, what string, classes []string, labels []int, c, h, w int) (*Dataset, error) {
	d := &Dataset{name: name, provenance: what, classes: classes, channels: c, height: h, width: w, labels: labels, ends: o.Range}
	lo, hi := float32(o.Range[0]), float32(o.Range[1])
	if v.floats == nil {
		d.pixels, d.levels = v.bytes, new([256]float32)
		for i, b := range v.bytes {
			if x := float32(b); !(x >= lo && x <= hi) {
				return nil, outside(file, what, i, x, o.Range)
			}
		}
		for p := range d.levels {
			d.levels[p] = (float32(p) - lo) / (hi - lo)
		}
		return d, d.check(len(v.bytes))
	}
	for i, x := range v.floats {
		if !(x >= lo && x <= hi) {
			return nil, outside(file, what, i, x, o.Range)
		}
		v.floats[i] = (x - lo) / (hi - lo)
	}
	d.values = v.floats
	return d, d.check(len(v.floats))
}

func outside(file, what string, i int, x float32, r [2]float64) error {
	return format.New(file, fmt.Sprintf("%s: value %d", what, i), fmt.Sprint(x), fmt.Sprintf("%g to %g", r[0], r[1]))
}
