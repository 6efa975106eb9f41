package main

import (
	"fmt"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
	"elegans/transformer"
)

// network is an arm of the comparison.
type network struct {
	name, title string
	best        settings // by the validation part, see -tune
	make        func(k tensor.Key, columns, classes int, dropout float64) (transformer.Sequencer[float32], error)
}

// networks have 10,100 trained parameters, to within 1 %.
var networks = []network{
	{"echo", "reservoir as token mixer", settings{.003, 0}, func(k tensor.Key, columns, classes int, dropout float64) (transformer.Sequencer[float32], error) {
		mixer := transformer.EchoConfig{Reservoir: esn.Defaults(), Direction: transformer.Both, Dropout: dropout}
		// Tokens are normalised: with weights of this size most neurons are not saturated.
		mixer.Reservoir.Neurons, mixer.Reservoir.InputScale, mixer.Reservoir.Washout = 100, .2, 0
		m, err := transformer.NewEchoMixer[float32](k.Sub("mixer"), mixer, 24)
		if err != nil {
			return nil, err
		}
		return newStack(k, columns, classes, 24, 93, dropout, nil, m)
	}},
	{"est", "Echo State Transformer", settings{.003, 0}, func(k tensor.Key, columns, classes int, dropout float64) (transformer.Sequencer[float32], error) {
		c := transformer.EchoTransformerConfig{
			Inputs: columns, Outputs: classes, Dim: 16, Units: 4, Hidden: 44, Dropout: dropout, Pooling: transformer.PoolingMean,
			Reservoir: transformer.MemoryDefaults(),
		}
		c.Reservoir.Neurons = 50
		m, err := transformer.NewEchoTransformer[float32](k, c)
		if err != nil {
			return nil, err
		}
		return m, nil
	}},
	{"lstm", "LSTM", settings{.003, 0}, func(k tensor.Key, columns, classes int, dropout float64) (transformer.Sequencer[float32], error) {
		const units = 43
		return &lstm{
			Net: nn.NewLSTM[float32](k.Sub("net"), columns, units, 1), Dropout: nn.Dropout[float32]{P: dropout},
			Head: nn.NewLinear[float32](k.Sub("head"), units, classes, true),
		}, nil
	}},
	{"vit", "plain transformer", settings{.003, 0}, func(k tensor.Key, columns, classes int, dropout float64) (transformer.Sequencer[float32], error) {
		const dim = 24
		first, second := transformer.NewAttention[float32](k.Sub("attn0"), dim, 4), transformer.NewAttention[float32](k.Sub("attn1"), dim, 4)
		first.Dropout, second.Dropout = dropout, dropout
		return newStack(k, columns, classes, dim, 45, dropout, transformer.Sinusoidal[float32](maxRows, dim), attention{first}, attention{second})
	}},
}

// maxRows is the length of the longest sequence that a network with positions takes.
const maxRows = 29

// choose returns the networks of the given names, all where there are none.
func choose(names string) ([]network, error) {
	if names == "" {
		return networks, nil
	}
	var chosen []network
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(networks, func(n network) bool { return n.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only %q, expected names of echo, est, lstm, vit", name)
		}
		chosen = append(chosen, networks[i])
	}
	return chosen, nil
}

// stack is a transformer over sequences x [B, n, K] of different lengths, to logits [B, classes]:
// the mean of the tokens is judged.
type stack struct {
	Embed     *nn.Linear[float32]
	Positions *autograd.Var[float32] // [1, maxRows, E], or nil
	Dropout   nn.Dropout[float32]
	Blocks    []*block
	Norm      *nn.LayerNorm[float32]
	Head      *nn.Linear[float32]
}

// block is a transformer.Block of order pre that is told the lengths.
type block struct {
	Norm1  *nn.LayerNorm[float32]
	Tokens transformer.Sequencer[float32]
	Norm2  *nn.LayerNorm[float32]
	MLP    *transformer.FeedForward[float32]
}

// newStack makes a transformer with a block for each token mixer.
func newStack(k tensor.Key, columns, classes, dim, hidden int, dropout float64, positions *tensor.Tensor[float32], mixers ...transformer.Sequencer[float32]) (transformer.Sequencer[float32], error) {
	gelu, err := tensor.ActivationOf("gelu")
	if err != nil {
		return nil, err
	}
	s := &stack{
		Embed: nn.NewLinear[float32](k.Sub("embed"), columns, dim, true), Dropout: nn.Dropout[float32]{P: dropout},
		Norm: nn.NewLayerNorm[float32](dim), Head: nn.NewLinear[float32](k.Sub("head"), dim, classes, true),
	}
	if positions != nil {
		s.Positions = autograd.NewBuffer("positions", positions)
	}
	for i, m := range mixers {
		mlp := transformer.NewFeedForward[float32](k.Sub("mlp", uint64(i)), dim, hidden, gelu, transformer.GatingNone)
		mlp.Dropout = dropout
		s.Blocks = append(s.Blocks, &block{nn.NewLayerNorm[float32](dim), m, nn.NewLayerNorm[float32](dim), mlp})
	}
	return s, nil
}

// Forward maps sequences [B, n, K] to logits [B, classes].
func (s *stack) Forward(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	return s.Run(tp, x, nil)
}

// Run is Forward for sequences of the given lengths.
func (s *stack) Run(tp *autograd.Tape[float32], x *autograd.Var[float32], lengths []int) *autograd.Var[float32] {
	h := s.Embed.Forward(tp, x)
	if s.Positions != nil {
		h = tp.Add(h, tp.Slice(s.Positions, 1, 0, x.Value.Dim(1), 1))
	}
	h = s.Dropout.Forward(tp, h)
	for _, b := range s.Blocks {
		h = tp.Add(h, b.Tokens.Run(tp, b.Norm1.Forward(tp, h), lengths))
		h = tp.Add(h, b.MLP.Forward(tp, b.Norm2.Forward(tp, h)))
	}
	h = s.Norm.Forward(tp, h)
	if lengths != nil {
		h = tp.MaskedFill(h, tp.Reshape(tp.Input(behind(tp, lengths, x.Value.Dim(1))), x.Value.Dim(0), x.Value.Dim(1), 1).Value, 0)
	}
	return s.Head.Forward(tp, nn.MeanStates(tp, h, lengths))
}

// behind returns [B, n], 1 for the rows behind the end of a sequence and 0 for all others.
func behind(tp *autograd.Tape[float32], lengths []int, n int) *tensor.Tensor[float32] {
	mask := tp.NewTensor(len(lengths), n)
	tensor.FillFunc(mask, func(i int) float64 {
		if i%n < lengths[i/n] {
			return 0
		}
		return 1
	})
	return mask
}

// attention is self-attention that does not attend to what lies behind the end of a sequence.
type attention struct {
	*transformer.Attention[float32]
}

// Run is Forward for sequences of the given lengths, none of them 0.
func (a attention) Run(tp *autograd.Tape[float32], x *autograd.Var[float32], lengths []int) *autograd.Var[float32] {
	if lengths != nil {
		a.Mask.KeyBlocked = behind(tp, lengths, x.Value.Dim(1))
		defer func() { a.Mask.KeyBlocked = nil }()
	}
	return a.Forward(tp, x)
}

// lstm judges by the state after the last row of a sequence.
type lstm struct {
	Net     *nn.LSTM[float32]
	Dropout nn.Dropout[float32]
	Head    *nn.Linear[float32]
}

// Forward maps sequences [B, n, K] to logits [B, classes].
func (m *lstm) Forward(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	return m.Run(tp, x, nil)
}

// Run is Forward for sequences of the given lengths.
func (m *lstm) Run(tp *autograd.Tape[float32], x *autograd.Var[float32], lengths []int) *autograd.Var[float32] {
	return m.Head.Forward(tp, m.Dropout.Forward(tp, nn.LastStates(tp, m.Net.Forward(tp, x), lengths)))
}
