package autograd

import (
	"math"

	"elegans/tensor"
)

// The cells share one form: gi = x weightIHᵀ + biasIH and gh = h weightHHᵀ + biasHH, whose columns
// hold the gates side by side, and then a pointwise operation. Sequences compute gi for all steps
// in one product, so the pointwise operations find the gates of step t of item i in row i*length +
// t of gi.

// gates is what the pointwise operations have in common.
type gates[T tensor.Float] struct {
	gi, gh    *Var[T]
	t, length int
	batch, n  int // items, hidden units
}

func newGates[T tensor.Float](op string, gi, gh *Var[T], t, length, parts int) gates[T] {
	columns := gh.Value.Dim(-1)
	if gh.Value.Dims() != 2 || columns%parts != 0 || gi.Value.Dim(-1) != columns || gi.Value.Len() != gh.Value.Len()*length {
		tensor.PanicShape(op, "the projections of input and state do not fit", gi.Shape(), gh.Shape())
	}
	return gates[T]{gi, gh, t, length, gh.Value.Dim(0), columns / parts}
}

// rows returns the gates of item i in two tensors of the shapes of gi and gh.
func (g *gates[T]) rows(gi, gh []T, i, parts int) (in, state []T) {
	w := parts * g.n
	return gi[(i*g.length+g.t)*w:][:w], gh[i*w:][:w]
}

// grads returns the gradients of gi and gh to add to; scratch stands in for one that nobody wants.
func (g *gates[T]) grads(tp *Tape[T]) (dgi, dgh *tensor.Tensor[T]) {
	return tp.sink(g.gi, g.gi.Value.Len()), tp.sink(g.gh, g.gh.Value.Len())
}

func (g *gates[T]) drain(tp *Tape[T], dgi, dgh *tensor.Tensor[T]) {
	tp.drain(g.gi, dgi)
	tp.drain(g.gh, dgh)
}

// sink returns where the gradient of v, of n elements, is to be added: the gradient itself, or
// scratch if nobody wants it. Scratch goes back with drain.
func (tp *Tape[T]) sink(v *Var[T], n int) *tensor.Tensor[T] {
	if g := gradOf(v); g != nil {
		return g
	}
	t := tp.NewTensor(n)
	clear(t.Data())
	return t
}

func (tp *Tape[T]) drain(v *Var[T], t *tensor.Tensor[T]) {
	if v == nil || !v.RequiresGrad() {
		tp.Free(t)
	}
}

func sigmoid[T tensor.Float](x T) T { return T(1 / (1 + math.Exp(-float64(x)))) }
func tanh[T tensor.Float](x T) T    { return T(math.Tanh(float64(x))) }

// LSTMCell advances an LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
// 2000) by one step:
//
//	x [B, in], h and c [B, H], weightIH [4H, in], weightHH [4H, H], biasIH and biasHH [4H] or nil
//	i, f, o = sigmoid and g = tanh of the columns i, f, g, o of x weightIHᵀ + biasIH + h weightHHᵀ + biasHH
//	c' = f c + i g,   h' = o tanh(c')
func (tp *Tape[T]) LSTMCell(x, h, c, weightIH, weightHH, biasIH, biasHH *Var[T]) (hNext, cNext *Var[T]) {
	return tp.LSTMGates(tp.Linear(x, weightIH, biasIH), tp.Linear(h, weightHH, biasHH), c, 0)
}

// LSTMGates is the pointwise part of LSTMCell at step t of a sequence: gi = x weightIHᵀ + biasIH
// for all steps [B, L, 4H] (or [B, 4H] for one), gh = h weightHHᵀ + biasHH [B, 4H], c [B, H].
func (tp *Tape[T]) LSTMGates(gi, gh, c *Var[T], t int) (hNext, cNext *Var[T]) {
	o := lstmOp[T]{gates: newGates("LSTMGates", gi, gh, t, stepsOf(gi), 4), c: c}
	need := Needs(gi, gh, c)
	o.h, o.next = tp.NewResult(need, o.batch, o.n), tp.NewResult(need, o.batch, o.n)
	o.act, o.tanh = tp.NewTensor(o.batch, 4*o.n), tp.NewTensor(o.batch, o.n)
	n := o.n
	for i := range o.batch {
		in, state := o.rows(gi.Value.Data(), gh.Value.Data(), i, 4)
		a := o.act.Data()[i*4*n:][:4*n]
		for j := range a {
			if j/n == 2 {
				a[j] = tanh(in[j] + state[j])
			} else {
				a[j] = sigmoid(in[j] + state[j])
			}
		}
		for j := range n {
			k := i*n + j
			v := a[n+j]*c.Value.Data()[k] + a[j]*a[2*n+j]
			th := tanh(v)
			o.next.Value.Data()[k], o.tanh.Data()[k], o.h.Value.Data()[k] = v, th, a[3*n+j]*th
		}
	}
	Record(tp, o)
	return o.h, o.next
}

// stepsOf returns the number of time steps in gates [B, L, columns] or [B, columns].
func stepsOf[T tensor.Float](gi *Var[T]) int {
	if gi.Value.Dims() == 3 {
		return gi.Value.Dim(1)
	}
	return 1
}

type lstmOp[T tensor.Float] struct {
	gates[T]
	c, h, next *Var[T]
	act, tanh  *tensor.Tensor[T] // the gates after their functions, tanh(c')
}

func (o *lstmOp[T]) Backward(tp *Tape[T]) {
	dgi, dgh := o.grads(tp)
	dc := tp.sink(o.c, o.c.Value.Len())
	dh, dnext := o.h.GradSum().Data(), o.next.GradSum().Data()
	n := o.n
	for i := range o.batch {
		din, dstate := o.rows(dgi.Data(), dgh.Data(), i, 4)
		a := o.act.Data()[i*4*n:][:4*n]
		for j := range n {
			k := i*n + j
			in, forget, g, out, th := a[j], a[n+j], a[2*n+j], a[3*n+j], o.tanh.Data()[k]
			d := dnext[k] + dh[k]*out*(1-th*th)
			dc.Data()[k] += d * forget
			for part, v := range [4]T{d * g * in * (1 - in), d * o.c.Value.Data()[k] * forget * (1 - forget), d * in * (1 - g*g), dh[k] * th * out * (1 - out)} {
				din[part*n+j] += v
				dstate[part*n+j] += v
			}
		}
	}
	o.drain(tp, dgi, dgh)
	tp.drain(o.c, dc)
}

// GRUCell advances a gated recurrent unit (Cho et al. 2014, in the form of cuDNN) by one step:
//
//	x [B, in], h [B, H], weightIH [3H, in], weightHH [3H, H], biasIH and biasHH [3H] or nil; columns r, z, n of gi and gh
//	r, z = sigmoid(gi + gh),   n = tanh(gi + r gh),   h' = (1-z) n + z h
func (tp *Tape[T]) GRUCell(x, h, weightIH, weightHH, biasIH, biasHH *Var[T]) *Var[T] {
	return tp.GRUGates(tp.Linear(x, weightIH, biasIH), tp.Linear(h, weightHH, biasHH), h, 0)
}

// GRUGates is the pointwise part of GRUCell at step t of a sequence: gi [B, L, 3H] (or [B, 3H]) for
// all steps, gh [B, 3H], h [B, H].
func (tp *Tape[T]) GRUGates(gi, gh, h *Var[T], t int) *Var[T] {
	o := gruOp[T]{gates: newGates("GRUGates", gi, gh, t, stepsOf(gi), 3), h: h}
	o.y = tp.NewResult(Needs(gi, gh, h), o.batch, o.n)
	o.act = tp.NewTensor(o.batch, 3*o.n)
	n := o.n
	for i := range o.batch {
		in, state := o.rows(gi.Value.Data(), gh.Value.Data(), i, 3)
		a := o.act.Data()[i*3*n:][:3*n]
		for j := range n {
			r, z := sigmoid(in[j]+state[j]), sigmoid(in[n+j]+state[n+j])
			c := tanh(in[2*n+j] + r*state[2*n+j])
			a[j], a[n+j], a[2*n+j] = r, z, c
			o.y.Value.Data()[i*n+j] = (1-z)*c + z*h.Value.Data()[i*n+j]
		}
	}
	Record(tp, o)
	return o.y
}

type gruOp[T tensor.Float] struct {
	gates[T]
	h, y *Var[T]
	act  *tensor.Tensor[T] // r, z and n
}

func (o *gruOp[T]) Backward(tp *Tape[T]) {
	dgi, dgh := o.grads(tp)
	dh := tp.sink(o.h, o.h.Value.Len())
	dy, n := o.y.GradSum().Data(), o.n
	for i := range o.batch {
		din, dstate := o.rows(dgi.Data(), dgh.Data(), i, 3)
		_, state := o.rows(o.gi.Value.Data(), o.gh.Value.Data(), i, 3)
		a := o.act.Data()[i*3*n:][:3*n]
		for j := range n {
			k := i*n + j
			r, z, c := a[j], a[n+j], a[2*n+j]
			dc := dy[k] * (1 - z) * (1 - c*c)
			dz := dy[k] * (o.h.Value.Data()[k] - c) * z * (1 - z)
			dr := dc * state[2*n+j] * r * (1 - r)
			dh.Data()[k] += dy[k] * z
			din[j] += dr
			din[n+j] += dz
			din[2*n+j] += dc
			dstate[j] += dr
			dstate[n+j] += dz
			dstate[2*n+j] += dc * r
		}
	}
	o.drain(tp, dgi, dgh)
	tp.drain(o.h, dh)
}

// RNNCell advances an Elman network by one step: h' = tanh(x weightIHᵀ + biasIH + h weightHHᵀ +
// biasHH).
func (tp *Tape[T]) RNNCell(x, h, weightIH, weightHH, biasIH, biasHH *Var[T]) *Var[T] {
	return tp.RNNGates(tp.Linear(x, weightIH, biasIH), tp.Linear(h, weightHH, biasHH), 0)
}

// RNNGates is the pointwise part of RNNCell at step t of a sequence: tanh(gi + gh) for gi [B, L, H]
// (or [B, H]) and gh [B, H].
func (tp *Tape[T]) RNNGates(gi, gh *Var[T], t int) *Var[T] {
	o := rnnOp[T]{gates: newGates("RNNGates", gi, gh, t, stepsOf(gi), 1)}
	o.y = tp.NewResult(Needs(gi, gh), o.batch, o.n)
	for i := range o.batch {
		in, state := o.rows(gi.Value.Data(), gh.Value.Data(), i, 1)
		for j := range in {
			o.y.Value.Data()[i*o.n+j] = tanh(in[j] + state[j])
		}
	}
	Record(tp, o)
	return o.y
}

type rnnOp[T tensor.Float] struct {
	gates[T]
	y *Var[T]
}

func (o *rnnOp[T]) Backward(tp *Tape[T]) {
	dgi, dgh := o.grads(tp)
	y, dy := o.y.Value.Data(), o.y.GradSum().Data()
	for i := range o.batch {
		din, dstate := o.rows(dgi.Data(), dgh.Data(), i, 1)
		for j := range din {
			k := i*o.n + j
			d := dy[k] * (1 - y[k]*y[k])
			din[j] += d
			dstate[j] += d
		}
	}
	o.drain(tp, dgi, dgh)
}
