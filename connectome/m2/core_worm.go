package m2

import (
	"cmp"
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// WormCore is the sound network of core "worm": all synapses of the graph take part, every product
// is bounded, every neuron receives a signal, and every motor neuron is read. Its units have a
// width u of their own, so that it costs little beside encoder and decoder:
//
//	s      = In x                                       [batch, u]
//	M      = Net s                                      [batch, motors, u]
//	q      = Query x                                    [batch, heads, u]
//	a[h,m] = softmax over m of q[h] . M[m] / sqrt(u)    [batch, heads, motors]
//	y      = Out (sum over m of a[h,m] M[m])_h          [batch, d]
//
// s is the signal of the sensory neurons, [batch, sensory*u] with tensornet.SignalEach, and M holds
// the states of the motor neurons after the last round.
//
// It is attention with several heads (Vaswani et al. 2017, sections 3.2.1 and 3.2.2) whose heads
// all read the states themselves: the maps of keys and values, which would come on top, can be
// multiplied into Query and Out when a head is as wide as a state, so that they would add cost but
// no function.
type WormCore[T tensor.Float] struct {
	In    *nn.Linear[T]         `nn:"tn.in"`
	Net   *tensornet.Network[T] `nn:"tn.net"`
	Query *nn.Linear[T]         `nn:"tn.query"`
	Out   *nn.Linear[T]         `nn:"tn.out"`
	heads int
}

// Defaults of the core's Config.
const (
	wormWidth = 64
	// These are the fewest rounds in which every synapse of the canonical worm lies on a way from
	// the signal to a motor neuron.
	wormRounds = 6
	wormHeads  = 16
)

// completeWorm fills in the network of the cores that are measured by it.
func (c *Config) completeWorm() error {
	n := &c.Network
	n.Width = cmp.Or(n.Width, wormWidth)
	n.Rounds = cmp.Or(n.Rounds, wormRounds)
	n.Combine = cmp.Or(n.Combine, tensornet.CombineProduct)
	n.InputNeurons = cmp.Or(n.InputNeurons, tensornet.InputOpen)
	c.Heads = cmp.Or(c.Heads, wormHeads)
	if n.Readout = cmp.Or(n.Readout, tensornet.ReadoutStates); n.Readout != tensornet.ReadoutStates {
		return fmt.Errorf("m2: network.readout is %q, expected states (or nothing): attention reads the motor neurons",
			n.Readout)
	}
	return n.Complete()
}

func newWormCore[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (*WormCore[T], error) {
	net, err := tensornet.New[T](g, c.Network, k.Sub("net"))
	if err != nil {
		return nil, err
	}
	u := c.Network.Width
	return &WormCore[T]{
		In: newDense[T](k.Sub("in"), c.Width, net.Inputs), Net: net, heads: c.Heads,
		Query: newDense[T](k.Sub("query"), c.Width, c.Heads*u), Out: newDense[T](k.Sub("out"), c.Heads*u, c.Width),
	}, nil
}

// Forward returns y [batch, d] for x [batch, d].
func (w *WormCore[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	batch, u := x.Value.Dim(0), w.Net.Config.Width
	signal := w.In.Forward(tp, x)
	tp.Mark("tn.in", signal)
	outer := tp.Enter("tn.net")
	states := w.Net.Forward(tp, signal)
	tp.Leave(outer)
	query := w.Query.Forward(tp, x)
	tp.Mark("tn.query", query)
	states = tp.Reshape(states, batch, 1, -1, u)
	context, attention := tp.ScaledDotProductAttention(tp.Reshape(query, batch, 1, w.heads, u), states, states, autograd.AttentionOptions[T]{})
	tp.Mark("tn.attention", attention)
	tp.Mark("tn.context", context)
	y := w.Out.Forward(tp, tp.Reshape(context, batch, w.heads*u))
	tp.Mark("tn.out", y)
	return y
}

// MACs returns the multiply-accumulates of the forward pass for one image: maps, synapses, units
// and attention.
func (w *WormCore[T]) MACs() int {
	// These are the scores and the sum of the states.
	attention := 2 * w.heads * len(w.Net.Wiring.Motor) * w.Net.Config.Width
	return w.In.Weight.Value.Len() + w.Query.Weight.Value.Len() + w.Out.Weight.Value.Len() + w.Net.FLOPs()/2 + attention
}
