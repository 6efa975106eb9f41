package leaky

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Forward runs a batch of sequences and sets their states:
//
//	states [B, T, N], start [B, N] or nil, which stands for 0
//	x [B, T, K], or the drives [B, T, N] of a layer without input weights
//
// Rows behind the length of a sequence are 0 in the states, and not looked at in x. Tensors are
// contiguous; states overlap nothing else.
func Forward[T tensor.Float](states, start, x *tensor.Tensor[T], l Layer[T]) {
	p := newPass("leaky.Forward", l, states, start, x)
	if d := device.Active(); d != nil {
		p.deviceForward(d, states, x)
		return
	}
	if p.batch < fewSequences {
		p.oneByOne(states, start, x)
		return
	}
	_, parts := p.blocks()
	parallel.For(parts, 1, forward[T]{p, parts})
}

// oneByOne runs few sequences, each by Run.
func (p *pass[T]) oneByOne(states, start, x *tensor.Tensor[T]) {
	if p.steps == 0 {
		return
	}
	l := p.l
	w := l.W
	if w.Sparse != nil && l.Values != nil {
		s := *w.Sparse
		s.Val = l.Values
		w.Sparse = &s
	}
	act, a := l.Activation.Op, T(l.Activation.A)
	if l.Activation.Identity {
		act, a = tensor.OpMulScalar, 1
	}
	for b := range p.batch {
		all := states.Slice(0, b, b+1, 1).Reshape(p.steps, p.n)
		rows := all.Slice(0, 0, p.length(b), 1)
		u := x.Slice(0, b, b+1, 1).Reshape(p.steps, p.inputs).Slice(0, 0, p.length(b), 1)
		all.Slice(0, p.length(b), p.steps, 1).Zero()
		if rows.Len() == 0 {
			continue
		}
		switch {
		case l.Input != nil:
			tensor.Linear(rows, u, l.Input, l.Bias)
		case l.Bias != nil:
			tensor.Add(rows, u, l.Bias)
		default:
			tensor.Copy(rows, u)
		}
		var first *tensor.Tensor[T]
		if start != nil {
			first = start.Reshape(p.batch, p.n).Slice(0, b, b+1, 1).Reshape(p.n)
		}
		Run(rows, first, w, l.Leak, act, a, nil)
	}
}

// forward is the loop of Forward over parts of the blocks.
type forward[T tensor.Float] struct {
	pass[T]
	parts int
}

func (f *forward[T]) Do(lo, hi int) {
	size := f.n * f.width
	s := scratch.Take[T](3*size + f.width*f.inputs)
	cur, next, leak, u := s.Data[:size], s.Data[size:2*size], s.Data[2*size:3*size], s.Data[3*size:]
	leaky := f.leaks(leak, nil)
	blocks, _ := f.blocks()
	for i := lo * blocks / f.parts; i < hi*blocks/f.parts; i++ {
		b := f.block(i)
		b.begin(cur)
		for t := range b.last {
			if f.l.Input != nil {
				b.inputsOf(u, t)
			}
			b.drive(next, u, t)
			b.multiply(next, cur)
			f.activate(next)
			if leaky {
				f.k.Binary[kernel.Sub](next, next, cur)
				f.k.Binary[kernel.Mul](next, next, leak)
				f.k.Binary[kernel.Add](next, next, cur)
			}
			b.store(f.states, next, f.n, t)
			cur, next = next, cur
		}
		for q := b.lo; q < b.hi; q++ {
			clear(f.states[(q*f.steps+b.last)*f.n : (q+1)*f.steps*f.n])
		}
	}
	s.Release()
}
