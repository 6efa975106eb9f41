package esn

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"

	"elegans/tensor"
)

const (
	krylovSpace    = 32  // dimension of the space
	ritzValues     = 8   // kept at a restart, or one more where that would part a pair
	krylovRestarts = 200 // before giving up
	ritzTolerance  = 1e-13
	ritzDoubt      = 1e-3 // residual of the other values, and how many times it they may still move
	ritzMargin     = 100
	powerRestarts  = 6       // the first of them, which begin with a power of the matrix
	powerEntries   = 1 << 32 // which it multiplies at most: a few seconds
)

// krylov holds A V = V H + v bᵀ, where the columns of V and v are orthonormal.
type krylov struct {
	n, m  int
	steps int // of the first power
	apply func(y, x []float64)
	v     *tensor.Tensor[float64] // [m+1, n], the vectors as rows
	h     []float64               // [m, m]
	b     []float64               // [m]
}

// newKrylov prepares a space of m dimensions for a matrix [n, n] that is given by its product with
// a vector, which takes so many multiply-adds.
func newKrylov(n, m, entries int, apply func(y, x []float64)) *krylov {
	k := &krylov{n: n, m: m, apply: apply, v: tensor.New[float64](m+1, n), h: make([]float64, m*m), b: make([]float64, m)}
	k.steps = min(n, powerEntries/max(entries, 1))
	first := tensor.Normal[float64](tensor.NewKey(1, "esn.spectral_radius"), 0, 1, n)
	unit(first)
	copy(k.row(0), first.Data())
	return k
}

// row returns vector i.
func (k *krylov) row(i int) []float64 { return k.v.Data()[i*k.n : (i+1)*k.n] }

// length returns the Euclidean norm of x.
func length(x *tensor.Tensor[float64]) float64 {
	s := tensor.SumSquares(x)
	if s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	return floats.Norm(x.Data(), 2) // which scales what would be lost
}

// unit brings x to the norm 1 and reports whether it has one.
func unit(x *tensor.Tensor[float64]) bool {
	norm := length(x)
	if norm == 0 || math.IsInf(norm, 0) || math.IsNaN(norm) {
		return false
	}
	tensor.Scale(x, x, 1/norm)
	return true
}

// largest runs the iteration, with so many restarts at most.
func (k *krylov) largest(restarts int) (radius float64, settled bool) {
	have := 0
	if k.n > k.m { // otherwise the space becomes the whole one, from any vector but a special one
		k.power(1, k.steps)
	}
	for i := range restarts {
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
		if i < powerRestarts && k.power(keep, k.steps/2) {
			have = 0
		}
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
	w, along := tensor.New[float64](1, k.n), tensor.New[float64](1, k.m)
	for j := have; j < k.m; j++ {
		k.apply(w.Data(), k.row(j))
		scale := length(w)
		norm, before := scale, 0.0
		basis, d := k.v.Slice(0, 0, j+1, 1), along.Slice(1, 0, j+1, 1)
		// Once, and again where most of w is gone, is orthogonal to working precision (J. Daniel,
		// W. Gragg, L. Kaufman and G. W. Stewart, Math. Comp. 30, 1976).
		for pass := 0; pass == 0 || pass < 3 && norm < before*math.Sqrt2/2; pass++ {
			tensor.Gemm(d, w, basis.T(), 1, 0)
			tensor.Gemm(w, d, basis, -1, 1)
			for i, v := range d.Data()[:j+1] {
				k.h[i*k.m+j] += v
			}
			before, norm = norm, length(w)
		}
		clear(k.b)
		if norm <= 1e-14*scale || j+1 == k.n {
			return j + 1
		}
		tensor.Scale(k.v.Slice(0, j+1, j+2, 1), w, 1/norm)
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
	next := tensor.New[float64](k.m+1, k.n)
	tensor.Gemm(next.Slice(0, 0, keep, 1), tensor.FromSlice(q, dim, dim).Slice(1, 0, keep, 1).T(), k.v.Slice(0, 0, dim, 1), 1, 0)
	copy(next.Data()[keep*k.n:], k.row(dim))
	k.v = next
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

// power begins a new space with a power of the matrix times the sum of the kept vectors, in which
// little is left of what belongs to the smaller eigenvalues, and reports whether there is such a
// vector. The eigenvalues of a random matrix fill a disc, for which no polynomial is better than a
// power, and j of n of them lie beyond a share 1-j/(2n) of its radius: n steps single out some ten.
// A step costs a product only, a fifth of what it takes to add a vector to a space, and a Schur
// form as much as hundreds of steps.
func (k *krylov) power(keep, steps int) bool {
	x, y := tensor.New[float64](k.n), tensor.New[float64](k.n)
	tensor.ReduceSum(x, k.v.Slice(0, 0, keep, 1), 0)
	for range steps {
		k.apply(y.Data(), x.Data())
		if !unit(y) {
			return false
		}
		x, y = y, x
	}
	if !unit(x) {
		return false
	}
	copy(k.row(0), x.Data())
	clear(k.h)
	return true
}
