package nn

import (
	"fmt"
	"math"
	"strconv"

	"elegans/autograd"
	"elegans/tensor"
)

// RecurrentLayer holds the parameters of one layer of a recurrent network with H hidden units and G
// gates, side by side in the order of the cells of package autograd.
type RecurrentLayer[T tensor.Float] struct {
	WeightIH *autograd.Var[T] // [G*H, in]
	WeightHH *autograd.Var[T] // [G*H, H]
	BiasIH   *autograd.Var[T] // [G*H] or nil
	BiasHH   *autograd.Var[T] // [G*H] or nil
}

// Recurrent is a stack of layers, the common part of LSTM, GRU and RNN.
type Recurrent[T tensor.Float] struct {
	Layers []RecurrentLayer[T]
	zero   *tensor.Tensor[T] // the initial state, of the batch size last seen
}

// newRecurrent draws all parameters uniformly from [-1/sqrt(H), 1/sqrt(H)).
func newRecurrent[T tensor.Float](k tensor.Key, gates, in, hidden, layers int) Recurrent[T] {
	if in < 1 || hidden < 1 || layers < 1 {
		tensor.PanicUsage("nn.Recurrent", fmt.Sprintf("%d inputs, %d hidden units and %d layers, expected 1 or more of each", in, hidden, layers))
	}
	bound := 1 / math.Sqrt(float64(hidden))
	var r Recurrent[T]
	for l := range layers {
		draw := func(name string, shape ...int) *autograd.Var[T] {
			return autograd.NewParam(name, tensor.Uniform[T](k.Sub(name, uint64(l)), -bound, bound, shape...))
		}
		r.Layers = append(r.Layers, RecurrentLayer[T]{draw("weight_ih", gates*hidden, in), draw("weight_hh", gates*hidden, hidden), draw("bias_ih", gates*hidden), draw("bias_hh", gates*hidden)})
		in = hidden
	}
	return r
}

// Parts names the parameters as PyTorch does: "weight_ih_l0", "weight_hh_l0", "bias_ih_l0",
// "bias_hh_l0", "weight_ih_l1", ...
func (r *Recurrent[T]) Parts() []Part {
	var parts []Part
	for i, l := range r.Layers {
		n := "_l" + strconv.Itoa(i)
		parts = append(parts, Part{"weight_ih" + n, l.WeightIH}, Part{"weight_hh" + n, l.WeightHH}, Part{"bias_ih" + n, l.BiasIH}, Part{"bias_hh" + n, l.BiasHH})
	}
	return parts
}

// initial returns a state of zeros [B, H] for layer l.
func (r *Recurrent[T]) initial(tp *autograd.Tape[T], x *autograd.Var[T], l RecurrentLayer[T]) *autograd.Var[T] {
	if x.Value.Dims() != 3 {
		tensor.PanicShape("nn.Recurrent", "want sequences [B, L, in]", x.Shape())
	}
	if b, h := x.Value.Dim(0), l.WeightHH.Value.Dim(1); r.zero == nil || r.zero.Dim(0) != b || r.zero.Dim(1) != h {
		r.zero = tensor.New[T](b, h)
	}
	return tp.Input(r.zero)
}

// LSTM is a stack of LSTM layers over sequences [B, L, in], from a state of zeros; see
// autograd.Tape.LSTMCell.
type LSTM[T tensor.Float] struct{ Recurrent[T] }

// NewLSTM returns a stack of layers with H = hidden units each.
func NewLSTM[T tensor.Float](k tensor.Key, in, hidden, layers int) *LSTM[T] {
	return &LSTM[T]{newRecurrent[T](k, 4, in, hidden, layers)}
}

// Forward returns the states of the last layer at all steps, [B, L, H].
func (m *LSTM[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y, _, _ := m.Run(tp, x)
	return y
}

// Run returns the states of the last layer at all steps, y [B, L, H], and the states h and c of
// every layer after the last step, [layers, B, H].
func (m *LSTM[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T]) (y, h, c *autograd.Var[T]) {
	var lastH, lastC []*autograd.Var[T]
	for _, l := range m.Layers {
		hidden, cell := m.initial(tp, x, l), m.initial(tp, x, l)
		gi := tp.Linear(x, l.WeightIH, l.BiasIH)
		states := make([]*autograd.Var[T], x.Value.Dim(1))
		for t := range states {
			hidden, cell = tp.LSTMGates(gi, tp.Linear(hidden, l.WeightHH, l.BiasHH), cell, t)
			states[t] = hidden
		}
		x = tp.Stack(1, states...)
		lastH, lastC = append(lastH, hidden), append(lastC, cell)
	}
	return x, tp.Stack(0, lastH...), tp.Stack(0, lastC...)
}

// GRU is a stack of layers of gated recurrent units over sequences [B, L, in], from a state of
// zeros; see autograd.Tape.GRUCell.
type GRU[T tensor.Float] struct{ Recurrent[T] }

// NewGRU returns a stack of layers with H = hidden units each.
func NewGRU[T tensor.Float](k tensor.Key, in, hidden, layers int) *GRU[T] {
	return &GRU[T]{newRecurrent[T](k, 3, in, hidden, layers)}
}

// Forward returns the states of the last layer at all steps, [B, L, H].
func (m *GRU[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y, _ := m.Run(tp, x)
	return y
}

// Run returns the states of the last layer at all steps, y [B, L, H], and the state of every layer
// after the last step, h [layers, B, H].
func (m *GRU[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T]) (y, h *autograd.Var[T]) {
	return m.run(tp, x, func(gi, gh, h *autograd.Var[T], t int) *autograd.Var[T] { return tp.GRUGates(gi, gh, h, t) })
}

// RNN is a stack of Elman layers over sequences [B, L, in], from a state of zeros; see
// autograd.Tape.RNNCell.
type RNN[T tensor.Float] struct{ Recurrent[T] }

// NewRNN returns a stack of layers with H = hidden units each.
func NewRNN[T tensor.Float](k tensor.Key, in, hidden, layers int) *RNN[T] {
	return &RNN[T]{newRecurrent[T](k, 1, in, hidden, layers)}
}

// Forward returns the states of the last layer at all steps, [B, L, H].
func (m *RNN[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y, _ := m.Run(tp, x)
	return y
}

// Run returns the states of the last layer at all steps, y [B, L, H], and the state of every layer
// after the last step, h [layers, B, H].
func (m *RNN[T]) Run(tp *autograd.Tape[T], x *autograd.Var[T]) (y, h *autograd.Var[T]) {
	return m.run(tp, x, func(gi, gh, _ *autograd.Var[T], t int) *autograd.Var[T] { return tp.RNNGates(gi, gh, t) })
}

// run passes sequences through layers with one state.
func (r *Recurrent[T]) run(tp *autograd.Tape[T], x *autograd.Var[T], cell func(gi, gh, h *autograd.Var[T], t int) *autograd.Var[T]) (y, h *autograd.Var[T]) {
	var last []*autograd.Var[T]
	for _, l := range r.Layers {
		hidden := r.initial(tp, x, l)
		gi := tp.Linear(x, l.WeightIH, l.BiasIH)
		states := make([]*autograd.Var[T], x.Value.Dim(1))
		for t := range states {
			hidden = cell(gi, tp.Linear(hidden, l.WeightHH, l.BiasHH), hidden, t)
			states[t] = hidden
		}
		x = tp.Stack(1, states...)
		last = append(last, hidden)
	}
	return x, tp.Stack(0, last...)
}
