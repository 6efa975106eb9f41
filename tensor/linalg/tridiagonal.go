package linalg

import (
	"math"

	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Tridiagonal is a symmetric matrix A = Q T Qᵀ, T with entries on the diagonal and beside it only
// and Q orthogonal. With it A + s I is solved for any number of shifts s at little more than the
// cost of one factorisation: T + s I takes O(N), Q is the same for all.
type Tridiagonal struct {
	Diagonal, Beside []float64 // [N] and [N-1]
	n                int
	// Q is the product of the reflections I - tau[k] v vᵀ; v, whose first k+1 elements are 0, is
	// row k of v.
	v   []float64
	tau []float64
}

// NewTridiagonal reduces a symmetric matrix by Householder's reflections (G. Golub and C. Van Loan,
// Matrix Computations, algorithm 8.3.1), in 4/3 N³ operations.
func NewTridiagonal(a *tensor.Tensor[float64]) *Tridiagonal {
	device.Stay("linalg.NewTridiagonal")
	n := order("linalg.NewTridiagonal", a)
	w := a.Clone()
	Mirror(w)
	d, k := w.Data(), kernel.Of[float64]()
	t := &Tridiagonal{Diagonal: make([]float64, n), Beside: make([]float64, max(n-1, 0)), n: n, v: d, tau: make([]float64, n)}
	p := make([]float64, n)
	for c := range n - 1 {
		x := d[c*n+c+1 : (c+1)*n] // row c from its diagonal on, which is also the column
		t.Diagonal[c] = d[c*n+c]
		tail := k.SumSq(x[1:])
		if tail == 0 {
			t.Beside[c] = x[0]
			clear(x)
			continue
		}
		norm := -math.Copysign(math.Sqrt(x[0]*x[0]+tail), x[0])
		t.Beside[c] = norm
		t.tau[c] = (norm - x[0]) / norm
		k.BinaryVS[kernel.Mul](x[1:], x[1:], 1/(x[0]-norm))
		x[0] = 1
		// The rest B becomes B - x wᵀ - w xᵀ with p = tau B x, w = p - tau/2 (pᵀ x) x.
		rest, m := d[(c+1)*n+c+1:], n-c-1
		w := p[:m]
		clear(w)
		parallel.For(m, grain(m), reflection{k, rest, n, x, w, false})
		k.BinaryVS[kernel.Mul](w, w, t.tau[c])
		k.AddScaled(w, x, -t.tau[c]/2*k.Dot(w, x))
		parallel.For(m, grain(m), reflection{k, rest, n, x, w, true})
	}
	if n > 0 {
		t.Diagonal[n-1] = d[n*n-1]
	}
	return t
}

// reflection is a part of a step: w += B x, or B -= x wᵀ + w xᵀ.
type reflection struct {
	k      *kernel.Set[float64]
	b      []float64
	stride int
	x, w   []float64
	update bool
}

func (r *reflection) Do(lo, hi int) {
	if !r.update {
		r.k.MatVec(r.w[lo:hi], r.b[lo*r.stride:], r.stride, r.x)
		return
	}
	for i := lo; i < hi; i++ {
		row := r.b[i*r.stride:][:len(r.x)]
		r.k.AddScaled(row, r.w, -r.x[i])
		r.k.AddScaled(row, r.x, -r.w[i])
	}
}

// Rotate replaces B [N, M] by Qᵀ B, or by Q B if back is true.
func (t *Tridiagonal) Rotate(b *tensor.Tensor[float64], back bool) {
	device.Stay("linalg.Rotate")
	if b.Dims() != 2 || b.Dim(0) != t.n {
		tensor.PanicShape("linalg.Rotate", "want as many rows as the matrix has", []int{t.n, t.n}, b.Shape())
	}
	c := b.T().Clone()
	parallel.For(b.Dim(1), grain(t.n*t.n), rotation{kernel.Of[float64](), t, c.Data(), back})
	tensor.Copy(b, c.T())
}

type rotation struct {
	k    *kernel.Set[float64]
	t    *Tridiagonal
	x    []float64
	back bool
}

func (r *rotation) Do(lo, hi int) {
	n := r.t.n
	for c := lo; c < hi; c++ {
		x := r.x[c*n : (c+1)*n]
		for i := range n - 1 {
			k := i
			if r.back {
				k = n - 2 - i
			}
			if r.t.tau[k] != 0 {
				v := r.t.v[k*n+k+1 : (k+1)*n]
				r.k.AddScaled(x[k+1:], v, -r.t.tau[k]*r.k.Dot(v, x[k+1:]))
			}
		}
	}
}

// Shifted is the factored matrix T + s I.
type Shifted struct {
	pivots, ratios []float64 // [N]: of the elimination from above
	trace          float64
}

// Shift factors T + s I and reports whether it is positive definite in floating point.
func (t *Tridiagonal) Shift(s float64) (Shifted, bool) {
	n := t.n
	f := Shifted{pivots: make([]float64, n), ratios: make([]float64, n)}
	largest := 0.0
	for _, v := range t.Diagonal {
		largest = max(largest, math.Abs(v)+s)
	}
	least := largest * float64(n) * 0x1p-52
	for i, v := range t.Diagonal {
		f.pivots[i] = v + s
		if i > 0 {
			f.ratios[i] = t.Beside[i-1] / f.pivots[i-1]
			f.pivots[i] -= f.ratios[i] * t.Beside[i-1]
		}
		if !(f.pivots[i] > least) {
			return f, false
		}
	}
	// Element (i, i) of the inverse is 1/(a + b - v), where a and b are the pivots of the
	// elimination from above and from below.
	below := 0.0
	for i := n - 1; i >= 0; i-- {
		v := t.Diagonal[i] + s
		if i == n-1 {
			below = v
		} else {
			below = v - t.Beside[i]*t.Beside[i]/below
		}
		f.trace += 1 / (f.pivots[i] + below - v)
	}
	return f, true
}

// Trace returns the trace of the inverse.
func (f *Shifted) Trace() float64 { return f.trace }

// Solve replaces every row x [N] of X [M, N] by the solution of (T + s I) y = x.
func (t *Tridiagonal) Solve(f *Shifted, x *tensor.Tensor[float64]) {
	device.Stay("linalg.Solve")
	if x.Dims() != 2 || x.Dim(1) != t.n || !x.IsContiguous() {
		tensor.PanicShape("linalg.Solve", "want contiguous rows as long as the matrix", x.Shape(), []int{t.n, t.n})
	}
	parallel.For(x.Dim(0), grain(t.n), sweep{t, f, x.Data()})
}

type sweep struct {
	t *Tridiagonal
	f *Shifted
	x []float64
}

func (s *sweep) Do(lo, hi int) {
	n := s.t.n
	for r := lo; r < hi; r++ {
		x := s.x[r*n : (r+1)*n]
		for i := 1; i < n; i++ {
			x[i] -= s.f.ratios[i] * x[i-1]
		}
		for i := n - 1; i >= 0; i-- {
			x[i] /= s.f.pivots[i]
			if i+1 < n {
				x[i] -= s.f.ratios[i+1] * x[i+1]
			}
		}
	}
}
