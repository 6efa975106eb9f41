package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// Conv2d convolves images: x [N, in, H, W], weight [out, in/groups, KH, KW], bias [out]  ->  [N,
// out, OH, OW].
type Conv2d[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // Bias may be nil
	Options      tensor.ConvOptions
}

// NewConv2d returns a layer with weight and bias uniform in [-1/sqrt(n), 1/sqrt(n)), where n =
// in/groups*KH*KW elements enter each result.
func NewConv2d[T tensor.Float](k tensor.Key, in, out int, kernel [2]int, bias bool, o tensor.ConvOptions) *Conv2d[T] {
	l := &Conv2d[T]{Options: o}
	l.Weight, l.Bias = filters[T](k, out, in/max(o.Groups, 1), bias, kernel[0], kernel[1])
	return l
}

// filters draws a weight [a, b, size...] and, if wanted, a bias [a] for a layer that sums over
// b*size elements.
func filters[T tensor.Float](k tensor.Key, a, b int, bias bool, size ...int) (weight, biasVar *autograd.Var[T]) {
	shape := append([]int{a, b}, size...)
	n := b
	for _, s := range size {
		n *= s
	}
	bound := fanInBound(n)
	weight = autograd.NewParam("weight", tensor.Uniform[T](k.Sub("weight"), -bound, bound, shape...))
	if bias {
		biasVar = autograd.NewParam("bias", tensor.Uniform[T](k.Sub("bias"), -bound, bound, a))
	}
	return weight, biasVar
}

// Forward convolves x.
func (l *Conv2d[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Conv2d(x, l.Weight, l.Bias, l.Options)
}

// Conv1d convolves sequences: x [N, in, L], weight [out, in/groups, K], bias [out]  ->  [N, out,
// OL].
type Conv1d[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // Bias may be nil
	Options      autograd.Conv1dOptions
}

// NewConv1d returns a layer initialised as by NewConv2d.
func NewConv1d[T tensor.Float](k tensor.Key, in, out, kernel int, bias bool, o autograd.Conv1dOptions) *Conv1d[T] {
	l := &Conv1d[T]{Options: o}
	l.Weight, l.Bias = filters[T](k, out, in/max(o.Groups, 1), bias, kernel)
	return l
}

// Forward convolves x.
func (l *Conv1d[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Conv1d(x, l.Weight, l.Bias, l.Options)
}

// ConvTranspose2d enlarges images: x [N, in, H, W], weight [in, out/groups, KH, KW], bias [out]  ->
// [N, out, OH, OW]; see tensor.ConvTranspose for the sizes.
type ConvTranspose2d[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T] // Bias may be nil
	Options      tensor.ConvOptions
}

// NewConvTranspose2d returns a layer with weight and bias uniform in [-1/sqrt(n), 1/sqrt(n)), where
// n = out/groups*KH*KW, as is customary though it is not the number of elements that enter a
// result.
func NewConvTranspose2d[T tensor.Float](k tensor.Key, in, out int, kernel [2]int, bias bool, o tensor.ConvOptions) *ConvTranspose2d[T] {
	l := &ConvTranspose2d[T]{Options: o}
	l.Weight, _ = filters[T](k, in, out/max(o.Groups, 1), false, kernel[0], kernel[1])
	if bias {
		bound := fanInBound(l.Weight.Value.Len() / max(in, 1))
		l.Bias = autograd.NewParam("bias", tensor.Uniform[T](k.Sub("bias"), -bound, bound, out))
	}
	return l
}

// Forward spreads x.
func (l *ConvTranspose2d[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.ConvTranspose2d(x, l.Weight, l.Bias, l.Options)
}
