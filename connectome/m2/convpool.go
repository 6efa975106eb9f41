package m2

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// pieceImages is the number of images whose convolution exists at a time in convPool: few enough
// for a cache, enough for several workers.
const pieceImages = 8

// convPool convolves images and takes maxima over 2 x 2 pixels, x [B, C, H, W] -> [B, O, H/2, W/2],
// a few images at a time: what the convolution makes, four times the result and at the first layer
// the largest tensor of the encoder, is not stored but made again in the backward pass. That is
// cheap where there are few input channels, and saves two passes over memory.
func convPool[T tensor.Float](tp *autograd.Tape[T], c *nn.Conv2d[T], x *autograd.Var[T]) *autograd.Var[T] {
	var buf [tensor.MaxDims]int
	full := tensor.ConvShape(buf[:0], x.Shape(), c.Weight.Shape(), c.Options)
	o := convPoolOp[T]{
		x: x, weight: c.Weight, bias: c.Bias, o: c.Options, channels: full[1], height: full[2], width: full[3],
	}
	o.y = tp.NewResult(autograd.Needs(x, c.Weight, c.Bias), full[0], full[1], full[2]/2, full[3]/2)
	z := o.room(tp)
	for lo := 0; lo < full[0]; lo += pieceImages {
		_, zs := o.convolve(z, lo)
		ys := piece(o.y.Value, lo)
		tensor.MaxPool(&ys, &zs, halve)
	}
	tp.Free(z)
	tp.CountMACs(full[0] * full[1] * full[2] * full[3] * c.Weight.Value.Len() / full[1])
	autograd.Record(tp, o)
	return o.y
}

type convPoolOp[T tensor.Float] struct {
	x, weight, bias, y      *autograd.Var[T]
	o                       tensor.ConvOptions
	channels, height, width int // of the convolution's result
}

// room returns memory for the convolution of pieceImages images.
func (o *convPoolOp[T]) room(tp *autograd.Tape[T]) *tensor.Tensor[T] {
	return tp.NewTensor(min(pieceImages, o.x.Value.Dim(0)), o.channels, o.height, o.width)
}

// piece returns the images of t from number lo on, pieceImages of them or what is left.
func piece[T tensor.Float](t *tensor.Tensor[T], lo int) tensor.Tensor[T] {
	return tensor.Window(t, lo, min(lo+pieceImages, t.Dim(0)))
}

// convolve returns the images from number lo on, and their convolution, which it computes into z.
func (o *convPoolOp[T]) convolve(z *tensor.Tensor[T], lo int) (xs, zs tensor.Tensor[T]) {
	xs = piece(o.x.Value, lo)
	zs = tensor.Window(z, 0, xs.Dim(0))
	tensor.Conv(&zs, &xs, o.weight.Value, o.bias.Value, o.o)
	return xs, zs
}

func (o *convPoolOp[T]) Backward(tp *autograd.Tape[T]) {
	dy := o.y.GradSum()
	var dx, dw, db *tensor.Tensor[T]
	var betaX, betaW, betaB T
	if o.x.RequiresGrad() {
		dx, betaX = o.x.GradTarget()
	}
	if o.weight.RequiresGrad() {
		dw, betaW = o.weight.GradTarget()
	}
	if o.bias.RequiresGrad() {
		db, betaB = o.bias.GradTarget()
	}
	z, dz := o.room(tp), o.room(tp)
	for lo := 0; lo < dy.Dim(0); lo += pieceImages {
		xs, zs := o.convolve(z, lo)
		ys, dys := piece(o.y.Value, lo), piece(dy, lo)
		dzs := tensor.Window(dz, 0, xs.Dim(0))
		tensor.MaxPoolGrad(&dzs, &dys, &zs, &ys, 0, halve)
		if dx != nil {
			dxs := piece(dx, lo)
			tensor.ConvGradInput(&dxs, &dzs, o.weight.Value, betaX, o.o)
		}
		if dw != nil {
			tensor.ConvGradWeight(dw, &xs, &dzs, betaW, o.o)
			betaW = 1
		}
		if db != nil {
			tensor.ConvGradBias(db, &dzs, betaB)
			betaB = 1
		}
	}
	tp.Free(z)
	tp.Free(dz)
}
