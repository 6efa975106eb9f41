package transformer

import (
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// newLinear returns a layer with a weight from Glorot's uniform distribution and bias 0, as the
// vision transformer and the mixer are initialised.
func newLinear[T tensor.Float](k tensor.Key, in, out int) *nn.Linear[T] {
	bound := math.Sqrt(6 / float64(in+out))
	return &nn.Linear[T]{
		Weight: autograd.NewParam("weight", tensor.Uniform[T](k.Sub("weight"), -bound, bound, out, in)),
		Bias:   autograd.NewParam("bias", tensor.New[T](out)),
	}
}

// newLayerNorm returns a layer normalisation over the last axis with the given eps.
func newLayerNorm[T tensor.Float](features int, eps float64) *nn.LayerNorm[T] {
	l := nn.NewLayerNorm[T](features)
	l.Eps = T(eps)
	return l
}
