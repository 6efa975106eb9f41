package esn

import (
	"fmt"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
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
	r, settled := newKrylov(m.n, min(m.n, krylovSpace), m.multiply).largest()
	if settled {
		return r, nil
	}
	if m.n > denseRadius {
		return 0, fmt.Errorf("esn: the eigenvalues of %d neurons did not settle in %d restarts, as happens where many have nearly one modulus", m.n, krylovRestarts)
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
	return r, nil
}

const (
	krylovSpace    = 32   // dimension of the space
	ritzValues     = 8    // kept at a restart, or one more where that would part a pair
	krylovRestarts = 200  // before giving up
	denseRadius    = 2000 // neurons of which all eigenvalues can be computed instead
	ritzTolerance  = 1e-13
	ritzDoubt      = 1e-3 // residual of the other values, and how many times it they may still move
	ritzMargin     = 100
)

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

// krylov holds A V = V H + v bᵀ, where the columns of V and v are orthonormal.
type krylov struct {
	n, m  int
	apply func(y, x []float64)
	v     [][]float64 // m+1 vectors
	h     []float64   // [m, m]
	b     []float64   // [m]
}

func newKrylov(n, m int, apply func(y, x []float64)) *krylov {
	k := &krylov{n: n, m: m, apply: apply, h: make([]float64, m*m), b: make([]float64, m)}
	k.v = make([][]float64, m+1)
	for i := range k.v {
		k.v[i] = make([]float64, n)
	}
	copy(k.v[0], tensor.Normal[float64](tensor.NewKey(1, "esn.spectral_radius"), 0, 1, n).Data())
	floats.Scale(1/floats.Norm(k.v[0], 2), k.v[0])
	return k
}

// largest runs the iteration.
func (k *krylov) largest() (radius float64, settled bool) {
	have := 0
	for range krylovRestarts {
		dim := k.extend(have)
		q, values := k.schur(dim)
		top := 0.0
		for _, v := range values {
			top = max(top, cmplx.Abs(v))
		}
		// The part of the residual that belongs to each Schur vector.
		rest := make([]float64, dim)
		for j := range dim {
			for i := range dim {
				rest[j] += k.b[i] * q[i*dim+j]
			}
		}
		keep := min(ritzValues, dim)
		if keep < dim && k.h[keep*k.m+keep-1] != 0 { // a pair of conjugate values stays together
			keep++
		}
		if dim < k.m || dim == k.n || k.settled(rest, keep, top) {
			return top, true
		}
		k.restart(q, rest, dim, keep)
		have = keep
	}
	return 0, false
}

// settled reports whether the eigenvalue of the largest modulus is known: its residual is that of
// rounding, and no other of the kept ones is still so uncertain that it may turn out larger.
func (k *krylov) settled(rest []float64, keep int, top float64) bool {
	for i := 0; i < keep; {
		size, modulus, r := 1, math.Abs(k.h[i*k.m+i]), math.Abs(rest[i])
		if i+1 < keep && k.h[(i+1)*k.m+i] != 0 {
			size = 2
			modulus = math.Sqrt(math.Abs(k.h[i*k.m+i]*k.h[(i+1)*k.m+i+1] - k.h[i*k.m+i+1]*k.h[(i+1)*k.m+i]))
			r = math.Hypot(r, rest[i+1])
		}
		if r > ritzTolerance*top && (i == 0 || r > ritzDoubt*top || modulus+ritzMargin*r >= top) {
			return false
		}
		i += size
	}
	return true
}

// extend brings the space from have vectors to m, or to fewer if it is invariant, and returns how
// many.
func (k *krylov) extend(have int) int {
	w := make([]float64, k.n)
	for j := have; j < k.m; j++ {
		k.apply(w, k.v[j])
		scale := floats.Norm(w, 2)
		for range 2 { // orthogonal to working precision
			for i := 0; i <= j; i++ {
				d := floats.Dot(k.v[i], w)
				k.h[i*k.m+j] += d
				floats.AddScaled(w, -d, k.v[i])
			}
		}
		norm := floats.Norm(w, 2)
		clear(k.b)
		if norm <= 1e-14*scale || j+1 == k.n {
			return j + 1
		}
		copy(k.v[j+1], w)
		floats.Scale(1/norm, k.v[j+1])
		k.b[j] = norm
		if j+1 < k.m {
			k.h[(j+1)*k.m+j] = norm
		}
	}
	return k.m
}

// schur replaces H by its real Schur form, the eigenvalues of large modulus first, and returns the
// vectors [dim, dim] of that form.
func (k *krylov) schur(dim int) (q []float64, values []complex128) {
	var l lapackgo.Implementation
	h := make([]float64, dim*dim)
	for i := range dim {
		copy(h[i*dim:(i+1)*dim], k.h[i*k.m:i*k.m+dim])
	}
	tau, work := make([]float64, dim-1), make([]float64, max(1, 64*dim))
	l.Dgehrd(dim, 0, dim-1, h, dim, tau, work, len(work))
	q = append([]float64{}, h...)
	l.Dorghr(dim, 0, dim-1, q, dim, tau, work, len(work))
	for i := 2; i < dim; i++ {
		clear(h[i*dim : i*dim+i-1])
	}
	wr, wi := make([]float64, dim), make([]float64, dim)
	l.Dhseqr(lapack.EigenvaluesAndSchur, lapack.SchurOrig, dim, 0, dim-1, h, dim, wr, wi, q, dim, work, len(work))
	values = make([]complex128, dim)
	for i := range dim {
		values[i] = complex(wr[i], wi[i])
	}
	k.order(l, h, q, dim)
	for i := range dim {
		copy(k.h[i*k.m:i*k.m+dim], h[i*dim:(i+1)*dim])
	}
	return q, values
}

// order moves the blocks of the Schur form with the largest eigenvalues to the front.
func (k *krylov) order(l lapackgo.Implementation, h, q []float64, dim int) {
	work := make([]float64, dim)
	for to := 0; to < min(ritzValues+1, dim); {
		best, at := -1.0, to
		for i := to; i < dim; {
			size, modulus := 1, math.Abs(h[i*dim+i])
			if i+1 < dim && h[(i+1)*dim+i] != 0 {
				size = 2
				modulus = math.Sqrt(math.Abs(h[i*dim+i]*h[(i+1)*dim+i+1] - h[i*dim+i+1]*h[(i+1)*dim+i]))
			}
			if modulus > best {
				best, at = modulus, i
			}
			i += size
		}
		if at != to {
			if _, _, ok := l.Dtrexc(lapack.UpdateSchur, dim, h, dim, q, dim, at, to, work); !ok {
				return // values so close that they need no order
			}
		}
		if to+1 < dim && h[(to+1)*dim+to] != 0 {
			to++
		}
		to++
	}
}

// restart keeps the first Schur vectors.
func (k *krylov) restart(q, rest []float64, dim, keep int) {
	old := make([]float64, dim*k.n)
	for i := range dim {
		copy(old[i*k.n:], k.v[i])
	}
	kept := make([]float64, keep*k.n)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1,
		blas64.General{Rows: dim, Cols: keep, Stride: dim, Data: q},
		blas64.General{Rows: dim, Cols: k.n, Stride: k.n, Data: old}, 0,
		blas64.General{Rows: keep, Cols: k.n, Stride: k.n, Data: kept})
	next := k.v[dim]
	for i := range keep {
		copy(k.v[i], kept[i*k.n:])
	}
	copy(k.v[keep], next)
	form := make([]float64, keep*keep)
	for i := range keep {
		copy(form[i*keep:(i+1)*keep], k.h[i*k.m:i*k.m+keep])
	}
	clear(k.h)
	for i := range keep {
		copy(k.h[i*k.m:], form[i*keep:(i+1)*keep])
	}
	copy(k.h[keep*k.m:keep*k.m+keep], rest[:keep])
}
