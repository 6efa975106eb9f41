package published

import (
	"fmt"
	"slices"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/tensor"
	"elegans/tensor/program"
)

// Network is one of the published tensor networks: a connectome whose motor neurons' values are
// pooled by an attention. Its parameters have the names of the original. Several goroutines may
// call Forward at a time, each with a tape of its own.
type Network[T tensor.Float] struct {
	Config Config // complete; embedding_dim and n_heads as they are used
	Motors []int  // the neurons whose values are pooled, in the order of the stack

	Projection *nn.Linear[T] // of the input, if input_dim is not embedding_dim
	MHA        *attention[T] // nil without attention
	// of the motor neurons to each other, if it has weights of its own
	MHASelf *attention[T]
	Query   *autograd.Var[T]   // the learned query [d], or nil
	LSTM    *nn.LSTM[T]        // the pooling "no-attn-lstm", or nil
	NormOut []*nn.LayerNorm[T] // norm_out, and with recurrence norm_out_step1 to norm_out_step4
	Slope   *autograd.Var[T]   // of "prelu", [1], or nil

	graph    *connectome.Graph
	inputs   int // inputs of a time step: 1, or with EachSensor one for each sensory neuron
	act      program.Activation[T]
	units    []unit[T] // by neuron; empty where there is no unit
	created  []int
	ignored  int
	programs programs[T]
}

// unit holds the parameters of a neuron; Gain and Shift are nil without normalisation, and all are
// nil where there is no unit.
type unit[T tensor.Float] struct {
	Weight, Bias *autograd.Var[T]
	Gain         *autograd.Var[T] `nn:"norm.weight"`
	Shift        *autograd.Var[T] `nn:"norm.bias"`
}

// recurrentNetworks is the number of networks that the original builds for a recurrence, which
// differ in their output normalisations: one for the first time step and four more.
const recurrentNetworks = 5

// New compiles a graph by the rules of the configuration's variant. Weights are drawn from the key
// with PyTorch's default distributions. The error names the option whose value the variant refuses,
// or what the graph lacks.
func New[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (*Network[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	n := &Network[T]{graph: g, inputs: 1}
	if c.EachSensor {
		n.inputs = len(g.WithRole(connectome.Sensory))
	}
	times := 1
	if c.RecurrenceType != "" {
		times = recurrentNetworks
	}
	o, err := compile(g, &c, times)
	if err != nil {
		return nil, err
	}
	if c.RecurrenceType != "" && !o.settled { // longer signals would need other units
		return nil, fmt.Errorf("published: recurrence_type %q: in graph %q a signal still reaches neurons for the first time at time step %d, expected it to have reached all that it can before",
			c.RecurrenceType, g.Name, times-1)
	}
	rules := variants[c.Variant]
	n.Motors, n.created, n.ignored = o.motors, o.created, o.ignored
	heads := len(o.motors)
	if rules.allUnits {
		heads = len(g.WithRole(connectome.Motor))
	}
	heads = c.settleHeads(heads)
	c.NHeads = &heads
	n.Config = c
	n.initialise(k)

	used := o.live
	switch {
	case rules.allUnits:
		used = make([]int, g.Len())
		for v := range used {
			used[v] = v
		}
		n.created = used
	case c.RecurrenceType != "":
		used = o.created
	}
	n.newUnits(used, k.Sub("unit"))
	if c.Reservoir {
		for _, p := range nn.Params(n) {
			p.SetRequiresGrad(false)
		}
	}
	return n, nil
}

// settleHeads returns the number of heads in use, and raises embedding_dim to a multiple of it if
// they share its columns and it is not to be lowered.
func (c *Config) settleHeads(motors int) int {
	heads := motors
	if c.NHeads != nil {
		heads = *c.NHeads
	}
	if c.HeadDim != nil || c.EmbeddingDim%heads == 0 {
		return heads
	}
	if !c.AdjustNHeads {
		c.EmbeddingDim += heads - c.EmbeddingDim%heads
		return heads
	}
	heads = min(heads, c.EmbeddingDim)
	for c.EmbeddingDim%heads != 0 {
		heads--
	}
	return heads
}

// initialise makes all parameters but those of the units.
func (n *Network[T]) initialise(k tensor.Key) {
	c, d := &n.Config, n.Config.EmbeddingDim
	if c.InputDim != d {
		n.Projection = nn.NewLinear[T](k.Sub("projection"), c.InputDim, d, true)
	}
	a := activations[c.Activation]
	n.act = program.Activation[T]{Kind: a.Kind, Op: a.Op, A: T(a.A), B: T(a.B)}
	if a.Kind == program.PReLU {
		n.Slope = autograd.NewParam("_activation_fn.weight", tensor.Full[T](0.25, 1))
	}
	head := c.head()
	if head.attends {
		n.MHA = newAttention[T](k.Sub("mha"), d, *c.NHeads, c.HeadDim, c.DropoutMHA)
	}
	if head.self && head.pool != "" && variants[c.Variant].twoAttentions {
		n.MHASelf = newAttention[T](k.Sub("mha_self"), d, *c.NHeads, c.HeadDim, c.DropoutMHA)
	}
	if head.learned {
		n.Query = autograd.NewParam("query", tensor.Normal[T](k.Sub("query"), 0, 1, d))
	}
	if head.pool == "lstm" {
		n.LSTM = nn.NewLSTM[T](k.Sub("lstm"), d, d, 1)
	}
	norms := 1
	if c.RecurrenceType != "" {
		norms = recurrentNetworks
	}
	for range norms {
		n.NormOut = append(n.NormOut, nn.NewLayerNorm[T](d))
	}
}

// newUnits makes the units of the neurons used. Those of each kind lie together in memory.
func (n *Network[T]) newUnits(used []int, k tensor.Key) {
	d := n.Config.EmbeddingDim
	n.units = make([]unit[T], n.graph.Len())
	part := func(name string, all *tensor.Tensor[T], i int) *autograd.Var[T] {
		own := tensor.Entry(all, i)
		return autograd.NewParam(name, &own)
	}
	weight, bias := tensor.New[T](len(used), d, d), tensor.New[T](len(used), d)
	gain, shift := tensor.Full[T](1, len(used), d), tensor.New[T](len(used), d)
	for i, v := range used {
		linear := nn.NewLinear[T](k.Sub("unit", uint64(v)), d, d, true)
		u := unit[T]{Weight: part("weight", weight, i), Bias: part("bias", bias, i)}
		tensor.Copy(u.Weight.Value, linear.Weight.Value)
		tensor.Copy(u.Bias.Value, linear.Bias.Value)
		if n.Config.NormTensorUnit {
			u.Gain, u.Shift = part("norm.weight", gain, i), part("norm.bias", shift, i)
		}
		n.units[v] = u
	}
}

// Parts names the parameters as the original does: unit.V.weight, unit.V.bias, unit.V.norm.weight
// and unit.V.norm.bias for the neurons V, then mha, mha_self, projection, query, lstm, norm_out.
// The slope of "prelu", which has no place in the original's list, comes last.
func (n *Network[T]) Parts() []nn.Part {
	parts := []nn.Part{
		{Name: "unit", Value: n.units}, {Name: "mha", Value: n.MHA}, {Name: "mha_self", Value: n.MHASelf},
		{Name: "projection", Value: n.Projection}, {Name: "query", Value: n.Query}, {Name: "lstm", Value: n.LSTM},
	}
	for i, norm := range n.NormOut {
		name := "norm_out"
		if i > 0 {
			name = fmt.Sprintf("norm_out_step%d", i)
		}
		parts = append(parts, nn.Part{Name: name, Value: norm})
	}
	return append(parts, nn.Part{Name: "_activation_fn.weight", Value: n.Slope})
}

// Units returns the neurons for which the original makes a unit, ascending. Not all of them are
// parameters: torch-functional without recurrence registers those alone that reach the output.
func (n *Network[T]) Units() []int { return slices.Clone(n.created) }

// UnitsWithoutGradient returns those of Units whose weight does not act on the output of a signal
// of so many time steps (1 without recurrence). With recurrence the normalisation of such a unit
// may.
func (n *Network[T]) UnitsWithoutGradient(times int) []int {
	p := n.program(times)
	return slices.DeleteFunc(n.Units(), func(v int) bool {
		i, live := slices.BinarySearch(p.live, v)
		return live && p.linear[i]
	})
}

// IgnoredConnections returns the number of connections that carry nothing in the first time step,
// because no signal has reached their source when their turn comes.
func (n *Network[T]) IgnoredConnections() int { return n.ignored }

// Inputs returns the length of a row of x: input_dim, or with EachSensor that for every sensory
// neuron.
func (n *Network[T]) Inputs() int { return n.inputs * n.Config.InputDim }

// Steps returns the numbers of matrix products and of other operations on values that the outputs
// of a signal of so many time steps need.
func (n *Network[T]) Steps(times int) (linear, others int) {
	p := n.program(times)
	return p.linears, p.program.Steps() - p.linears
}
