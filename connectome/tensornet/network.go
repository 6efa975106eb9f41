package tensornet

import (
	"fmt"
	"math"
	"strconv"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/tensor"
)

// Network is a connectome compiled to a module: x [batch, Inputs] -> y [batch, Outputs], or [batch,
// motors, d] with ReadoutStates.
type Network[T tensor.Float] struct {
	Config Config
	Wiring *Wiring
	Inputs int // d, or sensory*d with SignalEach
	// Outputs is the number of results for an example: d, or motors*d with ReadoutConcat or
	// ReadoutStates.
	Outputs int

	// Weight holds the maps of the units, [neurons, d, d] or, shared, [d, d], and Bias [neurons, d]
	// or [d].
	Weight, Bias *autograd.Var[T]
	// Gain and Shift belong to the normalisation, [neurons, d] or [d]; nil without.
	Gain, Shift *autograd.Var[T]
	// Synapse holds the trainable coefficients of all entries of the wiring; nil with fixed ones.
	Synapse *autograd.Var[T]
	// Query weighs the motor neurons of the attention readout, [1, d]; nil for the others.
	Query *autograd.Var[T]

	coefficients *tensor.Tensor[T] // from the synapse counts: those of the matrix
	matrix       *tensor.CSR[T]
	act          tensor.Activation
	// States, if not nil, is called with the states [neurons, batch, d] before the first round and
	// after every round.
	States func(round int, h *tensor.Tensor[T])
}

// New compiles a graph. Weights are drawn from the key; coefficients start at their values from the
// synapse counts.
func New[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (*Network[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	w, err := Compile(g, c)
	if err != nil {
		return nil, err
	}
	act, err := tensor.ActivationOf(string(c.Activation))
	if err != nil {
		return nil, fmt.Errorf("tensornet: %w", err)
	}
	d := c.Width
	n := &Network[T]{Config: c, Wiring: w, Inputs: d, Outputs: d, act: act}
	if c.Signal == SignalEach {
		n.Inputs *= len(w.Sensory)
	}
	if c.Readout == ReadoutConcat || c.Readout == ReadoutStates {
		n.Outputs *= len(w.Motor)
	}
	coef := tensor.New[T](len(w.Coef))
	tensor.FillFunc(coef, func(i int) float64 { return w.Coef[i] })
	n.coefficients = coef
	n.matrix = tensor.NewCSR(w.Neurons, w.Neurons, w.RowPtr, w.Col, coef.Data())
	switch {
	case c.SynapticWeights != SynapticLearned:
	case c.Combine == CombineProduct:
		// exponents 2 sigma(v) a_ij, so that they stay bounded: see Forward
		n.Synapse = autograd.NewParam("synapse", tensor.New[T](len(w.Coef)))
	default:
		n.Synapse = autograd.NewParam("synapse", coef.Clone())
	}

	std := act.Gain / math.Sqrt(float64(d))
	if c.UnitWeights == UnitShared {
		n.Weight = autograd.NewParam("weight", tensor.Normal[T](k.Sub("weight"), 0, std, d, d))
		n.Bias = autograd.NewParam("bias", tensor.New[T](d))
	} else {
		n.Weight = autograd.NewParam("weight", tensor.Normal[T](k.Sub("weight"), 0, std, w.Neurons, d, d))
		n.Bias = autograd.NewParam("bias", tensor.New[T](w.Neurons, d))
	}
	if c.Norm == NormLayer {
		shape := []int{w.Neurons, d}
		if c.UnitWeights == UnitShared {
			shape = []int{d}
		}
		n.Gain = autograd.NewParam("gain", tensor.Full(T(1), shape...))
		n.Shift = autograd.NewParam("shift", tensor.New[T](shape...))
	}
	if c.Readout == ReadoutAttention {
		n.Query = autograd.NewParam("query", tensor.Normal[T](k.Sub("query"), 0, 1/math.Sqrt(float64(d)), 1, d))
	}
	if c.Frozen {
		for _, p := range []*autograd.Var[T]{n.Weight, n.Bias, n.Gain, n.Shift, n.Synapse} {
			if p != nil {
				p.SetRequiresGrad(false)
			}
		}
	}
	return n, nil
}

// Forward sends the signals x [batch, Inputs] through the network and returns the readout [batch,
// Outputs] (see Config.Readout).
func (n *Network[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	if x.Value.Dims() != 2 || x.Value.Dim(1) != n.Inputs {
		tensor.PanicShape("tensornet.Forward", fmt.Sprintf("want [batch, %d]", n.Inputs), x.Shape())
	}
	synapse := n.synapses(tp)
	h := n.enter(tp, x)
	n.report(tp, 0, h)
	for round := range n.Config.Rounds {
		var drive *autograd.Var[T]
		if n.Config.Drive == DriveEvery {
			drive = x
		}
		var m *autograd.Var[T]
		if n.Config.Combine == CombineProduct {
			m = n.gateProduct(tp, h, synapse, drive)
		} else {
			m = n.weightedSum(tp, h, synapse, drive)
		}
		y := n.unit(tp, m)
		if n.Config.Residual {
			y = tp.Add(h, y)
		}
		h = y
		n.report(tp, round+1, h)
	}
	y := n.readout(tp, h)
	tp.Mark("", y)
	return y
}

// synapses returns the coefficients in force, or nil for those of the matrix.
func (n *Network[T]) synapses(tp *autograd.Tape[T]) *autograd.Var[T] {
	if n.Synapse == nil || n.Config.Combine != CombineProduct {
		return n.Synapse
	}
	return tp.Mul(tp.MulScalar(tp.Sigmoid(n.Synapse), 2), tp.Input(n.coefficients))
}

// report shows the states of a round to who looks: "round0" are those before the first.
func (n *Network[T]) report(tp *autograd.Tape[T], round int, h *autograd.Var[T]) {
	if tp.KeepMarks {
		tp.Mark("round"+strconv.Itoa(round), h)
	}
	if n.States != nil {
		n.States(round, h.Value)
	}
}

// Describe says in a few words how the graph was compiled, for logs.
func (n *Network[T]) Describe() string {
	w := n.Wiring
	return fmt.Sprintf("%d neurons (%d sensory, %d motor), %d synaptic entries; chemical synapses: %d inhibitory (GABA), %d excitatory, of which %d with unknown transmitter",
		w.Neurons, len(w.Sensory), len(w.Motor), len(w.Col), w.Inhibitory, w.Excitatory, w.UnknownTransmitter)
}

// FLOPs returns the floating-point operations of the rounds for one example, forward: 2 d d for
// each unit and 2 d for each synaptic entry a round. A training step does three times as many.
func (n *Network[T]) FLOPs() int {
	d := n.Config.Width
	return n.Config.Rounds * (2*n.Wiring.Neurons*d*d + 2*len(n.Wiring.Col)*d)
}
