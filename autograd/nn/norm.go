package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// LayerNorm normalises the last axes of its input, those of the shape of Weight; see
// autograd.Tape.LayerNorm.
type LayerNorm[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // the shape of the normalised axes
	Eps          T
}

// NewLayerNorm returns a layer for the given last axes, with weight 1, bias 0 and eps 1e-5.
func NewLayerNorm[T tensor.Float](shape ...int) *LayerNorm[T] {
	return &LayerNorm[T]{autograd.NewParam("weight", tensor.Full[T](1, shape...)), autograd.NewParam("bias", tensor.New[T](shape...)), 1e-5}
}

// Forward normalises x.
func (l *LayerNorm[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.LayerNorm(x, l.Weight, l.Bias, l.Weight.Value.Dims(), l.Eps)
}

// RMSNorm divides the last axis of its input by its root mean square; see autograd.Tape.RMSNorm.
type RMSNorm[T tensor.Float] struct {
	Weight *autograd.Var[T]
	Eps    T
}

// NewRMSNorm returns a layer for a last axis of n elements, with weight 1 and eps 1e-6.
func NewRMSNorm[T tensor.Float](n int) *RMSNorm[T] {
	return &RMSNorm[T]{autograd.NewParam("weight", tensor.Full[T](1, n)), 1e-6}
}

// Forward normalises x.
func (l *RMSNorm[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.RMSNorm(x, l.Weight, 1, l.Eps)
}

// GroupNorm normalises groups of channels of [N, C, ...]; see autograd.Tape.GroupNorm. With as many
// groups as channels it is instance normalisation.
type GroupNorm[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // [C]
	Groups       int
	Eps          T
}

// NewGroupNorm returns a layer with weight 1, bias 0 and eps 1e-5.
func NewGroupNorm[T tensor.Float](groups, channels int) *GroupNorm[T] {
	return &GroupNorm[T]{autograd.NewParam("weight", tensor.Full[T](1, channels)), autograd.NewParam("bias", tensor.New[T](channels)), groups, 1e-5}
}

// Forward normalises x.
func (l *GroupNorm[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.GroupNorm(x, l.Weight, l.Bias, l.Groups, l.Eps)
}

// BatchNorm normalises the channels of [N, C, ...] over all other axes: by the statistics of the
// batch while Tape.Training is set, and by running averages of them otherwise; see
// autograd.Tape.BatchNorm.
type BatchNorm[T tensor.Float] struct {
	Weight, Bias            *autograd.Var[T] // [C]
	RunningMean, RunningVar *autograd.Var[T] // [C], not trained
	Momentum, Eps           T
}

// NewBatchNorm returns a layer with weight 1, bias 0, running mean 0 and variance 1, momentum 0.1
// and eps 1e-5.
func NewBatchNorm[T tensor.Float](channels int) *BatchNorm[T] {
	return &BatchNorm[T]{
		Weight: autograd.NewParam("weight", tensor.Full[T](1, channels)), Bias: autograd.NewParam("bias", tensor.New[T](channels)),
		RunningMean: autograd.NewBuffer("running_mean", tensor.New[T](channels)), RunningVar: autograd.NewBuffer("running_var", tensor.Full[T](1, channels)),
		Momentum: 0.1, Eps: 1e-5,
	}
}

// Forward normalises x, and moves the running statistics if the tape is in training mode.
func (l *BatchNorm[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.BatchNorm(x, l.Weight, l.Bias, l.RunningMean.Value, l.RunningVar.Value, tp.Training, l.Momentum, l.Eps)
}
