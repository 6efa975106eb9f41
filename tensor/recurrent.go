package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// The functions of this file are the pointwise parts of recurrent cells, at step t of a sequence.
// Their columns hold the gates side by side, each H wide, for as many gates as the cell has:
//
//	gi [B, L, gates*H], or [B, gates*H] for one step: the projections of the inputs of all steps
//	gh [B, gates*H]:                                  the projection of the state
//
// Gates are computed in float64 and rounded. Gradients add, and are left out where they are nil.

// cell finds the gates of an item.
type cell struct{ batch, n, width, steps, t int }

func cellOf[T Float](op string, gi, gh *Tensor[T], t, gates int) cell {
	c := cell{steps: 1, t: t}
	bad := gh.ndim != 2 || gi.ndim < 2 || gi.ndim > 3
	if !bad {
		c.batch, c.width = gh.shape[0], gh.shape[1]
		c.n = c.width / gates
		if gi.ndim == 3 {
			c.steps = gi.shape[1]
		}
		bad = c.width%gates != 0 || gi.shape[0] != c.batch || gi.Dim(-1) != c.width || t < 0 || t >= c.steps
	}
	if bad {
		PanicShape(op, "the projections of input and state do not fit", gi.Shape(), gh.Shape(), []int{t})
	}
	return c
}

// check panics unless the tensors have a number for each item and column.
func (c *cell) check(op string, columns int, sizes ...int) {
	for _, n := range sizes {
		if n != c.batch*columns {
			PanicShape(op, "the state has another size than its gates", []int{n}, []int{c.batch, columns})
		}
	}
}

// input returns the gates of item i in storage of the shape of gi.
func input[T Float](c *cell, gi []T, i int) []T { return gi[(i*c.steps+c.t)*c.width:][:c.width] }

// cellGrain is the number of gates worth handing to another goroutine.
const cellGrain = 2048

func (c *cell) grain() int { return max(1, cellGrain/max(1, c.width)) }

func sigmoid64[T Float](x T) T { return T(1 / (1 + math.Exp(-float64(x)))) }
func tanh64[T Float](x T) T    { return T(math.Tanh(float64(x))) }

// dataOf returns the elements of an optional tensor.
func dataOf[T Float](t *Tensor[T]) []T {
	if t == nil {
		return nil
	}
	return t.Data()
}

// LSTMGates computes the pointwise part of an LSTM cell (Hochreiter and Schmidhuber 1997, with the
// forget gate of Gers et al. 2000). With the columns i, f, g, o of gi + gh,
//
//	next = sigmoid(f) c + sigmoid(i) tanh(g),   h = sigmoid(o) tanh(next)
//	c, next, h [B, H];  act [B, 4H]: the gates after their functions;  tanh [B, H]: of next
//
// act and tanh are for LSTMGatesGrad.
func LSTMGates[T Float](h, next, act, tanh, gi, gh, c *Tensor[T], t int) {
	const op = "LSTMGates"
	s := cellOf(op, gi, gh, t, 4)
	s.check(op, s.n, h.Len(), next.Len(), tanh.Len(), c.Len())
	s.check(op, s.width, act.Len())
	if d := device.Active(); d != nil {
		deviceLSTM(d, s, h, next, act, tanh, gi, gh, c)
		return
	}
	parallel.For(s.batch, s.grain(), lstmBody[T]{s, h.Data(), next.Data(), act.Data(), tanh.Data(), gi.Data(), gh.Data(), c.Data()})
}

type lstmBody[T Float] struct {
	cell
	h, next, act, tanh, gi, gh, c []T
}

func (b *lstmBody[T]) Do(lo, hi int) {
	n := b.n
	for i := lo; i < hi; i++ {
		in, state, a := input(&b.cell, b.gi, i), b.gh[i*4*n:][:4*n], b.act[i*4*n:][:4*n]
		for j := range a {
			if j/n == 2 {
				a[j] = tanh64(in[j] + state[j])
			} else {
				a[j] = sigmoid64(in[j] + state[j])
			}
		}
		for j := range n {
			k := i*n + j
			v := a[n+j]*b.c[k] + a[j]*a[2*n+j]
			th := tanh64(v)
			b.next[k], b.tanh[k], b.h[k] = v, th, a[3*n+j]*th
		}
	}
}

// LSTMGatesGrad is the backward pass of LSTMGates: it adds to dgi (at step t), dgh and dc, given
// the gradients of h and next.
func LSTMGatesGrad[T Float](dgi, dgh, dc, dh, dnext, act, tanh, c *Tensor[T], t, steps int) {
	const op = "LSTMGatesGrad"
	b := lstmGradBody[T]{cell: gradCell(op, dgi, dgh, c, t, steps, 4)}
	b.check(op, b.n, dh.Len(), dnext.Len(), tanh.Len())
	b.check(op, b.width, act.Len())
	if dc != nil {
		b.check(op, b.n, dc.Len())
	}
	if d := device.Active(); d != nil {
		deviceLSTMGrad(d, b.cell, dgi, dgh, dc, dh, dnext, act, tanh, c)
		return
	}
	b.dgi, b.dgh, b.dc = dataOf(dgi), dataOf(dgh), dataOf(dc)
	b.dh, b.dnext, b.act, b.tanh, b.c = dh.Data(), dnext.Data(), act.Data(), tanh.Data(), c.Data()
	parallel.For(b.batch, b.grain(), b)
}

// gradCell is cellOf for gradients, either of which may be nil; state is [B, H].
func gradCell[T Float](op string, dgi, dgh, state *Tensor[T], t, steps, gates int) cell {
	if state.ndim != 2 || t < 0 || t >= steps {
		PanicShape(op, "want a state [B, H]", state.Shape(), []int{t, steps})
	}
	c := cell{batch: state.shape[0], n: state.shape[1], width: gates * state.shape[1], steps: steps, t: t}
	if dgi != nil {
		c.check(op, c.width*steps, dgi.Len())
	}
	if dgh != nil {
		c.check(op, c.width, dgh.Len())
	}
	return c
}

type lstmGradBody[T Float] struct {
	cell
	dgi, dgh, dc, dh, dnext, act, tanh, c []T
}

func (b *lstmGradBody[T]) Do(lo, hi int) {
	n := b.n
	for i := lo; i < hi; i++ {
		a := b.act[i*4*n:][:4*n]
		for j := range n {
			k := i*n + j
			in, forget, g, out, th := a[j], a[n+j], a[2*n+j], a[3*n+j], b.tanh[k]
			d := b.dnext[k] + b.dh[k]*out*(1-th*th)
			if b.dc != nil {
				b.dc[k] += d * forget
			}
			parts := [4]T{d * g * in * (1 - in), d * b.c[k] * forget * (1 - forget), d * in * (1 - g*g), b.dh[k] * th * out * (1 - out)}
			if b.dgi != nil {
				din := input(&b.cell, b.dgi, i)
				for part, v := range parts {
					din[part*n+j] += v
				}
			}
			if b.dgh != nil {
				dstate := b.dgh[i*4*n:][:4*n]
				for part, v := range parts {
					dstate[part*n+j] += v
				}
			}
		}
	}
}

// GRUGates computes the pointwise part of a gated recurrent unit (Cho et al. 2014, in the form of
// cuDNN). With the columns r, z, n of gi and of gh,
//
//	R = sigmoid(gi_r + gh_r),  Z = sigmoid(gi_z + gh_z),  N = tanh(gi_n + R gh_n)
//	dst = (1-Z) N + Z h
//	h, dst [B, H];  act [B, 3H]: R, Z and N, for GRUGatesGrad
func GRUGates[T Float](dst, act, gi, gh, h *Tensor[T], t int) {
	const op = "GRUGates"
	s := cellOf(op, gi, gh, t, 3)
	s.check(op, s.n, dst.Len(), h.Len())
	s.check(op, s.width, act.Len())
	if d := device.Active(); d != nil {
		deviceGRU(d, s, dst, act, gi, gh, h)
		return
	}
	parallel.For(s.batch, s.grain(), gruBody[T]{s, dst.Data(), act.Data(), gi.Data(), gh.Data(), h.Data()})
}

type gruBody[T Float] struct {
	cell
	dst, act, gi, gh, h []T
}

func (b *gruBody[T]) Do(lo, hi int) {
	n := b.n
	for i := lo; i < hi; i++ {
		in, state, a := input(&b.cell, b.gi, i), b.gh[i*3*n:][:3*n], b.act[i*3*n:][:3*n]
		for j := range n {
			r, z := sigmoid64(in[j]+state[j]), sigmoid64(in[n+j]+state[n+j])
			c := tanh64(in[2*n+j] + r*state[2*n+j])
			a[j], a[n+j], a[2*n+j] = r, z, c
			b.dst[i*n+j] = (1-z)*c + z*b.h[i*n+j]
		}
	}
}

// GRUGatesGrad is the backward pass of GRUGates: it adds to dgi (at step t), dgh and dh, given the
// gradient dy of its result.
func GRUGatesGrad[T Float](dgi, dgh, dh, dy, act, gh, h *Tensor[T], t, steps int) {
	const op = "GRUGatesGrad"
	b := gruGradBody[T]{cell: gradCell(op, dgi, dgh, h, t, steps, 3)}
	b.check(op, b.n, dy.Len())
	b.check(op, b.width, act.Len(), gh.Len())
	if dh != nil {
		b.check(op, b.n, dh.Len())
	}
	if d := device.Active(); d != nil {
		deviceGRUGrad(d, b.cell, dgi, dgh, dh, dy, act, gh, h)
		return
	}
	b.dgi, b.dgh, b.dh = dataOf(dgi), dataOf(dgh), dataOf(dh)
	b.dy, b.act, b.gh, b.h = dy.Data(), act.Data(), gh.Data(), h.Data()
	parallel.For(b.batch, b.grain(), b)
}

type gruGradBody[T Float] struct {
	cell
	dgi, dgh, dh, dy, act, gh, h []T
}

func (b *gruGradBody[T]) Do(lo, hi int) {
	n := b.n
	for i := lo; i < hi; i++ {
		state, a := b.gh[i*3*n:][:3*n], b.act[i*3*n:][:3*n]
		for j := range n {
			k := i*n + j
			r, z, c := a[j], a[n+j], a[2*n+j]
			dc := b.dy[k] * (1 - z) * (1 - c*c)
			dz := b.dy[k] * (b.h[k] - c) * z * (1 - z)
			dr := dc * state[2*n+j] * r * (1 - r)
			if b.dh != nil {
				b.dh[k] += b.dy[k] * z
			}
			if b.dgi != nil {
				din := input(&b.cell, b.dgi, i)
				din[j] += dr
				din[n+j] += dz
				din[2*n+j] += dc
			}
			if b.dgh != nil {
				dstate := b.dgh[i*3*n:][:3*n]
				dstate[j] += dr
				dstate[n+j] += dz
				dstate[2*n+j] += dc * r
			}
		}
	}
}

// RNNGates computes the pointwise part of an Elman cell: dst = tanh(gi + gh), dst [B, H].
func RNNGates[T Float](dst, gi, gh *Tensor[T], t int) {
	s := cellOf("RNNGates", gi, gh, t, 1)
	s.check("RNNGates", s.n, dst.Len())
	if d := device.Active(); d != nil {
		deviceRNN(d, s, dst, gi, gh)
		return
	}
	parallel.For(s.batch, s.grain(), rnnBody[T]{s, dst.Data(), gi.Data(), gh.Data()})
}

type rnnBody[T Float] struct {
	cell
	dst, gi, gh []T
}

func (b *rnnBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		state, y := b.gh[i*b.n:][:b.n], b.dst[i*b.n:][:b.n]
		for j, v := range input(&b.cell, b.gi, i) {
			y[j] = tanh64(v + state[j])
		}
	}
}

// RNNGatesGrad is the backward pass of RNNGates: it adds to dgi (at step t) and dgh, given its
// result y and the gradient dy of it.
func RNNGatesGrad[T Float](dgi, dgh, dy, y *Tensor[T], t, steps int) {
	const op = "RNNGatesGrad"
	b := rnnGradBody[T]{cell: gradCell(op, dgi, dgh, y, t, steps, 1)}
	b.check(op, b.n, dy.Len())
	if d := device.Active(); d != nil {
		deviceRNNGrad(d, b.cell, dgi, dgh, dy, y)
		return
	}
	b.dgi, b.dgh = dataOf(dgi), dataOf(dgh)
	b.dy, b.y = dy.Data(), y.Data()
	parallel.For(b.batch, b.grain(), b)
}

type rnnGradBody[T Float] struct {
	cell
	dgi, dgh, dy, y []T
}

func (b *rnnGradBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		for j, y := range b.y[i*b.n:][:b.n] {
			d := b.dy[i*b.n+j] * (1 - y*y)
			if b.dgi != nil {
				input(&b.cell, b.dgi, i)[j] += d
			}
			if b.dgh != nil {
				b.dgh[i*b.n+j] += d
			}
		}
	}
}
