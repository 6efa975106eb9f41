package zoo

import (
	"cmp"
	"fmt"
	"slices"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// DefaultModel is what is trained where no model is named.
const DefaultModel = "worm"

// WormConfig describes a classifier by a connectome network between two affine maps.
type WormConfig struct {
	Graph   Graph            `json:"graph,omitzero"`
	Network tensornet.Config `json:"network,omitzero"`  // Width 16 and Rounds 4 if 0
	Dropout float64          `json:"dropout,omitempty"` // before the last map
}

func init() {
	Register(Family[WormConfig]{
		Name: DefaultModel, About: "images -> affine map -> connectome network -> affine map -> logits", Task: Classification,
		Complete: (*WormConfig).complete, Float32: newWorm[float32], Float64: newWorm[float64],
		Graph:   func(c *WormConfig) *Graph { return &c.Graph },
		Idle:    func(c WormConfig) map[string]string { return idleGraphOptions(c.Graph) },
		Options: slices.Concat(graphOptions(), networkOptions("network"), []Option{dropoutOption}),
	})
}

func (c *WormConfig) complete(s Spec) error {
	return cmp.Or(checkDropout(s, c.Dropout), completeNetwork(s, &c.Network), c.Graph.complete())
}

// completeNetwork fills in the network of a classifier, whose readout is one vector an image.
func completeNetwork(s Spec, c *tensornet.Config) error {
	c.Width, c.Rounds = cmp.Or(c.Width, 16), cmp.Or(c.Rounds, 4)
	if err := c.Complete(); err != nil {
		return err
	}
	if c.Readout == tensornet.ReadoutStates {
		return fmt.Errorf("model %q: network.readout %q keeps the motor neurons apart, expected concat, mean or attention", s.Model, c.Readout)
	}
	return nil
}

func newWorm[T tensor.Float](c WormConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	return newWormOn[T](nn.Flatten[T](), s.Input[0]*s.Input[1]*s.Input[2], c, s, k)
}

// Worm is a connectome network between an affine map from the features of an image to the signals
// of the sensory neurons, and one from the readout of the motor neurons to logits.
type Worm[T tensor.Float] struct {
	Trunk   nn.Module[T] // features [batch, F] of images [batch, C, H, W]
	Encoder *nn.Linear[T]
	Net     *tensornet.Network[T]
	Dropout nn.Dropout[T]
	Head    *nn.Linear[T]
}

// newWormOn makes a Worm on a trunk that gives so many features.
func newWormOn[T tensor.Float](trunk nn.Module[T], features int, c WormConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	g, err := c.Graph.Load()
	if err != nil {
		return nil, err
	}
	net, err := tensornet.New[T](g, c.Network, k.Sub("net"))
	if err != nil {
		return nil, err
	}
	return &Worm[T]{
		Trunk:   trunk,
		Encoder: nn.NewLinear[T](k.Sub("encoder"), features, net.Inputs, true),
		Net:     net,
		Dropout: nn.Dropout[T]{P: c.Dropout},
		Head:    nn.NewLinear[T](k.Sub("head"), net.Outputs, s.Classes, true),
	}, nil
}

// Neurons says where the neurons of the network are; see package inspect.
func (w *Worm[T]) Neurons() *tensornet.Neurons[T] { return w.Net.Neurons("net") }

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

// StepBytes estimates the memory of a training step: see tensornet.Network.StepBytes.
func (w *Worm[T]) StepBytes(batch int) float64 { return w.Net.StepBytes(batch) }
