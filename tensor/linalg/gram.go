package linalg

import (
	"elegans/tensor"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// blockOf returns how many rows of a symmetric product are computed together: a multiple of the
// rows of most micro-kernels. On the diagonal half a block is computed for nothing, and small
// blocks pack their operands more often.
func blockOf(rows int) int { return min(max(rows/70*14, 28), 84) }

// AddGram adds XᵀX to a symmetric matrix:
//
//	a [N, N], lower triangle (some elements above the diagonal are overwritten)
//	x [T, N]
func AddGram(a, x *tensor.Tensor[float64]) {
	n := order("linalg.AddGram", a)
	if x.Dims() != 2 || x.Dim(1) != n {
		tensor.PanicShape("linalg.AddGram", "want rows as long as the matrix", a.Shape(), x.Shape())
	}
	if x.Dim(0) == 0 {
		return
	}
	x = x.Contiguous()
	rank(a.Data(), n, n, gemm.Operand[float64]{Data: x.Data(), Row: 1, Col: n}, x.Dim(0), 1)
}

// rank adds alpha B Bᵀ, B [rows, k], to the lower triangle of a matrix whose rows lie stride apart.
func rank(a []float64, rows, stride int, b gemm.Operand[float64], k int, alpha float64) {
	for lo, block := 0, blockOf(rows); lo < rows; lo += block {
		hi := min(lo+block, rows)
		left := b
		left.Data = b.Data[lo*b.Row:]
		gemm.Run(gemm.Product[float64]{
			M: hi - lo, N: hi, K: k, A: left, B: gemm.Operand[float64]{Data: b.Data, Row: b.Col, Col: b.Row},
			C: a[lo*stride:], CRow: stride, Alpha: alpha, Beta: 1,
		})
	}
}

// AddOuter adds alpha x xᵀ to the lower triangle of a, and multiplies it by scale before.
func AddOuter(a *tensor.Tensor[float64], scale, alpha float64, x []float64) {
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
