package autograd

import (
	"math"

	"elegans/tensor"
)

// The reductions work over the given axes, all of them if none is given, and drop those axes;
// Unsqueeze with the same axes puts them back with length 1.

// axisSet is a set of axes of a shape.
type axisSet uint

func axesOf[T tensor.Float](op string, x *Var[T], axes []int) (s axisSet) {
	if len(axes) == 0 {
		return 1<<x.Value.Dims() - 1
	}
	for _, a := range axes {
		s |= 1 << x.Value.Axis(op, a)
	}
	return s
}

// shape appends to dst the shape of x without the axes, or with length 1 in their place.
func (s axisSet) shape(dst, x []int, keep bool) []int {
	for i, d := range x {
		switch {
		case s>>i&1 == 0:
			dst = append(dst, d)
		case keep:
			dst = append(dst, 1)
		}
	}
	return dst
}

// count returns the number of elements of x behind each result.
func (s axisSet) count(x []int) int {
	n := 1
	for i, d := range x {
		if s>>i&1 != 0 {
			n *= d
		}
	}
	return n
}

// newReduced returns a variable for the result of a reduction of x.
func (tp *Tape[T]) newReduced(x *Var[T], s axisSet) *Var[T] {
	var buf [tensor.MaxDims]int
	return tp.NewResult(Needs(x), s.shape(buf[:0], x.Shape(), false)...)
}

// Sum returns the sums of x over the axes.
func (tp *Tape[T]) Sum(x *Var[T], axes ...int) *Var[T] {
	s := axesOf("Sum", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceSum(y.Value, x.Value, axes...)
	Record(tp, sumOp[T]{x, y, s, 1})
	return y
}

// Mean returns the means of x over the axes.
func (tp *Tape[T]) Mean(x *Var[T], axes ...int) *Var[T] {
	s := axesOf("Mean", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceMean(y.Value, x.Value, axes...)
	Record(tp, sumOp[T]{x, y, s, 1 / T(s.count(x.Shape()))})
	return y
}

type sumOp[T tensor.Float] struct {
	x, y  *Var[T]
	axes  axisSet
	scale T
}

func (o *sumOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.scale != 1 {
		scaled := tp.NewTensor(dy.Shape()...)
		tensor.Scale(scaled, dy, o.scale)
		dy = scaled
		defer tp.Free(scaled)
	}
	view := kept(o.axes, dy, o.x)
	dx, beta := o.x.GradTarget()
	if beta == 0 {
		tensor.Copy(dx, &view)
	} else {
		tensor.Accumulate(dx, &view)
	}
}

// kept returns a view of t, which is a result of a reduction of x or the gradient of one, with
// length 1 in place of the axes that were reduced.
func kept[T tensor.Float](s axisSet, t *tensor.Tensor[T], x *Var[T]) (view tensor.Tensor[T]) {
	var buf [tensor.MaxDims]int
	view.ViewOf(t, s.shape(buf[:0], x.Shape(), true)...)
	return view
}

// Amax returns the maxima of x over the axes. Elements that share a maximum share its gradient
// evenly.
func (tp *Tape[T]) Amax(x *Var[T], axes ...int) *Var[T] {
	s := axesOf("Amax", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceMax(y.Value, x.Value, axes...)
	Record(tp, amaxOp[T]{x, y, s})
	return y
}

// Amin returns the minima of x over the axes. Elements that share a minimum share its gradient
// evenly.
func (tp *Tape[T]) Amin(x *Var[T], axes ...int) *Var[T] {
	s := axesOf("Amin", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceMin(y.Value, x.Value, axes...)
	Record(tp, amaxOp[T]{x, y, s})
	return y
}

type amaxOp[T tensor.Float] struct {
	x, y *Var[T]
	axes axisSet
}

func (o *amaxOp[T]) Backward(*Tape[T]) {
	y, dy := kept(o.axes, o.y.Value, o.x), kept(o.axes, o.y.GradSum(), o.x)
	tensor.ReduceMaxGrad(o.x.GradSum(), &dy, o.x.Value, &y)
}

// Variance returns the variances of x over the axes: squared differences from the mean, summed and
// divided by the number of elements less the correction (1: unbiased, 0: biased).
func (tp *Tape[T]) Variance(x *Var[T], correction int, axes ...int) *Var[T] {
	s := axesOf("Variance", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceVariance(y.Value, x.Value, correction, axes...)
	Record(tp, varianceOp[T]{x, y, s, correction})
	return y
}

type varianceOp[T tensor.Float] struct {
	x, y       *Var[T]
	axes       axisSet
	correction int
}

func (o *varianceOp[T]) Backward(*Tape[T]) {
	dy := kept(o.axes, o.y.GradSum(), o.x)
	tensor.ReduceVarianceGrad(o.x.GradSum(), &dy, o.x.Value, o.correction)
}

// Std returns the standard deviations of x over the axes, the square roots of Variance. The
// gradient at 0 is 0.
func (tp *Tape[T]) Std(x *Var[T], correction int, axes ...int) *Var[T] {
	s := axesOf("Std", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceStd(y.Value, x.Value, correction, axes...)
	Record(tp, stdOp[T]{x, y, s, correction})
	return y
}

type stdOp[T tensor.Float] struct {
	x, y       *Var[T]
	axes       axisSet
	correction int
}

func (o *stdOp[T]) Backward(*Tape[T]) {
	y, dy := kept(o.axes, o.y.Value, o.x), kept(o.axes, o.y.GradSum(), o.x)
	tensor.ReduceStdGrad(o.x.GradSum(), &dy, o.x.Value, &y, o.correction)
}

// Norm returns the Euclidean norms of x over the axes. The gradient at 0 is 0.
func (tp *Tape[T]) Norm(x *Var[T], axes ...int) *Var[T] {
	s := axesOf("Norm", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceNorm(y.Value, x.Value, axes...)
	Record(tp, normOp[T]{x, y, s})
	return y
}

type normOp[T tensor.Float] struct {
	x, y *Var[T]
	axes axisSet
}

func (o *normOp[T]) Backward(*Tape[T]) {
	y, dy := kept(o.axes, o.y.Value, o.x), kept(o.axes, o.y.GradSum(), o.x)
	tensor.ReduceNormGrad(o.x.GradSum(), &dy, o.x.Value, &y)
}

// PNorm returns (sum |x|^p)^(1/p) over the axes, for any number p: as PyTorch does, it is the
// largest magnitude for +Inf, the smallest for -Inf, and the number of elements that are not 0 for
// p = 0, which has no gradient. The gradient at 0 is 0; Norm is faster for p = 2.
func (tp *Tape[T]) PNorm(x *Var[T], p float64, axes ...int) *Var[T] {
	switch {
	case p == 2:
		return tp.Norm(x, axes...)
	case math.IsInf(p, 1):
		return tp.Amax(tp.Abs(x), axes...)
	case math.IsInf(p, -1):
		return tp.Amin(tp.Abs(x), axes...)
	}
	s := axesOf("PNorm", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReducePNorm(y.Value, x.Value, p, axes...)
	Record(tp, pNormOp[T]{x, y, s, p})
	return y
}

type pNormOp[T tensor.Float] struct {
	x, y *Var[T]
	axes axisSet
	p    float64
}

func (o *pNormOp[T]) Backward(*Tape[T]) {
	y, dy := kept(o.axes, o.y.Value, o.x), kept(o.axes, o.y.GradSum(), o.x)
	tensor.ReducePNormGrad(o.x.GradSum(), &dy, o.x.Value, &y, o.p)
}
