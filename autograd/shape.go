package autograd

import "elegans/tensor"

// Reshape returns the elements of x, in row-major order, under another shape; one length may be -1. The result shares x's memory.
func (tp *Tape[T]) Reshape(x *Var[T], shape ...int) *Var[T] {
	var buf [tensor.MaxDims]int
	shape = tensor.ResolveShape("Reshape", buf[:0], x.Value.Len(), shape)
	y := tp.newView(Needs(x), x.Value, shape...)
	Record(tp, reshapeOp[T]{x, y})
	return y
}

type reshapeOp[T tensor.Float] struct{ x, y *Var[T] }

func (o *reshapeOp[T]) Backward(tp *Tape[T]) {
	dx, dy := o.x.GradSum().Data(), o.y.GradSum().Data()
	for i, g := range dy {
		dx[i] += g
	}
}
