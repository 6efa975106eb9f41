package transformer

import (
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// PatchEmbed cuts an image into patches and makes a token of each by a linear map: x [B, C, H, W]
// -> [B, n, E] with n = H/p * W/q for patches of p by q pixels, row by row. A row of an image as a
// patch makes a sequence of the image.
type PatchEmbed[T tensor.Float] struct {
	Proj *nn.Conv2d[T] // [E, C, p, q], with a stride of p and q
}

// NewPatchEmbed returns an embedding with weights from Glorot's uniform distribution and biases 0.
func NewPatchEmbed[T tensor.Float](k tensor.Key, channels int, patch [2]int, features int) *PatchEmbed[T] {
	bound := math.Sqrt(6 / float64(channels*patch[0]*patch[1]+features))
	return &PatchEmbed[T]{&nn.Conv2d[T]{
		Weight:  autograd.NewParam("weight", tensor.Uniform[T](k.Sub("weight"), -bound, bound, features, channels, patch[0], patch[1])),
		Bias:    autograd.NewParam("bias", tensor.New[T](features)),
		Options: tensor.ConvOptions{Stride: patch},
	}}
}

// Forward maps images [B, C, H, W] to tokens [B, n, E].
func (p *PatchEmbed[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	w := p.Proj.Weight.Value
	channels, features, patch := w.Dim(1), w.Dim(0), [2]int{w.Dim(2), w.Dim(3)}
	// The weight has (channel, row, column) in its rows, as the patches must then have.
	weight := tp.Reshape(p.Proj.Weight, features, channels*patch[0]*patch[1])
	return tp.Linear(patches(tp, x, patch, 1, 3, 5), weight, p.Proj.Bias)
}

// Patches returns the pixels of each patch of p by q pixels as a row, in the order (row, column,
// channel): x [B, C, H, W] -> [B, n, p*q*C], row by row. It panics with a *tensor.ShapeError where
// patches do not divide an image.
func Patches[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], patch [2]int) *autograd.Var[T] {
	return patches(tp, x, patch, 3, 5, 1)
}

// patches is Patches with the pixels of a row in the order of the given axes: 1 is the channel, 3
// the row and 5 the column.
func patches[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], patch [2]int, order ...int) *autograd.Var[T] {
	if x.Value.Dims() != 4 || min(patch[0], patch[1]) < 1 || x.Value.Dim(2)%patch[0] != 0 || x.Value.Dim(3)%patch[1] != 0 {
		tensor.PanicShape("transformer.Patches", "want images [B, C, H, W] that the patch divides", x.Shape(), patch[:])
	}
	b, c, h, w := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)/patch[0], x.Value.Dim(3)/patch[1]
	x = tp.Reshape(x, b, c, h, patch[0], w, patch[1])
	x = tp.Permute(x, 0, 2, 4, order[0], order[1], order[2])
	return tp.Reshape(x, b, h*w, c*patch[0]*patch[1])
}
