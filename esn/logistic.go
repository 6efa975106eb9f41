package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
	"elegans/tensor/linalg"
)

// logistic is a penalised logistic regression, of several classes or, with one column of targets,
// of two:
//
//	f(V) = sum over rows of log(sum over classes of exp(z)) - y·z + penalty/2 |V|²,  z = x V
//
// The last column of x is the constant, whose weights are not penalised.
type logistic struct {
	x, y    *tensor.Tensor[float64] // [T, D] and [T, M]
	penalty float64

	gram *tensor.Tensor[float64] // xᵀx, its lower triangle
	z, p *tensor.Tensor[float64] // logits and probabilities
	lse  *tensor.Tensor[float64] // [T]
}

// newton minimises f by Newton's method. Its steps solve H s = -g by conjugate gradients, which
// need of the Hessian H its products alone (R. Dembo and T. Steihaug, Truncated-Newton algorithms
// for large-scale unconstrained optimization, Mathematical Programming 26, 1983). The states of a
// reservoir are so alike that these would take thousands of steps. They are preconditioned by the
// Hessian in which every row has the mean weight, I ⊗ (c xᵀx + penalty), which takes that likeness
// out (after D. Böhning, Multinomial logistic regression algorithm, Annals of the Institute of
// Statistical Mathematics 44, 1992).
func (l *logistic) newton(tolerance float64, iterations int) (*tensor.Tensor[float64], error) {
	rows, d, m := l.x.Dim(0), l.x.Dim(1), l.y.Dim(1)
	l.gram = tensor.New[float64](d, d)
	linalg.AddGram(l.gram, l.x)
	l.z, l.p, l.lse = tensor.New[float64](rows, m), tensor.New[float64](rows, m), tensor.New[float64](rows)
	v, next := tensor.New[float64](d, m), tensor.New[float64](d, m)
	g := tensor.New[float64](d, m)
	f, last := l.value(v), 0.0
	for range iterations {
		l.gradient(g, v)
		last = tensor.MaxAbs(g) / float64(rows)
		if last <= tolerance {
			return v, nil
		}
		if math.IsNaN(f) || math.IsNaN(last) {
			return nil, fmt.Errorf("esn: the features are not finite, expected finite numbers")
		}
		factor, err := l.preconditioner()
		if err != nil {
			return nil, err
		}
		s := l.step(g, factor, min(.1, math.Sqrt(last)))
		slope, moved := tensor.Dot(g, s), false
		for size := 1.0; size > 1e-10; size /= 2 {
			tensor.Copy(next, v)
			tensor.AddScaled(next, s, size)
			// Near the solution f cannot be told from rounding error, and the whole step is right.
			if h := l.value(next); h <= f+1e-4*size*slope+1e-14*math.Abs(f) {
				f, moved = h, true
				break
			}
		}
		if !moved {
			break
		}
		v, next = next, v
	}
	return nil, fmt.Errorf("esn: the derivatives of a logistic regression came down to %.2g a row in %d steps, expected %.2g; a larger penalty helps", last, iterations, tolerance)
}

// value returns f, and leaves the probabilities.
func (l *logistic) value(v *tensor.Tensor[float64]) float64 {
	tensor.Gemm(l.z, l.x, v, 1, 0)
	f := -tensor.Dot(l.y, l.z)
	if l.y.Dim(1) == 1 {
		tensor.Map(tensor.OpSoftplus, l.p, l.z, 1, 40)
		f += tensor.Sum(l.p)
		tensor.Sigmoid(l.p, l.z)
	} else {
		tensor.LogSumExp(l.lse, l.p, l.z, 1)
		f += tensor.Sum(l.lse)
	}
	w := v.Slice(0, 0, v.Dim(0)-1, 1)
	return f + l.penalty/2*tensor.Dot(w, w)
}

// gradient sets g to xᵀ(p-y) + penalty V, at the V of the last value.
func (l *logistic) gradient(g, v *tensor.Tensor[float64]) {
	tensor.Sub(l.z, l.p, l.y)
	l.back(g, v, l.z)
}

// back sets g to xᵀr + penalty V.
func (l *logistic) back(g, v, r *tensor.Tensor[float64]) {
	tensor.Gemm(g, l.x.Transpose(0, 1), r, 1, 0)
	n := g.Dim(0) - 1
	tensor.AddScaled(g.Slice(0, 0, n, 1), v.Slice(0, 0, n, 1), l.penalty)
}

// hessian sets h to H u = xᵀ r + penalty u, where r = p (q - sum over classes of p q), q = x u.
func (l *logistic) hessian(h, u *tensor.Tensor[float64]) {
	r := l.z
	tensor.Gemm(r, l.x, u, 1, 0)
	if l.y.Dim(1) == 1 {
		q := r.Data()
		for t, p := range l.p.Data() {
			q[t] *= p * (1 - p)
		}
	} else {
		m := l.y.Dim(1)
		q, p := r.Data(), l.p.Data()
		for t := range l.y.Dim(0) {
			row, weights := q[t*m:(t+1)*m], p[t*m:(t+1)*m]
			mean := 0.0
			for j, w := range weights {
				mean += w * row[j]
			}
			for j, w := range weights {
				row[j] = w * (row[j] - mean)
			}
		}
	}
	l.back(h, u, r)
}

// preconditioner returns the factor of c xᵀx + penalty, where c is the mean of p (1-p).
func (l *logistic) preconditioner() (*tensor.Tensor[float64], error) {
	c := (tensor.Sum(l.p) - tensor.Dot(l.p, l.p)) / float64(l.p.Len())
	a, d := l.gram.Clone(), l.gram.Dim(0)
	tensor.Scale(a, a, max(c, 1e-8))
	trace := 0.0
	for i := range d {
		trace += a.At(i, i)
	}
	for i := range d {
		v := a.At(i, i) + 1e-12*trace/float64(d)
		if i < d-1 {
			v += l.penalty
		}
		a.Set(v, i, i)
	}
	if !linalg.Cholesky(a) {
		return nil, fmt.Errorf("esn: the features depend on each other and the penalty is %v, expected a larger one", l.penalty)
	}
	return a, nil
}

// mostProducts bounds the conjugate gradient steps within one step of Newton's method.
const mostProducts = 500

// step returns an s with |H s + g| <= tolerance |g|, in the norm of the preconditioner.
func (l *logistic) step(g *tensor.Tensor[float64], factor *tensor.Tensor[float64], tolerance float64) *tensor.Tensor[float64] {
	d, m := g.Dim(0), g.Dim(1)
	s, r, h := tensor.New[float64](d, m), g.Clone(), tensor.New[float64](d, m)
	apply := func() *tensor.Tensor[float64] {
		z := r.Clone()
		linalg.CholeskySolve(factor, z)
		return z
	}
	z := apply()
	u := tensor.New[float64](d, m)
	tensor.Neg(u, z)
	rz := tensor.Dot(r, z)
	first := rz
	for range mostProducts {
		if rz <= tolerance*tolerance*first {
			break
		}
		l.hessian(h, u)
		curve := tensor.Dot(u, h)
		if !(curve > 0) {
			break
		}
		a := rz / curve
		tensor.AddScaled(s, u, a)
		tensor.AddScaled(r, h, a)
		z = apply()
		before := rz
		rz = tensor.Dot(r, z)
		tensor.Scale(u, u, rz/before)
		tensor.Sub(u, u, z)
	}
	return s
}
