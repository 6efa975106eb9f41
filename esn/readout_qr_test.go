package esn

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"

	"elegans/tensor"
)

// TestQRIsRidge: on rows that are well conditioned, and whatever pieces they come in, the weights
// are those of the moments.
func TestQRIsRidge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, f, m := rapid.IntRange(1, 60).Draw(t, "rows"), rapid.IntRange(1, 12).Draw(t, "features"), rapid.IntRange(1, 3).Draw(t, "outputs")
		penalty := rapid.SampledFrom([]float64{.01, 1, 100}).Draw(t, "penalty")
		key := tensor.NewKey(rapid.Uint64().Draw(t, "seed"), "test")
		x, y := tensor.Normal[float64](key.Sub("x"), 3, 1, rows, f), tensor.Normal[float64](key.Sub("y"), -2, 1, rows, m)
		want, err := Ridge(x, y, 0, penalty, Centred)
		if err != nil {
			t.Fatal(err)
		}
		q := &QRReadout{Penalty: penalty, Absolute: true}
		if err := q.Begin(f, m); err != nil {
			t.Fatal(err)
		}
		for from := 0; from < rows; {
			to := min(rows, from+rapid.IntRange(0, 40).Draw(t, "piece"))
			if err := q.Add(x.Slice(0, from, to, 1), y.Slice(0, from, to, 1)); err != nil {
				t.Fatal(err)
			}
			if from = to; rapid.Bool().Draw(t, "solve") && from > 0 {
				if err := q.Solve(); err != nil { // in between, it changes nothing
					t.Fatal(err)
				}
			}
		}
		if err := q.Solve(); err != nil {
			t.Fatal(err)
		}
		if !floats.EqualApprox(q.Linear().Weight.Data(), want.Weight.Data(), 1e-9) || !floats.EqualApprox(q.Linear().Bias.Data(), want.Bias.Data(), 1e-8) {
			t.Errorf("weights %v and bias %v, want %v and %v", q.Linear().Weight.Data(), q.Linear().Bias.Data(), want.Weight.Data(), want.Bias.Data())
		}
	})
}

// TestQRKeepsDigits: features that are nearly the same need their difference, which is lost in the
// moments.
func TestQRKeepsDigits(t *testing.T) {
	const rows, apart = 200, 1e-9
	a, b := tensor.Normal[float64](tensor.NewKey(1, "a"), 0, 1, rows), tensor.Normal[float64](tensor.NewKey(1, "b"), 0, 1, rows)
	x, y := tensor.New[float64](rows, 2), tensor.New[float64](rows, 1)
	for i := range rows {
		x.Set(a.At(i), i, 0)
		x.Set(a.At(i)+apart*b.At(i), i, 1)
		y.Set(b.At(i), i, 0)
	}
	worst := func(r Readout) float64 {
		for _, err := range []error{r.Begin(2, 1), r.Add(x, y), r.Solve()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		p := tensor.New[float64](rows, 1)
		r.Predict(p, x)
		return floats.Distance(p.Data(), y.Data(), math.Inf(1))
	}
	if e := worst(&QRReadout{}); e > 1e-5 {
		t.Errorf("off by %v", e)
	}
	if e := worst(&RidgeReadout{}); e < .1 {
		t.Errorf("the moments are off by only %v: the test shows nothing", e)
	}
}

// TestQROfDependentFeatures gives the shortest solution.
func TestQROfDependentFeatures(t *testing.T) {
	x := tensor.FromSlice([]float64{1, 1, 0, 2, 2, 0, 4, 4, 0}, 3, 3)
	y := tensor.FromSlice([]float64{3, 5, 9}, 3, 1)
	q := &QRReadout{}
	for _, err := range []error{q.Begin(3, 1), q.Add(x, y), q.Solve()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if w := q.Linear(); !floats.EqualApprox(append(w.Weight.Data(), w.Bias.At(0)), []float64{1, 1, 0, 1}, 1e-12) {
		t.Errorf("weights %v and bias %v, want 1, 1, 0 and 1", w.Weight.Data(), w.Bias.At(0))
	}
	constant := &QRReadout{Penalty: 1e-14}
	for _, err := range []error{constant.Begin(1, 1), constant.Add(tensor.New[float64](3, 1), y), constant.Solve()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if w := constant.Linear(); w.Weight.At(0, 0) != 0 || math.Abs(w.Bias.At(0)-17./3) > 1e-12 {
		t.Errorf("of a constant: %v and %v, want 0 and the mean", w.Weight.At(0, 0), w.Bias.At(0))
	}
	for _, penalty := range []float64{-1, math.NaN(), math.Inf(1)} {
		if err := (&QRReadout{Penalty: penalty}).Begin(1, 1); err == nil {
			t.Errorf("penalty %v: no error", penalty)
		}
	}
	empty := &QRReadout{}
	if err := empty.Begin(1, 1); err != nil {
		t.Fatal(err)
	}
	if err := empty.Solve(); err == nil {
		t.Error("no rows were fitted")
	}
}
