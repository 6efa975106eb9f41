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
	var buf [tensor.MaxDims]int
	var kept tensor.Tensor[T]
	kept.Rebind(dy.Data(), o.axes.shape(buf[:0], o.x.Shape(), true)...)
	dx, beta := o.x.GradTarget()
	if beta == 0 {
		tensor.Copy(dx, &kept)
	} else {
		tensor.Accumulate(dx, &kept)
	}
}

// eachResult pairs the elements of x, in row-major order, with the results of a reduction that they
// belong to.
type eachResult struct {
	dims          int
	shape, stride [tensor.MaxDims]int
	index         [tensor.MaxDims]int
	at            int
}

func (s axisSet) each(shape []int) (e eachResult) {
	e.dims = len(shape)
	stride := 1
	for i := len(shape) - 1; i >= 0; i-- {
		e.shape[i] = shape[i]
		if s>>i&1 == 0 {
			e.stride[i] = stride
			stride *= shape[i]
		}
	}
	return e
}

// next returns the number of the result to which the next element belongs.
func (e *eachResult) next() int {
	at := e.at
	for i := e.dims - 1; i >= 0; i-- {
		e.index[i]++
		e.at += e.stride[i]
		if e.index[i] < e.shape[i] {
			break
		}
		e.at -= e.index[i] * e.stride[i]
		e.index[i] = 0
	}
	return at
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

func (o *amaxOp[T]) Backward(tp *Tape[T]) {
	share := tp.NewTensor(o.y.Shape()...)
	defer tp.Free(share)
	dx, x, y, g := o.x.GradSum().Data(), o.x.Value.Data(), o.y.Value.Data(), share.Data()
	clear(g)
	each := o.axes.each(o.x.Shape())
	for _, v := range x {
		if k := each.next(); v == y[k] {
			g[k]++
		}
	}
	for k, d := range o.y.GradSum().Data() {
		g[k] = d / g[k]
	}
	each = o.axes.each(o.x.Shape())
	for i, v := range x {
		if k := each.next(); v == y[k] {
			dx[i] += g[k]
		}
	}
}

// Variance returns the variances of x over the axes: squared differences from the mean, summed and
// divided by the number of elements less the correction (1: unbiased, 0: biased).
func (tp *Tape[T]) Variance(x *Var[T], correction int, axes ...int) *Var[T] {
	s := axesOf("Variance", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceVariance(y.Value, x.Value, correction, axes...)
	Record(tp, varianceOp[T]{x, y, s, correction, false})
	return y
}

// Std returns the standard deviations of x over the axes, the square roots of Variance. The
// gradient at 0 is 0.
func (tp *Tape[T]) Std(x *Var[T], correction int, axes ...int) *Var[T] {
	s := axesOf("Std", x, axes)
	y := tp.newReduced(x, s)
	tensor.ReduceVariance(y.Value, x.Value, correction, axes...)
	tensor.Sqrt(y.Value, y.Value)
	Record(tp, varianceOp[T]{x, y, s, correction, true})
	return y
}

type varianceOp[T tensor.Float] struct {
	x, y       *Var[T]
	axes       axisSet
	correction int
	std        bool
}

func (o *varianceOp[T]) Backward(tp *Tape[T]) {
	var buf [tensor.MaxDims]int
	mean, scale := tp.NewTensor(o.axes.shape(buf[:0], o.x.Shape(), true)...), tp.NewTensor(o.y.Shape()...)
	defer tp.Free(mean)
	defer tp.Free(scale)
	clear(mean.Data())
	tensor.SumTo(mean, o.x.Value)
	n := o.axes.count(o.x.Shape())
	tensor.Scale(mean, mean, 1/T(n))
	divisor := T(max(0, n-o.correction))
	for k, d := range o.y.GradSum().Data() {
		switch v := o.y.Value.Data()[k]; {
		case !o.std:
			d *= 2 / divisor
		case v == 0:
			d = 0
		default:
			d /= divisor * v
		}
		scale.Data()[k] = d
	}
	dx, x, m, g := o.x.GradSum().Data(), o.x.Value.Data(), mean.Data(), scale.Data()
	each := o.axes.each(o.x.Shape())
	for i, v := range x {
		k := each.next()
		dx[i] += g[k] * (v - m[k])
	}
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

func (o *normOp[T]) Backward(tp *Tape[T]) {
	scale := tp.NewTensor(o.y.Shape()...)
	defer tp.Free(scale)
	g := scale.Data()
	for k, d := range o.y.GradSum().Data() {
		g[k] = 0
		if v := o.y.Value.Data()[k]; v != 0 {
			g[k] = d / v
		}
	}
	dx := o.x.GradSum().Data()
	each := o.axes.each(o.x.Shape())
	for i, v := range o.x.Value.Data() {
		dx[i] += g[each.next()] * v
	}
}

// PNorm returns (sum |x|^p)^(1/p) over the axes, for p > 0 or +Inf. The gradient at 0 is 0; Norm is
// faster for p = 2.
func (tp *Tape[T]) PNorm(x *Var[T], p float64, axes ...int) *Var[T] {
	switch {
	case p == 2:
		return tp.Norm(x, axes...)
	case math.IsInf(p, 1):
		return tp.Amax(tp.Abs(x), axes...)
	}
	s := axesOf("PNorm", x, axes)
	y := tp.newReduced(x, s)
	powers := tp.NewTensor(x.Shape()...)
	for i, v := range x.Value.Data() {
		powers.Data()[i] = T(math.Pow(math.Abs(float64(v)), p))
	}
	tensor.ReduceSum(y.Value, powers, axes...)
	tp.Free(powers)
	for i, v := range y.Value.Data() {
		y.Value.Data()[i] = T(math.Pow(float64(v), 1/p))
	}
	Record(tp, pNormOp[T]{x, y, s, p})
	return y
}

type pNormOp[T tensor.Float] struct {
	x, y *Var[T]
	axes axisSet
	p    float64
}

func (o *pNormOp[T]) Backward(*Tape[T]) {
	dx, y, dy := o.x.GradSum().Data(), o.y.Value.Data(), o.y.GradSum().Data()
	each := o.axes.each(o.x.Shape())
	for i, v := range o.x.Value.Data() {
		k := each.next()
		if v == 0 || y[k] == 0 {
			continue
		}
		// |x|^(p-1) sign(x) / y^(p-1)
		g := math.Pow(math.Abs(float64(v))/float64(y[k]), o.p-1)
		dx[i] += dy[k] * T(math.Copysign(g, float64(v)))
	}
}
