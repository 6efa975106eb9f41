package esn_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"elegans/esn"
	"elegans/tensor"
)

// TestSoftmaxLaws draws problems of any shape: probabilities sum to 1, a standardised readout does
// not depend on the units of its features, nor any on the order of the classes, and without weight
// in the features it tells how frequent the classes are.
func TestSoftmaxLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows, n, m := rapid.IntRange(3, 60).Draw(r, "rows"), rapid.IntRange(0, 6).Draw(r, "features"), rapid.IntRange(2, 4).Draw(r, "classes")
		k := tensor.NewKey(rapid.Uint64().Draw(r, "seed"), "laws")
		labels := rapid.SliceOfN(rapid.IntRange(0, m-1), rows, rows).Draw(r, "labels")
		x, y := tensor.Normal[float64](k, 0, 1, rows, n), oneHot(labels, m)
		predict := func(x, y *tensor.Tensor[float64]) *tensor.Tensor[float64] {
			s := esn.NewSoftmaxReadout()
			if err := s.Begin(n, m); err != nil {
				r.Fatal(err)
			}
			if err := s.Add(x, y); err != nil {
				r.Fatal(err)
			}
			if err := s.Solve(); err != nil {
				r.Fatal(err)
			}
			p := tensor.New[float64](rows, m)
			s.Predict(p, x)
			return p
		}
		same := func(what string, a, b *tensor.Tensor[float64]) {
			for i, v := range a.Contiguous().Data() {
				if w := b.Contiguous().Data()[i]; !(math.Abs(v-w) < 1e-6) {
					r.Fatalf("%s: probability %d is %v, want %v", what, i, v, w)
				}
			}
		}
		p := predict(x, y)
		for i := range rows {
			sum := 0.0
			for j := range m {
				sum += p.At(i, j)
			}
			if math.Abs(sum-1) > 1e-12 {
				r.Fatalf("row %d sums to %v", i, sum)
			}
		}
		units := x.Clone()
		tensor.Scale(units, units, 37)
		tensor.AddScalar(units, units, -5)
		same("other units", predict(units, y), p)
		flipped, back := tensor.New[float64](rows, m), tensor.New[float64](rows, m)
		tensor.Flip(flipped, y, 1)
		tensor.Flip(back, predict(x, flipped), 1)
		same("other order", back, p)
		// The bias is free, so the mean probability of each class is its frequency.
		mean, frequency := tensor.New[float64](m), tensor.New[float64](m)
		tensor.ReduceMean(mean, p, 0)
		tensor.ReduceMean(frequency, y, 0)
		for _, c := range labels {
			if frequency.At(c) == 1 {
				return // of one class alone the bias would be infinite
			}
		}
		same("frequencies", mean, frequency)
	})
}
