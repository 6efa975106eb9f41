package m2

import (
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// glorot returns a weight uniform in [-a, a), a = sqrt(6 / (fanIn + fanOut)): Keras'
// "glorot_uniform" (Glorot and Bengio 2010).
func glorot[T tensor.Float](k tensor.Key, fanIn, fanOut int, shape ...int) *autograd.Var[T] {
	a := math.Sqrt(6 / float64(fanIn+fanOut))
	return autograd.NewParam("weight", tensor.Uniform[T](k, -a, a, shape...))
}

// zeros returns a bias.
func zeros[T tensor.Float](shape ...int) *autograd.Var[T] {
	return autograd.NewParam("bias", tensor.New[T](shape...))
}

// newDense returns an affine layer with Keras' start.
func newDense[T tensor.Float](k tensor.Key, in, out int) *nn.Linear[T] {
	return &nn.Linear[T]{Weight: glorot[T](k, in, out, out, in), Bias: zeros[T](out)}
}

// Paddings of the convolutions of 3 x 3: same keeps height and width, valid takes 2 off.
const (
	valid = 0
	same  = 1
)

// newConv returns a convolution of 3 x 3 with Keras' start, whose fans count the 9 pixels.
func newConv[T tensor.Float](k tensor.Key, in, out, padding int) *nn.Conv2d[T] {
	return &nn.Conv2d[T]{
		Weight: glorot[T](k, 9*in, 9*out, out, in, 3, 3), Bias: zeros[T](out), Options: tensor.ConvOptions{Padding: [2]int{padding, padding}},
	}
}

// normEps is Keras' epsilon of layer and batch normalisation: the constant beside the variance.
const normEps = 1e-3

// newLayerNorm returns a layer normalisation with Keras' constants.
func newLayerNorm[T tensor.Float](n int) *nn.LayerNorm[T] {
	l := nn.NewLayerNorm[T](n)
	l.Eps = normEps
	return l
}

// kerasMomentum is the share of a batch in the running statistics of Keras' batch normalisation,
// 0.01: its momentum 0.99 is that of the old average.
const kerasMomentum = 0.01

// newBatchNorm returns a batch normalisation with Keras' epsilon.
func newBatchNorm[T tensor.Float](channels int, momentum float64) *nn.BatchNorm[T] {
	l := nn.NewBatchNorm[T](channels)
	l.Eps, l.Momentum = normEps, T(momentum)
	return l
}
