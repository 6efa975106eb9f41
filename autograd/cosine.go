package autograd

import (
	"fmt"

	"elegans/tensor"
)

// Normalize divides x by its p-norm along an axis: y = x / max(norm, eps), for any number p; see
// PNorm.
func (tp *Tape[T]) Normalize(x *Var[T], p float64, axis int, eps T) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	norms := tp.NewTensor(linesAlong("Normalize", x, axis))
	tensor.Normalize(y.Value, norms, x.Value, p, axis, eps)
	Record(tp, normalizeOp[T]{x, y, norms, axis, p, eps})
	return y
}

// linesAlong returns the number of lines of x along an axis.
func linesAlong[T tensor.Float](op string, x *Var[T], axis int) int {
	axis = x.Value.Axis(op, axis)
	n := 1
	for i, d := range x.Shape() {
		if i != axis {
			n *= d
		}
	}
	return n
}

type normalizeOp[T tensor.Float] struct {
	x, y  *Var[T]
	norms *tensor.Tensor[T] // one a line
	axis  int
	p     float64
	eps   T
}

func (o *normalizeOp[T]) Backward(*Tape[T]) {
	tensor.NormalizeGrad(o.x.GradSum(), o.y.GradSum(), o.norms, o.x.Value, o.y.Value, o.p, o.axis, o.eps)
}

// CosineSimilarity returns a.b / (max(|a|, eps) max(|b|, eps)) along an axis, which the result does
// not have. a and b have the same shape.
func (tp *Tape[T]) CosineSimilarity(a, b *Var[T], axis int, eps T) *Var[T] {
	if !tensor.SameShape(a.Value, b.Value) {
		tensor.PanicShape("CosineSimilarity", "shapes must be equal", a.Shape(), b.Shape())
	}
	if !(eps >= 0) {
		tensor.PanicUsage("autograd.CosineSimilarity", fmt.Sprintf("eps %v, expected 0 or more", eps))
	}
	axis = a.Value.Axis("CosineSimilarity", axis)
	var buf [tensor.MaxDims]int
	shape := append(append(buf[:0], a.Shape()[:axis]...), a.Shape()[axis+1:]...)
	y := tp.NewResult(Needs(a, b), shape...)
	normA, normB := tp.NewTensor(y.Value.Len()), tp.NewTensor(y.Value.Len())
	tensor.CosineSimilarity(y.Value, normA, normB, a.Value, b.Value, axis, eps)
	Record(tp, cosineOp[T]{a, b, y, normA, normB, axis, eps})
	return y
}

type cosineOp[T tensor.Float] struct {
	a, b, y      *Var[T]
	normA, normB *tensor.Tensor[T] // one a line
	axis         int
	eps          T
}

func (o *cosineOp[T]) Backward(*Tape[T]) {
	dy := o.y.GradSum()
	if o.a.RequiresGrad() {
		tensor.CosineSimilarityGrad(o.a.GradSum(), dy, o.normA, o.normB, o.a.Value, o.b.Value, o.y.Value, o.axis, o.eps)
	}
	if o.b.RequiresGrad() {
		tensor.CosineSimilarityGrad(o.b.GradSum(), dy, o.normB, o.normA, o.b.Value, o.a.Value, o.y.Value, o.axis, o.eps)
	}
}
