package linalg_test

import (
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/linalg"
)

func TestTridiagonal(t *testing.T) {
	for _, n := range sizes {
		a := definite(n)
		forWorkers(t, func() *tensor.Tensor[float64] {
			tri := linalg.NewTridiagonal(a)
			// Q T Qᵀ is the matrix again.
			full := tensor.New[float64](n, n)
			for i, v := range tri.Diagonal {
				full.Set(v, i, i)
			}
			for i, v := range tri.Beside {
				full.Set(v, i, i+1)
				full.Set(v, i+1, i)
			}
			tri.Rotate(full, true)
			back := full.T().Clone()
			tri.Rotate(back, true)
			if d := largest(back, a); !(d <= 1e-12*float64(n+10)) {
				t.Fatalf("%d: the product of the factors is off by %v", n, d)
			}
			// A shifted system has the solution of Cholesky's, and its inverse the same trace.
			b := random("b", n, 3)
			for _, s := range []float64{0, 0.5, 10} {
				f, ok := tri.Shift(s)
				if !ok {
					t.Fatalf("%d: not positive definite with %v added", n, s)
				}
				l, want, inverse := a.Clone(), b.Clone(), tensor.New[float64](n, n)
				for i := range n {
					l.Set(l.At(i, i)+s, i, i)
					inverse.Set(1, i, i)
				}
				linalg.Cholesky(l)
				linalg.CholeskySolve(l, want)
				linalg.CholeskySolve(l, inverse)
				got := b.Clone()
				tri.Rotate(got, false)
				rows := got.T().Clone()
				tri.Solve(&f, rows)
				got = rows.T().Clone()
				tri.Rotate(got, true)
				for i, v := range want.Data() {
					if d := math.Abs(got.Data()[i] - v); !(d <= 1e-9*(1+math.Abs(v))) {
						t.Fatalf("%d, shift %v: solution %v, want %v", n, s, got.Data()[i], v)
					}
				}
				trace := 0.0
				for i := range n {
					trace += inverse.At(i, i)
				}
				if !(math.Abs(f.Trace()-trace) <= 1e-9*trace) {
					t.Fatalf("%d, shift %v: trace %v, want %v", n, s, f.Trace(), trace)
				}
			}
			return back
		})
		if _, ok := linalg.NewTridiagonal(a).Shift(-1e9); ok {
			t.Fatalf("%d: an indefinite matrix is taken for positive definite", n)
		}
	}
}
