package nn

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// Linear is the affine layer y = x weightᵀ + bias: x [.., in], weight [out, in], bias [out].
type Linear[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // Bias may be nil
}

// NewLinear returns a layer with weight and bias uniform in [-1/sqrt(in), 1/sqrt(in)).
func NewLinear[T tensor.Float](k tensor.Key, in, out int, bias bool) *Linear[T] {
	bound := fanInBound(in)
	l := &Linear[T]{Weight: autograd.NewParam("weight", tensor.Uniform[T](k.Sub("weight"), -bound, bound, out, in))}
	if bias {
		l.Bias = autograd.NewParam("bias", tensor.Uniform[T](k.Sub("bias"), -bound, bound, out))
	}
	return l
}

// fanInBound is the bound of the uniform distribution from which weights that sum over n inputs are
// drawn by default.
func fanInBound(n int) float64 {
	if n == 0 {
		return 0
	}
	return 1 / math.Sqrt(float64(n))
}

// Forward returns x weightᵀ + bias.
func (l *Linear[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Linear(x, l.Weight, l.Bias)
}

// GroupedLinear holds a Linear for each group: x [groups, m, in], weight [groups, out, in], bias
// [groups, out].
type GroupedLinear[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // Bias may be nil
}

// NewGroupedLinear returns a layer with weight and bias uniform in [-1/sqrt(in), 1/sqrt(in)).
func NewGroupedLinear[T tensor.Float](k tensor.Key, groups, in, out int, bias bool) *GroupedLinear[T] {
	bound := fanInBound(in)
	l := &GroupedLinear[T]{Weight: autograd.NewParam("weight", tensor.Uniform[T](k.Sub("weight"), -bound, bound, groups, out, in))}
	if bias {
		l.Bias = autograd.NewParam("bias", tensor.Uniform[T](k.Sub("bias"), -bound, bound, groups, out))
	}
	return l
}

// Forward applies each group's map to its x.
func (l *GroupedLinear[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.GroupedLinear(x, l.Weight, l.Bias)
}
