package crosscheck

import (
	"encoding/json"
	"fmt"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/tensor/leaky"
	"elegans/transformer"
)

// formerChosen is how many experts a row goes to where a configuration does not say.
const formerChosen = 2

// formerMixtureConfig are the options of a mixture by itself.
type formerMixtureConfig struct {
	Input   int   `json:"input_size"`
	Output  int   `json:"output_size"`
	Experts int   `json:"num_experts"`
	Chosen  int   `json:"k"`
	Noisy   *bool `json:"noisy_gating"`
	Expert  struct {
		Dim    int `json:"embed_dim"`
		Hidden int `json:"ff_dim"`
	} `json:"expert"` // of feed-forward networks
	Network json.RawMessage `json:"tensornet_config"` // of tensor networks
}

// formerMixture makes a mixture of experts.
func formerMixture[T tensor.Float](e *formerEntry) (*formerModel[T], error) {
	var c formerMixtureConfig
	if err := decodeStrictly(e.Config, &c); err != nil {
		skip("config: %v", err)
	}
	if c.Chosen == 0 {
		c.Chosen = min(formerChosen, c.Experts)
	}
	m := &formerModel[T]{units: map[string][]int{}, input: []int{3, 5, c.Input}}
	if len(e.InputShape) > 0 {
		m.input = e.InputShape
	}
	var experts transformer.Experts[T]
	if c.Network != nil {
		var size struct {
			Input int `json:"input_dim"`
		}
		if err := json.Unmarshal(c.Network, &size); err != nil {
			skip("config: tensornet_config: %v", err)
		}
		b := &formerBuilder[T]{c: formerVisionConfig{Network: c.Network}, model: m}
		list, err := b.experts("moe", c.Experts)
		if err != nil {
			return nil, err
		}
		experts, c.Input = list, size.Input
	} else {
		if c.Expert.Dim == 0 { // by the defaults of the program
			c.Expert.Dim, c.Expert.Hidden = c.Input, 4*c.Input
		}
		if c.Expert.Dim != c.Input || c.Output != c.Input {
			skip("config: experts map %d to %d numbers, expected %d, of which there are %d in a row", c.Expert.Dim, c.Output, c.Input, c.Input)
		}
		experts = formerExperts[T](c.Experts, c.Input, c.Expert.Hidden)
	}
	mixture, err := formerMoE(c.Input, c.Chosen, experts, c.Noisy)
	if err != nil {
		return nil, err
	}
	m.module, m.theirs = mixture, func(name string) string { return "moe." + formerName(name) }
	m.mixture = mixture
	m.marked = map[string]string{"gates": "gates", "load": "load"}
	return m, nil
}

// formerExperts makes feed-forward networks.
func formerExperts[T tensor.Float](n, features, hidden int) *transformer.GroupedFeedForward[T] {
	if float64(n)*float64(features)*float64(hidden) > maxFormerNumbers || min(n, features, hidden) < 1 {
		skip("config: %d experts of %d features and %d hidden units, expected at least one of each and at most %d parameters", n, features, hidden, maxFormerNumbers)
	}
	act, err := tensor.ActivationOf("gelu")
	must(err)
	return transformer.NewGroupedFeedForward[T](tensor.NewKey(0, "experts"), n, features, hidden, act, transformer.GatingNone)
}

// formerMoE makes a mixture; noisy nil stands for true.
func formerMoE[T tensor.Float](in, k int, experts transformer.Experts[T], noisy *bool) (*transformer.MoE[T], error) {
	m, err := transformer.NewMoE[T](in, k, experts)
	if err == nil {
		m.Noisy = noisy == nil || *noisy
	}
	return m, err
}

// formerEchoConfig are the options of a reservoir with a mixture as readout.
type formerEchoConfig struct {
	Input     int   `json:"input_dim"`
	Reservoir int   `json:"reservoir_dim"`
	Experts   int   `json:"num_experts"`
	Chosen    int   `json:"k"`
	Noisy     *bool `json:"noisy_gating"`
	Hidden    int   `json:"ff_dim"`
	Output    int   `json:"output_dim"`
}

// echoReadout is a frozen reservoir, a mixture that reads all its states, and a linear map.
type echoReadout[T tensor.Float] struct {
	ESN     *nn.EchoState[T] `nn:"esn"`
	Readout *transformer.MoE[T]
	Head    *nn.Linear[T]
}

// Forward maps x [B, T, K] to [B, T, classes].
func (m *echoReadout[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	states := m.ESN.Forward(tp, x)
	tp.Mark("states", states)
	return m.Head.Forward(tp, m.Readout.Forward(tp, states))
}

// formerEcho makes a reservoir with a mixture as readout.
func formerEcho[T tensor.Float](e *formerEntry) (*formerModel[T], error) {
	var c formerEchoConfig
	if err := decodeStrictly(e.Config, &c); err != nil {
		skip("config: %v", err)
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"input_dim", c.Input}, {"reservoir_dim", c.Reservoir}, {"output_dim", c.Output}} {
		if f.value < 1 || f.value > 1<<12 {
			return nil, fmt.Errorf("%s %d, expected 1 to %d", f.name, f.value, 1<<12)
		}
	}
	n := c.Reservoir
	mixture, err := formerMoE[T](n, c.Chosen, formerExperts[T](c.Experts, n, c.Hidden), c.Noisy)
	if err != nil {
		return nil, err
	}
	act, err := tensor.ActivationOf("tanh")
	must(err)
	m := &echoReadout[T]{
		ESN:     nn.NewEchoState(leaky.Weights[T]{Dense: tensor.New[T](n, n)}, tensor.New[T](n, c.Input), tensor.New[T](n), nil, act),
		Readout: mixture, Head: nn.NewLinear[T](tensor.NewKey(0, "head"), n, c.Output, true),
	}
	return &formerModel[T]{
		module: m, input: e.InputShape, marked: map[string]string{"states": "states"},
		theirs: func(name string) string {
			return strings.NewReplacer("esn.input", "esn.win.weight", "esn.weight", "esn.w.weight", "esn.bias", "esn.w.bias").Replace(formerName(name))
		},
	}, nil
}
