package autograd

import (
	"fmt"

	"elegans/tensor"
)

// Reshape returns the elements of x, in row-major order, under another shape; one length may be -1.
// The result shares x's memory.
func (tp *Tape[T]) Reshape(x *Var[T], shape ...int) *Var[T] {
	var buf [tensor.MaxDims]int
	shape = tensor.ResolveShape("Reshape", buf[:0], x.Value.Len(), shape)
	return tp.reshaped(x, shape)
}

func (tp *Tape[T]) reshaped(x *Var[T], shape []int) *Var[T] {
	y := tp.newView(Needs(x), x.Value, shape...)
	Record(tp, reshapeOp[T]{x, y})
	return y
}

type reshapeOp[T tensor.Float] struct{ x, y *Var[T] }

func (o *reshapeOp[T]) Backward(tp *Tape[T]) {
	var g tensor.Tensor[T]
	g.ViewOf(o.y.GradSum(), o.x.Shape()...)
	tp.addGrad(o.x, &g, 1)
}

// Flatten returns x with the axes from first on joined to one; Flatten(x, 1) makes a row of each
// item of a batch. The result shares x's memory.
func (tp *Tape[T]) Flatten(x *Var[T], first int) *Var[T] {
	first = x.Value.Axis("Flatten", first)
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()[:first+1]...)
	for _, d := range x.Shape()[first+1:] {
		shape[first] *= d
	}
	return tp.reshaped(x, shape)
}

// Unsqueeze returns x with axes of length 1 inserted such that they get the given numbers in the
// result, as in NumPy's expand_dims. The result shares x's memory.
func (tp *Tape[T]) Unsqueeze(x *Var[T], axes ...int) *Var[T] {
	n := x.Value.Dims() + len(axes)
	if n > tensor.MaxDims {
		tensor.PanicShape("Unsqueeze", fmt.Sprintf("more than %d axes", tensor.MaxDims), x.Shape())
	}
	var isNew [tensor.MaxDims]bool
	for _, a := range axes {
		at := a
		if at < 0 {
			at += n
		}
		if at < 0 || at >= n || isNew[at] {
			tensor.PanicShape("Unsqueeze", fmt.Sprintf("no place %d", a), x.Shape())
		}
		isNew[at] = true
	}
	var buf [tensor.MaxDims]int
	shape, old := buf[:0], x.Shape()
	for i := range n {
		if isNew[i] {
			shape = append(shape, 1)
		} else {
			shape = append(shape, old[0])
			old = old[1:]
		}
	}
	return tp.reshaped(x, shape)
}

// Squeeze returns x without the given axes, which must have length 1. The result shares x's memory.
func (tp *Tape[T]) Squeeze(x *Var[T], axes ...int) *Var[T] {
	var drop axisSet
	for _, a := range axes {
		a = x.Value.Axis("Squeeze", a)
		if x.Shape()[a] != 1 {
			tensor.PanicShape("Squeeze", fmt.Sprintf("axis %d has not length 1", a), x.Shape())
		}
		if drop>>a&1 != 0 {
			tensor.PanicShape("Squeeze", fmt.Sprintf("axis %d is named twice", a), x.Shape())
		}
		drop |= 1 << a
	}
	var buf [tensor.MaxDims]int
	return tp.reshaped(x, drop.shape(buf[:0], x.Shape(), false))
}

// Permute returns x with its axes in another order: axis i of the result is axis axes[i] of x.
func (tp *Tape[T]) Permute(x *Var[T], axes ...int) *Var[T] {
	v := x.Value.Permute(axes...)
	y := tp.NewResult(Needs(x), v.Shape()...)
	tensor.Copy(y.Value, v)
	o := permuteOp[T]{x: x, y: y, n: len(axes)}
	for i, a := range axes {
		o.axes[i] = x.Value.Axis("Permute", a)
	}
	Record(tp, o)
	return y
}

type permuteOp[T tensor.Float] struct {
	x, y *Var[T]
	n    int
	axes [tensor.MaxDims]int
}

func (o *permuteOp[T]) Backward(*Tape[T]) {
	dx, beta := o.x.GradTarget()
	if beta == 0 {
		tensor.Copy(dx.Permute(o.axes[:o.n]...), o.y.GradSum())
	} else {
		tensor.Accumulate(dx.Permute(o.axes[:o.n]...), o.y.GradSum())
	}
}

// Transpose returns x with two axes exchanged.
func (tp *Tape[T]) Transpose(x *Var[T], i, j int) *Var[T] {
	var axes [tensor.MaxDims]int
	for a := range axes {
		axes[a] = a
	}
	i, j = x.Value.Axis("Transpose", i), x.Value.Axis("Transpose", j)
	axes[i], axes[j] = j, i
	return tp.Permute(x, axes[:x.Value.Dims()]...)
}

// Slice returns the elements start, start+step, ... below stop along one axis; see
// tensor.Tensor.Slice.
func (tp *Tape[T]) Slice(x *Var[T], axis, start, stop, step int) *Var[T] {
	v := x.Value.Slice(axis, start, stop, step)
	y := tp.NewResult(Needs(x), v.Shape()...)
	tensor.Copy(y.Value, v)
	Record(tp, sliceOp[T]{x, y, axis, start, stop, step})
	return y
}

type sliceOp[T tensor.Float] struct {
	x, y                    *Var[T]
	axis, start, stop, step int
}

func (o *sliceOp[T]) Backward(*Tape[T]) {
	tensor.Accumulate(o.x.GradSum().Slice(o.axis, o.start, o.stop, o.step), o.y.GradSum())
}

// Expand returns x with axes of length 1 repeated to the given shape, and missing leading axes
// added; -1 keeps a length.
func (tp *Tape[T]) Expand(x *Var[T], shape ...int) *Var[T] {
	var buf [tensor.MaxDims]int
	lead := len(shape) - x.Value.Dims()
	if lead < 0 || len(shape) > tensor.MaxDims {
		tensor.PanicShape("Expand", "cannot broadcast", x.Shape(), shape)
	}
	full := append(buf[:0], shape...)
	for i, d := range full {
		if d == -1 && i >= lead {
			full[i] = x.Shape()[i-lead]
		} else if d < 0 {
			tensor.PanicShape("Expand", "-1 stands for the length of an axis that there is, and no other negative number for one", x.Shape(), shape)
		}
	}
	y := tp.NewResult(Needs(x), full...)
	tensor.Copy(y.Value, x.Value)
	Record(tp, expandOp[T]{x, y})
	return y
}

type expandOp[T tensor.Float] struct{ x, y *Var[T] }

func (o *expandOp[T]) Backward(tp *Tape[T]) { tp.addGrad(o.x, o.y.GradSum(), 1) }

// Diagonal returns the elements [..., i, i+offset] of the last two axes, or [..., i-offset, i] if
// offset is negative.
func (tp *Tape[T]) Diagonal(x *Var[T], offset int) *Var[T] {
	v := x.Value.Diagonal(offset)
	y := tp.NewResult(Needs(x), v.Shape()...)
	tensor.Copy(y.Value, v)
	Record(tp, diagonalOp[T]{x, y, offset})
	return y
}

type diagonalOp[T tensor.Float] struct {
	x, y   *Var[T]
	offset int
}

func (o *diagonalOp[T]) Backward(*Tape[T]) {
	tensor.Accumulate(o.x.GradSum().Diagonal(o.offset), o.y.GradSum())
}
