package autograd

import (
	"math"

	"elegans/tensor"
)

// lines walks over the lines of a tensor along one axis: line i has n elements from start(i) on,
// stride apart.
type lines struct{ count, n, stride int }

func linesOf[T tensor.Float](op string, x *tensor.Tensor[T], axis int) lines {
	axis = x.Axis(op, axis)
	l := lines{1, x.Dim(axis), 1}
	for i, d := range x.Shape() {
		if i != axis {
			l.count *= d
		}
		if i > axis {
			l.stride *= d
		}
	}
	return l
}

func (l lines) start(i int) int { return i/l.stride*l.n*l.stride + i%l.stride }

// Normalize divides x by its p-norm along an axis: y = x / max(norm, eps), p >= 1.
func (tp *Tape[T]) Normalize(x *Var[T], p float64, axis int, eps T) *Var[T] {
	l := linesOf("Normalize", x.Value, axis)
	y := tp.NewResult(Needs(x), x.Shape()...)
	norms := tp.NewTensor(l.count)
	v, out := x.Value.Data(), y.Value.Data()
	for i := range l.count {
		norm := norm(v[l.start(i):], l, p)
		norms.Data()[i] = norm
		for j := range l.n {
			k := l.start(i) + j*l.stride
			out[k] = v[k] / max(norm, eps)
		}
	}
	Record(tp, normalizeOp[T]{x, y, norms, l, p, eps})
	return y
}

// norm returns the p-norm of the line at the beginning of v.
func norm[T tensor.Float](v []T, l lines, p float64) T {
	sum := 0.0
	for j := range l.n {
		if a := math.Abs(float64(v[j*l.stride])); p == 2 {
			sum += a * a
		} else {
			sum += math.Pow(a, p)
		}
	}
	if p == 2 {
		return T(math.Sqrt(sum))
	}
	return T(math.Pow(sum, 1/p))
}

type normalizeOp[T tensor.Float] struct {
	x, y  *Var[T]
	norms *tensor.Tensor[T] // one a line
	lines
	p   float64
	eps T
}

// dx = (dy - (dy.y) d norm/dx) / norm with d norm/dx = sign(x) (|x|/norm)^(p-1); a norm below eps
// is a constant.
func (o *normalizeOp[T]) Backward(tp *Tape[T]) {
	x, y := o.x.Value.Data(), o.y.Value.Data()
	dx, dy := o.x.GradSum().Data(), o.y.GradSum().Data()
	for i := range o.count {
		norm := o.norms.Data()[i]
		var dot T
		if norm > o.eps {
			for j := range o.n {
				k := o.start(i) + j*o.stride
				dot += dy[k] * y[k]
			}
		}
		for j := range o.n {
			k := o.start(i) + j*o.stride
			slope := y[k]
			if o.p != 2 {
				slope = T(math.Copysign(math.Pow(math.Abs(float64(y[k])), o.p-1), float64(x[k])))
			}
			dx[k] += (dy[k] - dot*slope) / max(norm, o.eps)
		}
	}
}

// CosineSimilarity returns a.b / (max(|a|, eps) max(|b|, eps)) along an axis, which the result does
// not have. a and b have the same shape.
func (tp *Tape[T]) CosineSimilarity(a, b *Var[T], axis int, eps T) *Var[T] {
	if !tensor.SameShape(a.Value, b.Value) {
		tensor.PanicShape("CosineSimilarity", "shapes must be equal", a.Shape(), b.Shape())
	}
	l := linesOf("CosineSimilarity", a.Value, axis)
	axis = a.Value.Axis("CosineSimilarity", axis)
	var buf [tensor.MaxDims]int
	shape := append(append(buf[:0], a.Shape()[:axis]...), a.Shape()[axis+1:]...)
	y := tp.NewResult(Needs(a, b), shape...)
	na, nb := tp.NewTensor(l.count), tp.NewTensor(l.count)
	va, vb := a.Value.Data(), b.Value.Data()
	for i := range l.count {
		at := l.start(i)
		var dot T
		for j := range l.n {
			dot += va[at+j*l.stride] * vb[at+j*l.stride]
		}
		na.Data()[i], nb.Data()[i] = norm(va[at:], l, 2), norm(vb[at:], l, 2)
		y.Value.Data()[i] = dot / (max(na.Data()[i], eps) * max(nb.Data()[i], eps))
	}
	Record(tp, cosineOp[T]{a, b, y, na, nb, l, eps})
	return y
}

type cosineOp[T tensor.Float] struct {
	a, b, y *Var[T]
	na, nb  *tensor.Tensor[T] // norms
	lines
	eps T
}

func (o *cosineOp[T]) Backward(tp *Tape[T]) {
	if o.a.RequiresGrad() {
		o.add(o.a, o.b, o.na.Data(), o.nb.Data())
	}
	if o.b.RequiresGrad() {
		o.add(o.b, o.a, o.nb.Data(), o.na.Data())
	}
}

// add adds the gradient with respect to x: dy (other/(|x||other|) - cos x/|x|^2), where a norm
// below eps is a constant.
func (o *cosineOp[T]) add(x, other *Var[T], nx, nother []T) {
	v, u, dx := x.Value.Data(), other.Value.Data(), x.GradSum().Data()
	y, dy := o.y.Value.Data(), o.y.GradSum().Data()
	for i := range o.count {
		across := dy[i] / (max(nx[i], o.eps) * max(nother[i], o.eps))
		var along T
		if nx[i] > o.eps {
			along = dy[i] * y[i] / (nx[i] * nx[i])
		}
		for j := range o.n {
			k := o.start(i) + j*o.stride
			dx[k] += across*u[k] - along*v[k]
		}
	}
}
