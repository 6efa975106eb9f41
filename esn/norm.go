package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// SpectralNorm returns the largest singular value of a square matrix, the factor by which it
// lengthens a vector at most. It is at least the spectral radius. A reservoir of tanh neurons whose
// norm is below 1 forgets its first state whatever the input (H. Jaeger, GMD report 148, 2001,
// proposition 3a).
func SpectralNorm[T tensor.Float](w Weights[T]) (float64, error) {
	if err := finite(w); err != nil {
		return 0, err
	}
	m := matrixOf(w)
	return largestSingular(m.n, m.n, len(m.val), m.multiply, m.multiplyTransposed)
}

// largestSingular returns the largest singular value of a matrix [rows, cols] that is given by its
// products, of so many multiply-adds: the root of the largest eigenvalue of MᵀM.
func largestSingular(rows, cols, entries int, multiply, transposed func(y, x []float64)) (float64, error) {
	if rows == 0 || cols == 0 {
		return 0, nil
	}
	between := make([]float64, rows)
	square := func(y, x []float64) {
		multiply(between, x)
		transposed(y, between)
	}
	v, settled := newKrylov(cols, min(cols, krylovSpace), 2*entries, square).largest(krylovRestarts)
	if !settled {
		return 0, fmt.Errorf("esn: the singular values of a matrix of %d x %d did not settle in %d restarts", rows, cols, krylovRestarts)
	}
	return math.Sqrt(v), nil
}

// multiplyTransposed sets y = Mᵀ x.
func (m *sparse) multiplyTransposed(y, x []float64) {
	clear(y)
	for i, v := range x {
		for k := m.ptr[i]; k < m.ptr[i+1]; k++ {
			y[m.col[k]] += m.val[k] * v
		}
	}
}
