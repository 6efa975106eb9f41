package zoo

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// Worm is a connectome network between an affine map from the features of an image to the signals
// of the sensory neurons, and one from the readout of the motor neurons to logits.
type Worm[T tensor.Float] struct {
	Trunk   nn.Module[T] // features [batch, F] of images [batch, C, H, W]
	Encoder *nn.Linear[T]
	Net     *tensornet.Network[T]
	Dropout nn.Dropout[T]
	Head    *nn.Linear[T]
}

func newWorm[T tensor.Float](s Spec, k tensor.Key, stem func() (nn.Module[T], int)) (nn.Module[T], error) {
	g, err := s.Graph.Load()
	if err != nil {
		return nil, err
	}
	if err := s.checkSize(sizeOf(g)); err != nil {
		return nil, err
	}
	trunk, features := stem()
	net, err := tensornet.New[T](g, s.Network, k.Sub("net"))
	if err != nil {
		return nil, err
	}
	return &Worm[T]{
		Trunk:   trunk,
		Encoder: nn.NewLinear[T](k.Sub("encoder"), features, net.Inputs, true),
		Net:     net,
		Dropout: nn.Dropout[T]{P: s.Dropout},
		Head:    nn.NewLinear[T](k.Sub("head"), net.Outputs, s.Classes, true),
	}, nil
}

// Forward returns logits [batch, classes] for images [batch, C, H, W].
func (w *Worm[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	outer := tp.Enter("trunk")
	features := w.Trunk.Forward(tp, x)
	tp.Leave(outer)
	signal := w.Encoder.Forward(tp, features)
	tp.Mark("encoder", signal)
	outer = tp.Enter("net")
	read := w.Net.Forward(tp, signal)
	tp.Leave(outer)
	logits := w.Head.Forward(tp, w.Dropout.Forward(tp, read))
	tp.Mark("head", logits)
	return logits
}

func buildWorm[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], error) {
	return newWorm(s, k, func() (nn.Module[T], int) { return nn.Flatten[T](), s.Input[0] * s.Input[1] * s.Input[2] })
}

func buildWormCNN[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], error) {
	return newWorm(s, k, func() (nn.Module[T], int) { return convStages[T](s, k.Sub("trunk")) })
}
