package m2

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Decoder turns gated codes [batch, d] into logits [batch, 1, 28, 28]: four dense layers with elu,
// whose result is read as an image of 4 x 4 pixels in (row, column, channel) order, batch
// normalisation, and four convolutions of 3 x 3, each but the last with elu and followed by
// doubling both sides: 4 -> 8 -> 16 -> 14 -> 28, where the third convolution has no padding.
type Decoder[T tensor.Float] struct {
	Dense1, Dense2, Dense3, Dense4 *nn.Linear[T]
	BN                             *nn.BatchNorm[T]
	Conv1                          *nn.Conv2d[T]
	// These enlarge the result of the layer before and convolve it.
	Conv2, Conv3, Out *nn.UpsampleConv2d[T]
	latent            int
}

func newDecoder[T tensor.Float](c Config, k tensor.Key) *Decoder[T] {
	n, last := c.Decoder, latentSide*latentSide*c.Latent
	return &Decoder[T]{
		Dense1: newDense[T](k.Sub("dense1"), c.Width, c.Width), Dense2: newDense[T](k.Sub("dense2"), c.Width, c.Hidden[0]),
		Dense3: newDense[T](k.Sub("dense3"), c.Hidden[0], c.Hidden[1]), Dense4: newDense[T](k.Sub("dense4"), c.Hidden[1], last),
		BN:    newBatchNorm[T](c.Latent, c.BatchMomentum),
		Conv1: newConv[T](k.Sub("conv1"), c.Latent, n[0], same), Conv2: nn.NewUpsampleConv2d(newConv[T](k.Sub("conv2"), n[0], n[1], same)),
		Conv3: nn.NewUpsampleConv2d(newConv[T](k.Sub("conv3"), n[1], n[2], valid)), Out: nn.NewUpsampleConv2d(newConv[T](k.Sub("out"), n[2], 1, same)),
		latent: c.Latent,
	}
}

// latentSide is the height and width of the image from which the decoder grows.
const latentSide = 4

// Forward returns the logits.
func (d *Decoder[T]) Forward(tp *autograd.Tape[T], z *autograd.Var[T]) *autograd.Var[T] {
	h := elu(tp, "dec.dense1", d.Dense1.Forward(tp, z))
	h = elu(tp, "dec.dense2", d.Dense2.Forward(tp, h))
	h = elu(tp, "dec.dense3", d.Dense3.Forward(tp, h))
	h = elu(tp, "dec.dense4", d.Dense4.Forward(tp, h))
	h = tp.Permute(tp.Reshape(h, -1, latentSide, latentSide, d.latent), 0, 3, 1, 2)
	h = d.BN.Forward(tp, h)
	tp.Mark("dec.bn", h)
	h = elu(tp, "dec.conv1", d.Conv1.Forward(tp, h))
	h = elu(tp, "dec.conv2", d.Conv2.Forward(tp, h))
	h = elu(tp, "dec.conv3", d.Conv3.Forward(tp, h))
	logits := d.Out.Forward(tp, h)
	tp.Mark("dec.out.logit", logits)
	return logits
}
