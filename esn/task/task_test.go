package task

import (
	"math"
	"testing"

	"elegans/tensor"
)

// TestNARMA10 has the mean and variance of the literature.
func TestNARMA10(t *testing.T) {
	u := tensor.Uniform[float64](tensor.NewKey(1, "narma"), 0, .5, 20000).Data()
	y := NARMA10.Series(u)[200:]
	mean, variance := 0.0, 0.0
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		variance += (v - mean) * (v - mean) / float64(len(y))
	}
	if math.Abs(mean-.388) > .01 || math.Abs(variance-.0117) > .001 {
		t.Errorf("mean %v and variance %v, want .388 and .0117", mean, variance)
	}
}

// TestMackeyGlassRefuses names what it was given.
func TestMackeyGlassRefuses(t *testing.T) {
	for _, c := range []struct {
		n       int
		tau     float64
		discard int
	}{{-1, 17, 0}, {10, 0, 0}, {10, math.NaN(), 0}, {10, 17, -1}} {
		if _, err := MackeyGlass(c.n, c.tau, c.discard); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if s, err := MackeyGlass(0, 17, 0); err != nil || len(s) != 0 {
		t.Errorf("no values: %v, %v", s, err)
	}
}

func TestCompareAndValidRows(t *testing.T) {
	y := tensor.FromSlice([]float64{0, 0, 1, 2, 2, 4, 3, 6}, 4, 2)
	if e, err := Compare(y, y); err != nil || e.MSE != 0 || e.R2() != 1 {
		t.Errorf("of itself: %+v, %v", e, err)
	}
	if n := ValidRows(y, y, Deviations(y), .5); n != 4 {
		t.Errorf("valid for %d rows, want all 4", n)
	}
	p := y.Clone()
	p.Set(math.NaN(), 2, 1)
	if n := ValidRows(y, p, Deviations(y), .5); n != 2 {
		t.Errorf("valid for %d rows, want 2: the third is NaN", n)
	}
	if _, err := Compare(y, tensor.New[float64](4, 1)); err == nil {
		t.Error("shapes that differ were compared")
	}
}
