package m2

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Encoder turns images [batch, 1, 28, 28] into codes [batch, d]: three convolutions of 3 x 3 with
// elu, the first two followed by a maximum over 2 x 2 (28 -> 14 -> 7), and a dense layer with elu
// on the pixels in (row, column, channel) order.
type Encoder[T tensor.Float] struct {
	Conv1, Conv2, Conv3 *nn.Conv2d[T]
	Dense               *nn.Linear[T]
}

func newEncoder[T tensor.Float](c Config, k tensor.Key) *Encoder[T] {
	n := c.Encoder
	return &Encoder[T]{
		Conv1: newConv[T](k.Sub("conv1"), 1, n[0], same), Conv2: newConv[T](k.Sub("conv2"), n[0], n[1], same), Conv3: newConv[T](k.Sub("conv3"), n[1], n[2], same),
		Dense: newDense[T](k.Sub("dense"), Side/4*(Side/4)*n[2], c.Width),
	}
}

// halve takes maxima over windows of 2 x 2 pixels.
var halve = tensor.PoolOptions{Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}}

// Forward returns the codes.
func (e *Encoder[T]) Forward(tp *autograd.Tape[T], images *autograd.Var[T]) *autograd.Var[T] {
	if tp.KeepMarks { // only then does the activation of all pixels exist
		before := tp.MACs()
		elu(tp, "enc.conv1", e.Conv1.Forward(tp, images))
		tp.CountMACs(before - tp.MACs()) // they are counted below
	}
	h := tp.ELU(convPool(tp, e.Conv1, images), 1)
	h = eluPool(tp, "enc.conv2", e.Conv2.Forward(tp, h))
	h = elu(tp, "enc.conv3", e.Conv3.Forward(tp, h))
	h = tp.Flatten(tp.Permute(h, 0, 2, 3, 1), 1)
	return elu(tp, "enc.dense", e.Dense.Forward(tp, h))
}

// elu applies the activation of all layers, x for x > 0 and exp(x)-1 below, and marks the result as
// that of the named layer.
func elu[T tensor.Float](tp *autograd.Tape[T], name string, x *autograd.Var[T]) *autograd.Var[T] {
	y := tp.ELU(x, 1)
	tp.Mark(name, y)
	return y
}

// eluPool applies the activation and takes maxima, in the other order: the activation grows with
// its argument, so the result is the same for a quarter of the work. The activation of all pixels,
// the result of the named layer, exists only for those who look at marks; no gradient reaches it.
func eluPool[T tensor.Float](tp *autograd.Tape[T], name string, x *autograd.Var[T]) *autograd.Var[T] {
	if tp.KeepMarks {
		elu(tp, name, x)
	}
	return tp.ELU(tp.MaxPool2d(x, halve), 1)
}
