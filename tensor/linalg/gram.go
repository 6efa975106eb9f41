package linalg

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// AddGram adds XᵀX to a symmetric matrix:
//
//	a [N, N], lower triangle (some elements above the diagonal are overwritten)
//	x [T, N]
func AddGram(a, x *tensor.Tensor[float64]) {
	device.Stay("linalg.AddGram")
	moments("linalg.AddGram", a, x, nil, nil, nil)
}

// AddMoments adds to the moments of X about a mean m, and to those of X and Y:
//
//	a += (X-m)ᵀ(X-m)  [N, N], lower triangle, as AddGram
//	b += Yᵀ(X-m)      [M, N]
//	x [T, N], mean [N], y [T, M]
func AddMoments(a, b, x, y *tensor.Tensor[float64], mean []float64) {
	device.Stay("linalg.AddMoments")
	const op = "linalg.AddMoments"
	if x.Dims() != 2 || y.Dims() != 2 || x.Dim(0) != y.Dim(0) || b.Dims() != 2 || b.Dim(0) != y.Dim(1) || b.Dim(1) != x.Dim(1) || !b.IsContiguous() {
		tensor.PanicShape(op, "want x [T, N], y [T, M] and b [M, N]", x.Shape(), y.Shape(), b.Shape())
	}
	if len(mean) != x.Dim(1) {
		tensor.PanicShape(op, "want a mean of each column", x.Shape(), []int{len(mean)})
	}
	moments(op, a, x, mean, b, y.Contiguous())
}

// moments adds to those of x, and of x and y if there is one.
func moments(op string, a, x *tensor.Tensor[float64], mean []float64, b, y *tensor.Tensor[float64]) {
	n := order(op, a)
	if x.Dims() != 2 || x.Dim(1) != n {
		tensor.PanicShape(op, "want rows as long as the matrix", a.Shape(), x.Shape())
	}
	if x.Dim(0) == 0 || n == 0 {
		return
	}
	x = x.Contiguous()
	p := gemm.Symmetric[float64]{
		N: n, K: x.Dim(0), A: gemm.Operand[float64]{Data: x.Data(), Row: 1, Col: n}, Mean: mean, C: a.Data(), CRow: n, Alpha: 1,
	}
	if y != nil && y.Dim(1) > 0 {
		p.With, p.Cross, p.M = y.Data(), b.Data(), y.Dim(1)
	}
	gemm.RunSymmetric(p)
}

// AddOuter adds alpha x xᵀ to the lower triangle of a, and multiplies it by scale before.
func AddOuter(a *tensor.Tensor[float64], scale, alpha float64, x []float64) {
	device.Stay("linalg.AddOuter")
	n := order("linalg.AddOuter", a)
	if len(x) != n {
		tensor.PanicShape("linalg.AddOuter", "want a vector as long as the matrix", a.Shape(), []int{len(x)})
	}
	parallel.For(n, grain(n), outer{kernel.Of[float64](), a.Data(), scale, alpha, x})
}

type outer struct {
	k            *kernel.Set[float64]
	a            []float64
	scale, alpha float64
	x            []float64
}

func (o *outer) Do(lo, hi int) {
	n := len(o.x)
	for i := lo; i < hi; i++ {
		row := o.a[i*n : i*n+i+1]
		if o.scale != 1 {
			o.k.BinaryVS[kernel.Mul](row, row, o.scale)
		}
		o.k.AddScaled(row, o.x[:i+1], o.alpha*o.x[i])
	}
}

// grain is the number of rows of a matrix that one goroutine takes at a time.
func grain(n int) int { return max(1, (1<<16)/max(n, 1)) }

// Mirror copies the lower triangle of a matrix to the upper one.
func Mirror(a *tensor.Tensor[float64]) {
	device.Stay("linalg.Mirror")
	n, d := order("linalg.Mirror", a), a.Data()
	const tile = 32 // of which two stay in the near cache
	for r := 0; r < n; r += tile {
		for c := 0; c <= r; c += tile {
			for i := r; i < min(r+tile, n); i++ {
				for j := c; j < min(c+tile, i); j++ {
					d[j*n+i] = d[i*n+j]
				}
			}
		}
	}
}

// order returns N of a square matrix.
func order(op string, a *tensor.Tensor[float64]) int {
	if a.Dims() != 2 || a.Dim(0) != a.Dim(1) || !a.IsContiguous() {
		tensor.PanicShape(op, "want a contiguous square matrix", a.Shape())
	}
	return a.Dim(0)
}
