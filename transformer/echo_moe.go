package transformer

import (
	"fmt"

	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
)

// EchoMoEConfig describes a reservoir with a mixture of feed-forward networks on its states. 0
// stands for the default that stands beside a field.
type EchoMoEConfig struct {
	Inputs, Outputs int        // columns of a sequence, and of the result
	Reservoir       esn.Config // esn.Defaults if it is the zero value
	Experts         int        // 4
	Chosen          int        // of each state: 2
	Hidden          int        // hidden units of an expert: twice the neurons
	Activation      string     // of the experts: gelu
}

// NewEchoMoE makes an EchoReadout whose readout is a mixture of experts. The reservoir is that of
// c.Reservoir, as esn.Build gives it; the learned weights are drawn from the key.
func NewEchoMoE[T tensor.Float](k tensor.Key, c EchoMoEConfig) (*EchoReadout[T], error) {
	orElse := func(v *int, other int) {
		if *v == 0 {
			*v = other
		}
	}
	completeReservoir(&c.Reservoir)
	orElse(&c.Experts, 4)
	orElse(&c.Chosen, min(2, c.Experts))
	if c.Activation == "" {
		c.Activation = "gelu"
	}
	act, err := tensor.ActivationOf(c.Activation)
	if err != nil {
		return nil, fmt.Errorf("transformer: %w", err)
	}
	if err := checkReservoir(&c.Reservoir); err != nil {
		return nil, err
	}
	if len(c.Reservoir.ReadoutNeurons) > 0 {
		return nil, fmt.Errorf("transformer: reservoir.readout_neurons is given, expected none: experts see all")
	}
	layer, err := reservoirLayer[T](&c.Reservoir, c.Inputs)
	if err != nil {
		return nil, err
	}
	orElse(&c.Hidden, 2*layer.Size())
	for _, f := range []struct {
		name  string
		value int
	}{{"experts", c.Experts}, {"hidden", c.Hidden}, {"outputs", c.Outputs}} {
		if f.value < 1 || f.value > maxWidth {
			return nil, fmt.Errorf("transformer: %s %d, expected 1 to %d", f.name, f.value, maxWidth)
		}
	}
	experts := NewGroupedFeedForward[T](k.Sub("experts"), c.Experts, layer.Size(), c.Hidden, act, GatingNone)
	mixture, err := NewMoE[T](layer.Size(), c.Chosen, experts)
	if err != nil {
		return nil, err
	}
	return &EchoReadout[T]{Reservoir: layer, Readout: mixture, Head: nn.NewLinear[T](k.Sub("head"), layer.Size(), c.Outputs, true)}, nil
}
