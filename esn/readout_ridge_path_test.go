package esn_test

import (
	"math"
	"testing"

	"elegans/esn"
)

// TestRidgeReadoutPath: a penalty that a network's readout takes from a path gives the outputs of
// one that is fitted with it, and the readout is the same as long as it takes none.
func TestRidgeReadoutPath(t *testing.T) {
	c := esn.Defaults()
	c.Neurons, c.Washout = 30, 10
	s := sequence(200, 1, 2, 1)
	penalties := []float64{1e-10, 1e-4, 1}
	for _, absolute := range []bool{false, true} {
		network := func(penalty float64) (*esn.Network[float64], *esn.RidgeReadout) {
			r := esn.NewRidgeReadout()
			r.Penalty, r.Absolute = penalty, absolute
			n, err := esn.NewNetwork[float64](c, 1, 2, r)
			check(err)
			check(n.Fit([]esn.Sequence{s}))
			return n, r
		}
		n, r := network(1e-6)
		path, err := r.Path(penalties)
		check(err)
		before, err := n.Predict(s.Input)
		check(err)
		if own, _ := network(1e-6); true {
			y, err := own.Predict(s.Input)
			check(err)
			for i, v := range y.Data() {
				if before.Data()[i] != v {
					t.Fatalf("a path alone changes output %d from %v to %v", i, v, before.Data()[i])
				}
			}
		}
		for i, penalty := range penalties {
			check(r.Take(path, i))
			if math.Abs(r.Penalty-penalty) > 1e-12*penalty {
				t.Errorf("penalty %v, want %v", r.Penalty, penalty)
			}
			got, err := n.Predict(s.Input)
			check(err)
			fitted, _ := network(penalty)
			want, err := fitted.Predict(s.Input)
			check(err)
			for j, v := range want.Data() {
				if math.Abs(got.Data()[j]-v) > 1e-6 {
					t.Fatalf("penalty %v: output %d is %v, want %v", penalty, j, got.Data()[j], v)
				}
			}
		}
		if best := path.Best(); best < 0 || best >= len(penalties) {
			t.Errorf("best penalty %d", best)
		}
		_, other := network(1e-6)
		if err := other.Take(path, 0); err == nil {
			t.Error("a readout takes a penalty of a path of another")
		}
	}
	if _, err := esn.NewRidgeReadout().Path(penalties); err == nil {
		t.Error("a path without rows")
	}
}
