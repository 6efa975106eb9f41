package autograd

import (
	"fmt"

	"elegans/tensor"
)

// Softmax returns exp(x) / sum(exp(x)) along an axis.
func (tp *Tape[T]) Softmax(x *Var[T], axis int) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.Softmax(y.Value, x.Value, axis)
	Record(tp, softmaxOp[T]{x, y, axis})
	return y
}

type softmaxOp[T tensor.Float] struct {
	x, y *Var[T]
	axis int
}

func (o *softmaxOp[T]) Backward(tp *Tape[T]) {
	tensor.SoftmaxGrad(o.x.GradSum(), o.y.Value, o.y.GradSum(), o.axis)
}

// LogSoftmax returns x - log(sum(exp(x))) along an axis.
func (tp *Tape[T]) LogSoftmax(x *Var[T], axis int) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.LogSoftmax(y.Value, x.Value, axis)
	Record(tp, logSoftmaxOp[T]{x, y, axis})
	return y
}

type logSoftmaxOp[T tensor.Float] struct {
	x, y *Var[T]
	axis int
}

func (o *logSoftmaxOp[T]) Backward(tp *Tape[T]) {
	scratch := tp.NewTensor(o.y.Shape()...)
	tensor.LogSoftmaxGrad(o.x.GradSum(), o.y.Value, o.y.GradSum(), scratch, o.axis)
	tp.Free(scratch)
}

// LogSumExp returns log(sum(exp(x))) over the given axes (over all, if there are none), without
// overflow. keepDims leaves them with length 1.
func (tp *Tape[T]) LogSumExp(x *Var[T], axes []int, keepDims bool) *Var[T] {
	// order lists the kept axes, then the others; in that order the reduction runs over the ends of
	// rows.
	var reduced [tensor.MaxDims]bool
	for _, a := range axes {
		a = x.Value.Axis("LogSumExp", a)
		if reduced[a] {
			tensor.PanicShape("LogSumExp", fmt.Sprintf("axis %d is named twice", a), x.Shape())
		}
		reduced[a] = true
	}
	var orderBuf, shapeBuf [tensor.MaxDims]int
	order, shape, n := orderBuf[:0], shapeBuf[:0], 1
	for i, d := range x.Shape() {
		switch {
		case len(axes) > 0 && !reduced[i]:
			order, shape = append(order, i), append(shape, d)
			n *= d
		case keepDims:
			shape = append(shape, 1)
		}
	}
	for i := range x.Shape() {
		if len(axes) == 0 || reduced[i] {
			order = append(order, i)
		}
	}
	sorted := true
	for i, a := range order {
		sorted = sorted && i == a
	}
	rows := tp.NewTensor(n, x.Value.Len()/max(n, 1))
	if sorted {
		copyFlat(rows, x.Value)
	} else {
		p := x.Value.Permute(order...)
		tensor.Copy(rows.Reshape(p.Shape()...), p)
	}
	y := tp.NewResult(Needs(x), shape...)
	tensor.LogSumExp(y.Value, rows, rows, -1)
	op := logSumExpOp[T]{x: x, y: y, softmax: rows, dims: len(order)}
	copy(op.order[:], order)
	Record(tp, op)
	return y
}

type logSumExpOp[T tensor.Float] struct {
	x, y    *Var[T]
	softmax *tensor.Tensor[T] // [kept axes, reduced axes], in the order of order
	order   [tensor.MaxDims]int
	dims    int
}

func (o *logSumExpOp[T]) Backward(tp *Tape[T]) {
	if o.x.Value.Len() == 0 {
		o.x.GradSum()
		return
	}
	dx := o.x.GradSum().Permute(o.order[:o.dims]...)
	tensor.LogSumExpGrad(dx, o.y.GradSum(), o.softmax)
}
