package linalg_test

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/linalg"
)

var sizes = []int{1, 2, 3, 7, 63, 64, 65, 84, 85, 130, 200}

// random returns a matrix of standard normal numbers.
func random(purpose string, rows, cols int) *tensor.Tensor[float64] {
	return tensor.Normal[float64](tensor.NewKey(1, purpose), 0, 1, rows, cols)
}

// definite returns a positive definite matrix.
func definite(n int) *tensor.Tensor[float64] {
	x, a := random("definite", n+5, n), tensor.New[float64](n, n)
	tensor.MatMul(a, x.T(), x)
	return a
}

// largest returns the largest difference of the lower triangles.
func largest(a, b *tensor.Tensor[float64]) float64 {
	most := 0.0
	for i := range a.Dim(0) {
		for j := range i + 1 {
			d := math.Abs(a.At(i, j) - b.At(i, j))
			if !(d <= most) {
				most = d
			}
		}
	}
	return most
}

// forWorkers calls f with several numbers of goroutines; what it returns must have the same bits.
func forWorkers(t *testing.T, f func() *tensor.Tensor[float64]) {
	t.Helper()
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	var first *tensor.Tensor[float64]
	for _, w := range []int{1, 2, 3, 8} {
		tensor.SetWorkers(w)
		got := f()
		if first == nil {
			first = got
		}
		for i, v := range got.Data() {
			if math.Float64bits(first.Data()[i]) != math.Float64bits(v) {
				t.Fatalf("%d goroutines change element %d from %v to %v", w, i, first.Data()[i], v)
			}
		}
	}
}

func TestAddGram(t *testing.T) {
	for _, n := range sizes {
		for _, rows := range []int{0, 1, 7, 300} {
			x, old := random("x", rows, n), random("old", n, n)
			want := old.Clone()
			tensor.Gemm(want, x.T(), x, 1, 1)
			forWorkers(t, func() *tensor.Tensor[float64] {
				a := old.Clone()
				linalg.AddGram(a, x)
				if d := largest(a, want); !(d <= 1e-12*float64(rows+1)) {
					t.Fatalf("%d rows of %d: off by %v", rows, n, d)
				}
				linalg.Mirror(a)
				if d := largest(a, a.T()); d != 0 {
					t.Fatalf("%d rows of %d: the mirrored triangle is off by %v", rows, n, d)
				}
				return a
			})
		}
	}
}

func TestAddOuter(t *testing.T) {
	for _, n := range sizes {
		x, old := random("x", n, 1), random("old", n, n)
		want := old.Clone()
		tensor.Gemm(want, x, x.T(), -0.7, 0.9)
		forWorkers(t, func() *tensor.Tensor[float64] {
			a := old.Clone()
			linalg.AddOuter(a, 0.9, -0.7, x.Data())
			if d := largest(a, want); !(d <= 1e-14) {
				t.Fatalf("%d: off by %v", n, d)
			}
			return a
		})
	}
}

func TestCholesky(t *testing.T) {
	for _, n := range sizes {
		a, b := definite(n), random("b", n, 3)
		for i := range n { // what lies above the diagonal does not count
			for j := i + 1; j < n; j++ {
				a.Set(math.NaN(), i, j)
			}
		}
		forWorkers(t, func() *tensor.Tensor[float64] {
			l := a.Clone()
			if !linalg.Cholesky(l) {
				t.Fatalf("%d: not positive definite", n)
			}
			for i := range n {
				for j := i + 1; j < n; j++ {
					l.Set(0, i, j)
				}
			}
			back := tensor.New[float64](n, n)
			tensor.MatMul(back, l, l.T())
			if d := largest(back, a); !(d <= 1e-13*float64(n+10)) {
				t.Fatalf("%d: the product of the factors is off by %v", n, d)
			}
			x := b.Clone()
			linalg.CholeskySolve(l, x)
			full, left := a.Clone(), tensor.New[float64](n, 3)
			linalg.Mirror(full)
			tensor.MatMul(left, full, x)
			for i, v := range left.Data() {
				if d := math.Abs(v - b.Data()[i]); !(d <= 1e-9) {
					t.Fatalf("%d: the residual is %v", n, d)
				}
			}
			one := b.Slice(1, 1, 2, 1).Clone()
			linalg.CholeskySolve(l, one)
			for i := range n {
				if one.At(i, 0) != x.At(i, 1) {
					t.Fatalf("%d: one column alone has another solution", n)
				}
			}
			return x
		})
	}
}

func TestCholeskyFails(t *testing.T) {
	for _, n := range []int{1, 5, 64, 100} {
		for name, spoil := range map[string]func(a *tensor.Tensor[float64]){
			"negative":        func(a *tensor.Tensor[float64]) { a.Set(-1, n-1, n-1) },
			"zero":            func(a *tensor.Tensor[float64]) { clear(a.Data()) },
			"not a number":    func(a *tensor.Tensor[float64]) { a.Set(math.NaN(), n/2, 0) },
			"two equal rows":  func(a *tensor.Tensor[float64]) { equalRows(a) },
			"infinite number": func(a *tensor.Tensor[float64]) { a.Set(math.Inf(1), n-1, 0) },
		} {
			if n == 1 && name == "two equal rows" {
				continue
			}
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				a := definite(n)
				if spoil(a); linalg.Cholesky(a) {
					t.Fatal("taken for positive definite")
				}
			})
		}
	}
}

// equalRows makes the last neuron a copy of the first.
func equalRows(a *tensor.Tensor[float64]) {
	n := a.Dim(0)
	for j := range n {
		a.Set(a.At(0, j), n-1, j)
		a.Set(a.At(j, 0), j, n-1)
	}
	a.Set(a.At(0, 0), n-1, n-1)
}

func TestAddMoments(t *testing.T) {
	for _, n := range sizes {
		for _, rows := range []int{0, 1, 7, 300} {
			for _, m := range []int{0, 1, 2, 17} {
				x, y, old, b := random("x", rows, n), random("y", rows, m), random("old", n, n), random("b", m, n)
				mean := random("mean", 1, n).Data()
				about := tensor.New[float64](rows, n)
				tensor.Sub(about, x, tensor.FromSlice(mean, n))
				want, wantB := old.Clone(), b.Clone()
				tensor.Gemm(want, about.T(), about, 1, 1)
				tensor.Gemm(wantB, y.T(), about, 1, 1)
				forWorkers(t, func() *tensor.Tensor[float64] {
					a, c := old.Clone(), b.Clone()
					linalg.AddMoments(a, c, x, y, mean)
					if d := largest(a, want); !(d <= 1e-12*float64(rows+1)) {
						t.Fatalf("%d rows of %d: off by %v", rows, n, d)
					}
					for i, v := range c.Data() {
						if d := math.Abs(v - wantB.Data()[i]); !(d <= 1e-12*float64(rows+1)) {
							t.Fatalf("%d rows of %d, %d targets: element %d is off by %v", rows, n, m, i, d)
						}
					}
					linalg.Mirror(a)
					both := tensor.New[float64](n+m, n)
					tensor.Copy(both.Slice(0, 0, n, 1), a)
					tensor.Copy(both.Slice(0, n, n+m, 1), c)
					return both
				})
			}
		}
	}
}
