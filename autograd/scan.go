package autograd

import "elegans/tensor"

// Max returns the maxima of x along an axis, which is dropped, and their positions, which belong to
// the tape. Among equals the first counts, and takes the whole gradient.
func (tp *Tape[T]) Max(x *Var[T], axis int) (*Var[T], []int) {
	s := axesOf("Max", x, []int{axis})
	y := tp.newReduced(x, s)
	index := tp.NewInts(y.Value.Len())
	tensor.Max(y.Value, index, x.Value, axis)
	Record(tp, maxOp[T]{x, y, x.Value.Axis("Max", axis), index})
	return y, index
}

// Min returns the minima of x along an axis, which is dropped, and their positions, as Max does the
// maxima.
func (tp *Tape[T]) Min(x *Var[T], axis int) (*Var[T], []int) {
	s := axesOf("Min", x, []int{axis})
	y := tp.newReduced(x, s)
	index := tp.NewInts(y.Value.Len())
	tensor.Min(y.Value, index, x.Value, axis)
	Record(tp, maxOp[T]{x, y, x.Value.Axis("Min", axis), index})
	return y, index
}

type maxOp[T tensor.Float] struct {
	x, y  *Var[T]
	axis  int
	index []int
}

func (o *maxOp[T]) Backward(*Tape[T]) {
	dy := kept(1<<o.axis, o.y.GradSum(), o.x)
	tensor.ScatterAdd(o.x.GradSum(), o.axis, o.index, &dy)
}

// Argmax returns the positions of the maxima of x along an axis, in row-major order of the other
// axes. The slice belongs to the tape.
func (tp *Tape[T]) Argmax(x *Var[T], axis int) []int {
	index := tp.NewInts(x.Value.Len() / max(1, x.Value.Dim(axis)))
	tensor.Argmax(index, x.Value, axis)
	return index
}

// Prod returns the products of x along an axis, which is dropped. Zeros are no exception.
func (tp *Tape[T]) Prod(x *Var[T], axis int) *Var[T] {
	y := tp.newReduced(x, axesOf("Prod", x, []int{axis}))
	tensor.Prod(y.Value, x.Value, axis)
	Record(tp, prodOp[T]{x, y, axis})
	return y
}

type prodOp[T tensor.Float] struct {
	x, y *Var[T]
	axis int
}

func (o *prodOp[T]) Backward(*Tape[T]) {
	tensor.ProdGrad(o.x.GradSum(), o.y.GradSum(), o.x.Value, o.axis)
}

// CumSum returns the running sums of x along an axis.
func (tp *Tape[T]) CumSum(x *Var[T], axis int) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.CumSum(y.Value, x.Value, axis)
	Record(tp, cumSumOp[T]{x, y, axis})
	return y
}

type cumSumOp[T tensor.Float] struct {
	x, y *Var[T]
	axis int
}

func (o *cumSumOp[T]) Backward(tp *Tape[T]) {
	g := tp.NewTensor(o.y.Shape()...)
	tensor.CumSumReverse(g, o.y.GradSum(), o.axis)
	tp.addGrad(o.x, g, 1)
	tp.Free(g)
}

// CumProd returns the running products of x along an axis. Zeros are no exception; the backward
// pass takes time quadratic in the length of the axis.
func (tp *Tape[T]) CumProd(x *Var[T], axis int) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.CumProd(y.Value, x.Value, axis)
	Record(tp, cumProdOp[T]{x, y, axis})
	return y
}

type cumProdOp[T tensor.Float] struct {
	x, y *Var[T]
	axis int
}

func (o *cumProdOp[T]) Backward(*Tape[T]) {
	tensor.CumProdGrad(o.x.GradSum(), o.y.GradSum(), o.x.Value, o.axis)
}
