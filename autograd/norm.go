package autograd

import (
	"fmt"
	"slices"

	"elegans/tensor"
)

// LayerNorm normalises the last axes of x, as many as axes says, to mean 0 and variance 1, then
// scales and shifts:
//
//	y = (x - mean) / sqrt(variance + eps) * weight + bias
//
// with the biased variance. weight and bias have the shape of those axes, or are nil.
func (tp *Tape[T]) LayerNorm(x, weight, bias *Var[T], axes int, eps T) *Var[T] {
	rows := normRows("LayerNorm", x, axes, weight, bias)
	y := tp.NewResult(Needs(x, weight, bias), x.Shape()...)
	mean, rstd := tp.NewTensor(rows), tp.NewTensor(rows)
	tensor.LayerNorm(y.Value, x.Value, valueOf(weight), valueOf(bias), mean, rstd, eps)
	Record(tp, layerNormOp[T]{x, weight, bias, y, mean, rstd})
	return y
}

// normRows returns the number of rows that are left of the last axes, whose shape the parameters
// that are not nil must have.
func normRows[T tensor.Float](op string, x *Var[T], axes int, params ...*Var[T]) int {
	shape := x.Shape()
	if axes < 1 || axes > len(shape) {
		tensor.PanicShape(op, fmt.Sprintf("%d axes, want one or more of the last", axes), shape)
	}
	rows := 1
	for _, d := range shape[:len(shape)-axes] {
		rows *= d
	}
	for _, p := range params {
		if p != nil && !slices.Equal(p.Shape(), shape[len(shape)-axes:]) {
			tensor.PanicShape(op, "the parameters need the shape of the normalised axes", shape, p.Shape())
		}
	}
	return rows
}

type layerNormOp[T tensor.Float] struct {
	x, weight, bias, y *Var[T]
	mean, rstd         *tensor.Tensor[T] // one number a row
}

func (o *layerNormOp[T]) Backward(tp *Tape[T]) {
	tensor.LayerNormGrad(gradOf(o.x), gradOf(o.weight), gradOf(o.bias), o.y.GradSum(), o.x.Value, valueOf(o.weight), o.mean, o.rstd)
}

// RMSNorm divides the last axes of x by their root mean square: y = x / sqrt(mean(x^2) + eps) *
// weight. weight has their shape or is nil.
func (tp *Tape[T]) RMSNorm(x, weight *Var[T], axes int, eps T) *Var[T] {
	rows := normRows("RMSNorm", x, axes, weight)
	y := tp.NewResult(Needs(x, weight), x.Shape()...)
	rstd := tp.NewTensor(rows)
	tensor.RMSNorm(y.Value, x.Value, valueOf(weight), rstd, eps)
	Record(tp, rmsNormOp[T]{x, weight, y, rstd})
	return y
}

type rmsNormOp[T tensor.Float] struct {
	x, weight, y *Var[T]
	rstd         *tensor.Tensor[T]
}

func (o *rmsNormOp[T]) Backward(tp *Tape[T]) {
	tensor.LayerNormGrad(gradOf(o.x), gradOf(o.weight), nil, o.y.GradSum(), o.x.Value, valueOf(o.weight), nil, o.rstd)
}

// GroupNorm normalises each of the groups of neighbouring channels of each item of x [N, C, ...],
// then scales and shifts by channel; weight and bias are [C] or nil.
func (tp *Tape[T]) GroupNorm(x, weight, bias *Var[T], groups int, eps T) *Var[T] {
	if x.Value.Dims() < 2 {
		tensor.PanicShape("GroupNorm", "want [N, C, ...]", x.Shape())
	}
	if groups < 1 {
		tensor.PanicShape("GroupNorm", fmt.Sprintf("%d groups, want 1 or more", groups), x.Shape())
	}
	y := tp.NewResult(Needs(x, weight, bias), x.Shape()...)
	mean, rstd := tp.NewTensor(x.Value.Dim(0)*groups), tp.NewTensor(x.Value.Dim(0)*groups)
	tensor.GroupNorm(y.Value, x.Value, valueOf(weight), valueOf(bias), mean, rstd, groups, eps)
	Record(tp, groupNormOp[T]{x, weight, bias, y, mean, rstd, groups})
	return y
}

// InstanceNorm is GroupNorm with one channel a group.
func (tp *Tape[T]) InstanceNorm(x, weight, bias *Var[T], eps T) *Var[T] {
	if x.Value.Dims() < 2 {
		tensor.PanicShape("InstanceNorm", "want [N, C, ...]", x.Shape())
	}
	return tp.GroupNorm(x, weight, bias, x.Value.Dim(1), eps)
}

type groupNormOp[T tensor.Float] struct {
	x, weight, bias, y *Var[T]
	mean, rstd         *tensor.Tensor[T] // one number for each item and group
	groups             int
}

func (o *groupNormOp[T]) Backward(tp *Tape[T]) {
	n, c := o.x.Value.Dim(0), o.x.Value.Dim(1)
	sums, dots := tp.NewTensor(n*c), tp.NewTensor(n*c)
	tensor.GroupNormGrad(gradOf(o.x), gradOf(o.weight), gradOf(o.bias), o.y.GradSum(), o.x.Value, valueOf(o.weight), o.mean, o.rstd, sums, dots, o.groups)
	tp.Free(sums)
	tp.Free(dots)
}

// gradOf returns the gradient to add to, or nil if v needs none.
func gradOf[T tensor.Float](v *Var[T]) *tensor.Tensor[T] {
	if v == nil || !v.RequiresGrad() {
		return nil
	}
	return v.GradSum()
}

// BatchNorm normalises each channel of x [N, C, ...] over all other axes, then scales and shifts
// it; weight and bias are [C] or nil. When train is set it uses the statistics of x, and moves
// runningMean and runningVar, unless they are nil, towards them: new = (1-momentum) old + momentum
// batch, with the unbiased variance. Otherwise it uses the running statistics.
func (tp *Tape[T]) BatchNorm(x, weight, bias *Var[T], runningMean, runningVar *tensor.Tensor[T], train bool, momentum, eps T) *Var[T] {
	if x.Value.Dims() < 2 {
		tensor.PanicShape("BatchNorm", "want [N, C, ...]", x.Shape())
	}
	c := x.Value.Dim(1)
	if (!train && runningMean == nil) || (runningMean == nil) != (runningVar == nil) {
		tensor.PanicShape("BatchNorm", "running statistics are missing", x.Shape())
	}
	if runningMean != nil && (runningMean.Len() != c || runningVar.Len() != c) {
		tensor.PanicShape("BatchNorm", "want running statistics [C]", x.Shape(), runningMean.Shape(), runningVar.Shape())
	}
	mean, variance := tp.NewTensor(c), tp.NewTensor(c)
	if train {
		if !(eps > 0) {
			tensor.PanicUsage("autograd.BatchNorm", fmt.Sprintf("eps %v in training, expected a positive number", eps))
		}
		count := x.Value.Len() / max(1, c)
		if count < 2 {
			tensor.PanicShape("BatchNorm", "training needs more than one value a channel", x.Shape())
		}
		tensor.BatchNormStats(mean, variance, x.Value)
		if runningMean != nil {
			unbiased := T(count) / T(count-1)
			tensor.MovingAverage(runningMean, mean, 1-momentum, momentum)
			tensor.MovingAverage(runningVar, variance, 1-momentum, momentum*unbiased)
		}
	} else {
		copyFlat(mean, runningMean)
		copyFlat(variance, runningVar)
	}
	y := tp.NewResult(Needs(x, weight, bias), x.Shape()...)
	tensor.BatchNorm(y.Value, x.Value, valueOf(weight), valueOf(bias), mean, variance, eps)
	Record(tp, batchNormOp[T]{x, weight, bias, y, mean, variance, eps, train})
	return y
}

// copyFlat copies the elements of a contiguous tensor into one of any other shape and equal length.
func copyFlat[T tensor.Float](dst, src *tensor.Tensor[T]) {
	var view tensor.Tensor[T]
	view.ViewOf(src, dst.Shape()...)
	tensor.Copy(dst, &view)
}

type batchNormOp[T tensor.Float] struct {
	x, weight, bias, y *Var[T]
	mean, variance     *tensor.Tensor[T]
	eps                T
	train              bool
}

func (o *batchNormOp[T]) Backward(tp *Tape[T]) {
	tensor.BatchNormGrad(gradOf(o.x), gradOf(o.weight), gradOf(o.bias), o.y.GradSum(), o.x.Value, valueOf(o.weight), o.mean, o.variance, o.eps, o.train)
}
