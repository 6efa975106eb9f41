package esn

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
)

// Where many eigenvalues have nearly one modulus, a space that settles late may have missed the
// largest. So for up to denseSoon neurons all eigenvalues are computed after soonRestarts, which
// one random matrix in two hundred needs, and up to denseRadius if it never settles.
const (
	denseSoon, soonRestarts = 500, 12
	denseRadius             = 2000
)

// SpectralRadius returns the largest modulus of the eigenvalues of a square matrix.
//
// It is a Krylov-Schur iteration (G. W. Stewart, A Krylov-Schur algorithm for large eigenproblems,
// SIAM J. Matrix Anal. 23, 2001), an Arnoldi iteration that restarts with the part of its space
// that belongs to the eight largest Ritz values. With a single one, as other libraries ask for, it
// settles on an eigenvalue that is not the largest for one random matrix in ten, because the
// largest ones of a random matrix differ little in modulus. A matrix that is no larger than the
// space is treated exactly.
//
// The strongly connected parts of the network are taken one by one, since the eigenvalues of the
// whole are those of the parts. So a network without cycles has a radius of exactly 0, where the
// eigenvalues of its matrix, which is defective, would come out as large as the n-th root of the
// rounding error.
func SpectralRadius[T tensor.Float](w Weights[T]) (float64, error) {
	if err := finite(w); err != nil {
		return 0, err
	}
	return matrixOf(w).spectralRadius()
}

// spectralRadius is SpectralRadius.
func (m *sparse) spectralRadius() (float64, error) {
	top := 0.0
	for _, part := range strong(m) {
		r, err := part.radius()
		if err != nil {
			return 0, err
		}
		top = max(top, r)
	}
	return top, nil
}

// radius is SpectralRadius of a strongly connected network.
func (m *sparse) radius() (float64, error) {
	switch {
	case len(m.val) < m.n: // one neuron that does not hear itself
		return 0, nil
	case len(m.val) == m.n: // a cycle, whose eigenvalues all have one modulus
		logs := 0.0
		for _, v := range m.val {
			logs += math.Log(math.Abs(v))
		}
		return math.Exp(logs / float64(m.n)), nil
	}
	// An exact scale, so that no square of an entry is lost.
	_, scale := math.Frexp(floats.Norm(m.val, math.Inf(1)))
	m = &sparse{n: m.n, ptr: m.ptr, col: m.col, val: slices.Clone(m.val)}
	for i, v := range m.val {
		m.val[i] = math.Ldexp(v, -scale)
	}
	restarts := krylovRestarts
	if m.n <= denseSoon {
		restarts = soonRestarts
	}
	r, settled := newKrylov(m.n, min(m.n, krylovSpace), len(m.val), m.product()).largest(restarts)
	if settled {
		return math.Ldexp(r, scale), nil
	}
	if m.n > denseRadius {
		return 0, fmt.Errorf("esn: the eigenvalues of %d neurons did not settle in %d restarts, as happens where many have nearly one modulus", m.n, restarts)
	}
	full := mat.NewDense(m.n, m.n, nil)
	for i := range m.n {
		for k := m.ptr[i]; k < m.ptr[i+1]; k++ {
			full.Set(i, m.col[k], full.At(i, m.col[k])+m.val[k])
		}
	}
	var e mat.Eigen
	if !e.Factorize(full, mat.EigenNone) {
		return 0, fmt.Errorf("esn: the eigenvalues of %d neurons did not settle", m.n)
	}
	for _, v := range e.Values(nil) {
		r = max(r, cmplx.Abs(v))
	}
	return math.Ldexp(r, scale), nil
}

// finite refuses weights that no eigenvalue can be computed of.
func finite[T tensor.Float](w Weights[T]) error {
	val := []T(nil)
	if w.Sparse != nil {
		val = w.Sparse.Val
	} else {
		val = w.Dense.Data()
	}
	for i, v := range val {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("esn: weight %d is %v, expected a finite number", i, v)
		}
	}
	return nil
}
