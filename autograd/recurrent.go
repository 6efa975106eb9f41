package autograd

import "elegans/tensor"

// The cells share one form: gi = x weightIHᵀ + biasIH and gh = h weightHHᵀ + biasHH, whose columns
// hold the gates side by side, and then a pointwise operation. Sequences compute gi for all steps
// in one product, so the pointwise operations take step t of gi [B, L, columns].

// hidden returns the shape [B, H] of a state whose gates are gh.
func hidden[T tensor.Float](op string, gh *Var[T], gates int) (batch, n int) {
	if gh.Value.Dims() != 2 || gh.Value.Dim(1)%gates != 0 {
		tensor.PanicShape(op, "want the gates of a state, [B, columns]", gh.Shape())
	}
	return gh.Value.Dim(0), gh.Value.Dim(1) / gates
}

// stepsOf returns the number of time steps in gates [B, L, columns] or [B, columns].
func stepsOf[T tensor.Float](gi *Var[T]) int {
	if gi.Value.Dims() == 3 {
		return gi.Value.Dim(1)
	}
	return 1
}

// LSTMCell advances an LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
// 2000) by one step:
//
//	x [B, in], h and c [B, H], weightIH [4H, in], weightHH [4H, H], biasIH and biasHH [4H] or nil
//	z = x weightIHᵀ + biasIH + h weightHHᵀ + biasHH, with the columns i, f, g, o
//	i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o),   g = tanh(z_g)
//	c' = f c + i g,   h' = o tanh(c')
func (tp *Tape[T]) LSTMCell(x, h, c, weightIH, weightHH, biasIH, biasHH *Var[T]) (hNext, cNext *Var[T]) {
	return tp.LSTMGates(tp.Linear(x, weightIH, biasIH), tp.Linear(h, weightHH, biasHH), c, 0)
}

// LSTMGates is the pointwise part of LSTMCell at step t of a sequence: gi = x weightIHᵀ + biasIH
// for all steps [B, L, 4H] (or [B, 4H] for one), gh = h weightHHᵀ + biasHH [B, 4H], c [B, H].
func (tp *Tape[T]) LSTMGates(gi, gh, c *Var[T], t int) (hNext, cNext *Var[T]) {
	batch, n := hidden("LSTMGates", gh, 4)
	need := Needs(gi, gh, c)
	o := lstmOp[T]{gi: gi, gh: gh, c: c, t: t, h: tp.NewResult(need, batch, n), next: tp.NewResult(need, batch, n)}
	o.act, o.tanh = tp.NewTensor(batch, 4*n), tp.NewTensor(batch, n)
	tensor.LSTMGates(o.h.Value, o.next.Value, o.act, o.tanh, gi.Value, gh.Value, c.Value, t)
	Record(tp, o)
	return o.h, o.next
}

type lstmOp[T tensor.Float] struct {
	gi, gh, c, h, next *Var[T]
	act, tanh          *tensor.Tensor[T] // the gates after their functions, tanh(c')
	t                  int
}

func (o *lstmOp[T]) Backward(*Tape[T]) {
	tensor.LSTMGatesGrad(gradOf(o.gi), gradOf(o.gh), gradOf(o.c), o.h.GradSum(), o.next.GradSum(), o.act, o.tanh, o.c.Value, o.t, stepsOf(o.gi))
}

// GRUCell advances a gated recurrent unit (Cho et al. 2014, in the form of cuDNN) by one step:
//
//	x [B, in], h [B, H], weightIH [3H, in], weightHH [3H, H], biasIH and biasHH [3H] or nil
//	gi = x weightIHᵀ + biasIH,   gh = h weightHHᵀ + biasHH, with the columns r, z, n
//	r, z = sigmoid(gi + gh),   n = tanh(gi + r gh),   h' = (1-z) n + z h
func (tp *Tape[T]) GRUCell(x, h, weightIH, weightHH, biasIH, biasHH *Var[T]) *Var[T] {
	return tp.GRUGates(tp.Linear(x, weightIH, biasIH), tp.Linear(h, weightHH, biasHH), h, 0)
}

// GRUGates is the pointwise part of GRUCell at step t of a sequence: gi [B, L, 3H] (or [B, 3H]) for
// all steps, gh [B, 3H], h [B, H].
func (tp *Tape[T]) GRUGates(gi, gh, h *Var[T], t int) *Var[T] {
	batch, n := hidden("GRUGates", gh, 3)
	o := gruOp[T]{gi: gi, gh: gh, h: h, t: t, y: tp.NewResult(Needs(gi, gh, h), batch, n), act: tp.NewTensor(batch, 3*n)}
	tensor.GRUGates(o.y.Value, o.act, gi.Value, gh.Value, h.Value, t)
	Record(tp, o)
	return o.y
}

type gruOp[T tensor.Float] struct {
	gi, gh, h, y *Var[T]
	act          *tensor.Tensor[T] // r, z and n
	t            int
}

func (o *gruOp[T]) Backward(*Tape[T]) {
	tensor.GRUGatesGrad(gradOf(o.gi), gradOf(o.gh), gradOf(o.h), o.y.GradSum(), o.act, o.gh.Value, o.h.Value, o.t, stepsOf(o.gi))
}

// RNNCell advances an Elman network by one step: h' = tanh(x weightIHᵀ + biasIH + h weightHHᵀ +
// biasHH).
func (tp *Tape[T]) RNNCell(x, h, weightIH, weightHH, biasIH, biasHH *Var[T]) *Var[T] {
	return tp.RNNGates(tp.Linear(x, weightIH, biasIH), tp.Linear(h, weightHH, biasHH), 0)
}

// RNNGates is the pointwise part of RNNCell at step t of a sequence: tanh(gi + gh) for gi [B, L, H]
// (or [B, H]) and gh [B, H].
func (tp *Tape[T]) RNNGates(gi, gh *Var[T], t int) *Var[T] {
	batch, n := hidden("RNNGates", gh, 1)
	o := rnnOp[T]{gi: gi, gh: gh, t: t, y: tp.NewResult(Needs(gi, gh), batch, n)}
	tensor.RNNGates(o.y.Value, gi.Value, gh.Value, t)
	Record(tp, o)
	return o.y
}

type rnnOp[T tensor.Float] struct {
	gi, gh, y *Var[T]
	t         int
}

func (o *rnnOp[T]) Backward(*Tape[T]) {
	tensor.RNNGatesGrad(gradOf(o.gi), gradOf(o.gh), o.y.GradSum(), o.y.Value, o.t, stepsOf(o.gi))
}
