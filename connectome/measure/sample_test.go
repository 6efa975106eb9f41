package measure

import (
	"math"
	"testing"

	"elegans/connectome"
)

// TestDescribe describes samples of odd and even size, in any order.
func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		values []int
		want   Stats
	}{
		{[]int{7}, Stats{7, 0, 7, 7, 7}},
		{[]int{5, 2}, Stats{3.5, 1.5, 3.5, 2, 5}},
		{[]int{9, 1, 2}, Stats{4, math.Sqrt(38. / 3), 2, 1, 9}},
		{[]int{1, 10, 2, 3}, Stats{4, math.Sqrt(12.5), 2.5, 1, 10}},
		{nil, Stats{}},
	} {
		got := Describe(c.values)
		if math.Abs(got.Mean-c.want.Mean) > 1e-12 || math.Abs(got.SD-c.want.SD) > 1e-12 || got.Median != c.want.Median || got.Min != c.want.Min || got.Max != c.want.Max {
			t.Errorf("%v: %+v, expected %+v", c.values, got, c.want)
		}
	}
}

// TestPathsOfUnreached: pairs without a path have no part in the mean, and count 0 in the
// efficiency.
func TestPathsOfUnreached(t *testing.T) {
	// 0 -> 1 -> 2, and 3 by itself
	p := &connectome.Projection{Adj: [][]int{{1}, {2}, {}, {}}}
	got := Paths(p)
	if want := (1 + 1 + .5) / 12; got.Mean != 4./3 || got.Diameter != 2 || math.Abs(got.Efficiency-want) > 1e-12 {
		t.Errorf("%+v, expected a mean of 4/3, a diameter of 2 and an efficiency of %v", got, want)
	}
}

// TestDegreeAssortativityByDefinition compares with Pearson's correlation of the out-degree of the
// sender and the in-degree of the receiver, of a graph in which in- and out-degrees differ.
func TestDegreeAssortativityByDefinition(t *testing.T) {
	p := &connectome.Projection{Adj: [][]int{{1, 2, 3, 4}, {2}, {3, 4}, {0}, {2}}}
	in, out := make([]float64, p.Len()), make([]float64, p.Len())
	for u, row := range p.Adj {
		out[u] = float64(len(row))
		for _, v := range row {
			in[v]++
		}
	}
	var x, y []float64
	for u, row := range p.Adj {
		for _, v := range row {
			x, y = append(x, out[u]), append(y, in[v])
		}
	}
	mean := func(v []float64) (m float64) {
		for _, a := range v {
			m += a / float64(len(v))
		}
		return m
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
		yy += (y[i] - my) * (y[i] - my)
	}
	if got, want := DegreeAssortativity(p), xy/math.Sqrt(xx*yy); math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, expected %v", got, want)
	}
}
