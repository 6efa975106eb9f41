package linalg

import (
	"math"

	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// panel is the number of columns that Cholesky eliminates together.
const panel = 64

// Cholesky replaces the lower triangle of a symmetric matrix by its factor L, A = L Lᵀ, and reports
// whether the matrix is positive definite in floating point: whether no pivot is as small as the
// rounding errors of the largest. If not, what it leaves is of no use. Elements above the diagonal
// are overwritten.
func Cholesky(a *tensor.Tensor[float64]) bool {
	device.Stay("linalg.Cholesky")
	n, d := order("linalg.Cholesky", a), a.Data()
	largest := 0.0
	for i := range n {
		largest = max(largest, d[i*n+i])
	}
	least := largest * float64(n) * 0x1p-52
	var columns []float64 // [panel, rows below]
	for k := 0; k < n; k += panel {
		width := min(panel, n-k)
		if !factor(d[k*n+k:], width, n, least) {
			return false
		}
		below := n - k - width
		if below == 0 {
			break
		}
		if columns == nil {
			columns = make([]float64, panel*below)
		}
		parallel.For(below, 128, substitution{kernel.Of[float64](), d[k*n+k:], d[(k+width)*n+k:], columns, width, n, below})
		gemm.RunSymmetric(gemm.Symmetric[float64]{
			N: below, K: width, A: gemm.Operand[float64]{Data: d[(k+width)*n+k:], Row: n, Col: 1}, C: d[(k+width)*(n+1):], CRow: n, Alpha: -1,
		})
	}
	return true
}

// factor is Cholesky for one block on the diagonal.
func factor(a []float64, size, stride int, least float64) bool {
	for i := range size {
		row := a[i*stride : i*stride+i+1]
		for j := range i + 1 {
			s, other := row[j], a[j*stride:j*stride+j+1]
			for p, v := range other[:j] {
				s -= v * row[p]
			}
			if i > j {
				row[j] = s / other[j]
			} else if s > least { // false for NaN
				row[j] = math.Sqrt(s)
			} else {
				return false
			}
		}
	}
	return true
}

// substitution turns the rows below a factored block into rows of L, as columns of their transpose,
// in which a step takes many of them.
type substitution struct {
	k                    *kernel.Set[float64]
	factor, a, t         []float64
	width, stride, below int
}

func (s *substitution) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		for j, v := range s.a[i*s.stride : i*s.stride+s.width] {
			s.t[j*s.below+i] = v
		}
	}
	for j := range s.width {
		column := s.t[j*s.below+lo : j*s.below+hi]
		row := s.factor[j*s.stride : j*s.stride+j+1]
		for p, v := range row[:j] {
			s.k.AddScaled(column, s.t[p*s.below+lo:p*s.below+hi], -v)
		}
		s.k.BinaryVS[kernel.Div](column, column, row[j])
	}
	for i := lo; i < hi; i++ {
		row := s.a[i*s.stride : i*s.stride+s.width]
		for j := range row {
			row[j] = s.t[j*s.below+i]
		}
	}
}

// CholeskySolve replaces B [N, M] by the solution X of A X = B, given the factor L of A.
func CholeskySolve(l, b *tensor.Tensor[float64]) {
	device.Stay("linalg.CholeskySolve")
	n := order("linalg.CholeskySolve", l)
	if b.Dims() != 2 || b.Dim(0) != n {
		tensor.PanicShape("linalg.CholeskySolve", "want as many rows as the matrix has", l.Shape(), b.Shape())
	}
	t := b.T().Contiguous()
	if m := b.Dim(1); m > 0 {
		if m == 1 && b.IsContiguous() {
			t = b.Reshape(1, n)
		}
		parallel.For(m, grain(n*n), solution{kernel.Of[float64](), l.Data(), t.Data(), n})
	}
	if b.Dim(1) != 1 || !b.IsContiguous() {
		tensor.Copy(b, t.T())
	}
}

type solution struct {
	k    *kernel.Set[float64]
	l, x []float64
	n    int
}

// Do solves for the columns lo to hi-1, which lie side by side.
func (s *solution) Do(lo, hi int) {
	n := s.n
	for c := lo; c < hi; c++ {
		x := s.x[c*n : (c+1)*n]
		for i := range x {
			row := s.l[i*n : i*n+i+1]
			x[i] = (x[i] - s.k.Dot(row[:i], x[:i])) / row[i]
		}
		for i := n - 1; i >= 0; i-- {
			row := s.l[i*n : i*n+i+1]
			x[i] /= row[i]
			s.k.AddScaled(x[:i], row[:i], -x[i])
		}
	}
}
