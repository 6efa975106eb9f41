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

// add looks at the values of a part.
func (e *extent) add(v []float32) {
	for _, x := range v {
		e.aboveOne = e.aboveOne || x > 1
		e.fractions = e.fractions || x != float32(math.Trunc(float64(x)))
	}
}

// addBytes looks at a part whose values are bytes.
func (e *extent) addBytes(b []byte) {
	for _, x := range b {
		e.aboveOne = e.aboveOne || x > 1
	}
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

// scale brings the values of a part to [0, 1] by the range that settle left, in place.
func (o *Options) scale(file string, v []float32) error {
	lo, hi := float32(o.Range[0]), float32(o.Range[1])
	for i, x := range v {
		if !(x >= lo && x <= hi) {
			return format.New(file, fmt.Sprintf("value %d", i), fmt.Sprint(x), fmt.Sprintf("%g to %g", lo, hi))
		}
		v[i] = (x - lo) / (hi - lo)
	}
	return nil
}
