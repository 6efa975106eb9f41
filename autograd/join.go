package autograd

import (
	"fmt"

	"elegans/tensor"
)

// Concat joins variables along an axis; they must agree in all other lengths.
//
//	[.., n1, ..], [.., n2, ..], ...  ->  [.., n1+n2+..., ..]
func (tp *Tape[T]) Concat(axis int, xs ...*Var[T]) *Var[T] {
	if len(xs) == 0 {
		tensor.PanicShape("Concat", "nothing to join")
	}
	axis = xs[0].Value.Axis("Concat", axis)
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], xs[0].Shape()...)
	for _, x := range xs[1:] {
		for i, d := range shape {
			if x.Value.Dims() != len(shape) || i != axis && x.Shape()[i] != d {
				tensor.PanicShape("Concat", "only the joined axis may differ", xs[0].Shape(), x.Shape())
			}
		}
		shape[axis] += x.Shape()[axis]
	}
	y := tp.NewResult(Needs(xs...), shape...)
	at := 0
	for _, x := range xs {
		n := x.Shape()[axis]
		tensor.Copy(y.Value.Slice(axis, at, at+n, 1), x.Value)
		at += n
	}
	Record(tp, concatOp[T]{tp.keep(xs), y, axis})
	return y
}

type concatOp[T tensor.Float] struct {
	xs   []*Var[T]
	y    *Var[T]
	axis int
}

func (o *concatOp[T]) Backward(*Tape[T]) {
	dy, at := o.y.GradSum(), 0
	for _, x := range o.xs {
		n := x.Shape()[o.axis]
		if x.RequiresGrad() {
			dx, beta := x.GradTarget()
			if beta == 0 {
				tensor.Copy(dx, dy.Slice(o.axis, at, at+n, 1))
			} else {
				tensor.Accumulate(dx, dy.Slice(o.axis, at, at+n, 1))
			}
		}
		at += n
	}
}

// Stack joins variables of equal shapes along a new axis, which gets the given number in the
// result.
func (tp *Tape[T]) Stack(axis int, xs ...*Var[T]) *Var[T] {
	if len(xs) == 0 {
		tensor.PanicShape("Stack", "nothing to join")
	}
	if axis < 0 {
		axis += xs[0].Value.Dims() + 1
	}
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], xs[0].Value.Unsqueeze(axis).Shape()...)
	shape[axis] = len(xs)
	y := tp.NewResult(Needs(xs...), shape...)
	for i, x := range xs {
		if !tensor.SameShape(x.Value, xs[0].Value) {
			tensor.PanicShape("Stack", "shapes must be equal", xs[0].Shape(), x.Shape())
		}
		tensor.Copy(y.Value.Slice(axis, i, i+1, 1).Squeeze(axis), x.Value)
	}
	Record(tp, stackOp[T]{tp.keep(xs), y, axis})
	return y
}

type stackOp[T tensor.Float] struct {
	xs   []*Var[T]
	y    *Var[T]
	axis int
}

func (o *stackOp[T]) Backward(*Tape[T]) {
	dy := o.y.GradSum()
	for i, x := range o.xs {
		if !x.RequiresGrad() {
			continue
		}
		g := dy.Slice(o.axis, i, i+1, 1)
		dx, beta := x.GradTarget()
		if beta == 0 {
			tensor.Copy(dx, g.Squeeze(o.axis))
		} else {
			tensor.Accumulate(dx, g.Squeeze(o.axis))
		}
	}
}

// Split cuts x along an axis into pieces of the given lengths, which must add up to the axis's. The
// slice belongs to the tape.
func (tp *Tape[T]) Split(x *Var[T], axis int, sizes ...int) []*Var[T] {
	axis = x.Value.Axis("Split", axis)
	total := 0
	negative := false
	for _, n := range sizes {
		total += n
		negative = negative || n < 0
	}
	if negative || total != x.Shape()[axis] {
		tensor.PanicShape("Split", fmt.Sprintf("the lengths %v do not add up to axis %d", append([]int{}, sizes...), axis), x.Shape())
	}
	first := len(tp.kept)
	at := 0
	for _, n := range sizes {
		v := x.Value.Slice(axis, at, at+n, 1)
		y := tp.NewResult(Needs(x), v.Shape()...)
		tensor.Copy(y.Value, v)
		tp.kept = append(tp.kept, y)
		at += n
	}
	ys := tp.kept[first:len(tp.kept):len(tp.kept)]
	Record(tp, splitOp[T]{x, ys, axis})
	return ys
}

type splitOp[T tensor.Float] struct {
	x    *Var[T]
	ys   []*Var[T]
	axis int
}

func (o *splitOp[T]) Backward(*Tape[T]) {
	dx, at := o.x.GradSum(), 0
	for _, y := range o.ys {
		n := y.Shape()[o.axis]
		if y.Grad() != nil {
			tensor.Accumulate(dx.Slice(o.axis, at, at+n, 1), y.Grad())
		}
		at += n
	}
}
