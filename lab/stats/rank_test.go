package stats

import (
	"math"
	"testing"

	"elegans/tensor"
)

func TestRank(t *testing.T) {
	members := []float64{5, 1, 4, 2, 3, 6, 7, 8, 9}
	for _, c := range []struct {
		name          string
		value         float64
		higher        bool
		better, worse int
		p, percentile float64
	}{
		{"best of high", 10, true, 9, 0, .2, 1},
		{"worst of high", 0, true, 0, 9, .2, 0},
		{"best of low", 0, false, 9, 0, .2, 1},
		{"a tie in the middle", 5, true, 4, 4, 1, .5},
		{"second", 8.5, true, 8, 1, .4, 8. / 9},
		{"not a number", math.NaN(), false, 0, 9, .2, 0},
	} {
		r := NewRank(c.value, members, c.higher, tensor.NewKey(1, "rank"))
		if r.Better != c.better || r.Worse != c.worse || math.Abs(r.P-c.p) > 1e-15 || math.Abs(r.Percentile-c.percentile) > 1e-15 {
			t.Errorf("%s: better than %d, worse than %d, p %v, percentile %v, want %d, %d, %v, %v",
				c.name, r.Better, r.Worse, r.P, r.Percentile, c.better, c.worse, c.p, c.percentile)
		}
		if r.Delta != float64(c.better-c.worse)/9 || r.DeltaLow > r.Delta || r.DeltaHigh < r.Delta {
			t.Errorf("%s: delta %v in %v to %v", c.name, r.Delta, r.DeltaLow, r.DeltaHigh)
		}
	}
	// The members are 1 to 9: mean 5, deviation sqrt(60/8).
	if r := NewRank(2, members, false, tensor.NewKey(1, "rank")); math.Abs(r.Z-3/math.Sqrt(7.5)) > 1e-15 {
		t.Errorf("z %v, want %v", r.Z, 3/math.Sqrt(7.5))
	}
	if r := NewRank(2, []float64{1, 1}, true, tensor.NewKey(1, "rank")); r.Z != 0 {
		t.Errorf("z %v without scatter, want 0", r.Z)
	}
	r := NewRank(1, []float64{math.NaN(), 2}, true, tensor.NewKey(1, "rank"))
	if r.Better != 1 || r.Worse != 1 {
		t.Errorf("a member that is not a number: better than %d, worse than %d, want 1 and 1", r.Better, r.Worse)
	}
}

// TestDeltaInterval: the interval of Cliff's delta is that of a binomial proportion.
func TestDeltaInterval(t *testing.T) {
	var members []float64
	for i := range 400 {
		members = append(members, float64(i))
	}
	r := NewRank(299.5, members, true, tensor.NewKey(1, "rank")) // better than three quarters
	half := 2 * 1.96 * math.Sqrt(.75*.25/400)
	if math.Abs(r.DeltaLow-(r.Delta-half)) > .01 || math.Abs(r.DeltaHigh-(r.Delta+half)) > .01 {
		t.Errorf("delta %v in %v to %v, want ± %v", r.Delta, r.DeltaLow, r.DeltaHigh, half)
	}
}
