package tensornet

import (
	"elegans/autograd"
	"elegans/tensor"
)

// normEps stands inside the root of the normalisation.
const normEps = 1e-5

// norm returns the layer normalisation of every unit's d components, with the unit's own gain and
// shift: z [neurons, batch, d] -> [neurons, batch, d].
func (n *Network[T]) norm(tp *autograd.Tape[T], z *autograd.Var[T]) *autograd.Var[T] {
	if n.Config.UnitWeights == UnitShared {
		return tp.LayerNorm(z, n.Gain, n.Shift, 1, normEps)
	}
	y := tp.NewResult(autograd.Needs(z, n.Gain, n.Shift), z.Shape()...)
	batch, d := z.Value.Dim(1), n.Config.Width
	mean, rstd := tp.NewTensor(n.Wiring.Neurons, batch), tp.NewTensor(n.Wiring.Neurons, batch)
	tensor.Parallel(n.Wiring.Neurons, 1+normGrain/(1+batch*d),
		normLoop[T]{batch, d, y.Value.Data(), z.Value.Data(), n.Gain.Value.Data(), n.Shift.Value.Data(), mean.Data(), rstd.Data()})
	autograd.Record(tp, normOp[T]{z, n.Gain, n.Shift, y, mean, rstd})
	return y
}

// normGrain is the least number of elements worth handing to another goroutine.
const normGrain = 1 << 15

// normLoop normalises the states of neurons one by one.
type normLoop[T tensor.Float] struct {
	batch, d                        int
	y, z, gain, shift, mean, rstdev []T
}

func (l *normLoop[T]) Do(lo, hi int) {
	size := l.batch * l.d
	for i := lo; i < hi; i++ {
		var y, z, gain, shift, mean, rstd tensor.Tensor[T]
		y.Rebind(l.y[i*size:][:size], l.batch, l.d)
		z.Rebind(l.z[i*size:][:size], l.batch, l.d)
		gain.Rebind(l.gain[i*l.d:][:l.d], l.d)
		shift.Rebind(l.shift[i*l.d:][:l.d], l.d)
		mean.Rebind(l.mean[i*l.batch:][:l.batch], l.batch)
		rstd.Rebind(l.rstdev[i*l.batch:][:l.batch], l.batch)
		tensor.LayerNorm(&y, &z, &gain, &shift, &mean, &rstd, normEps)
	}
}

type normOp[T tensor.Float] struct {
	z, gain, shift, y *autograd.Var[T]
	mean, rstd        *tensor.Tensor[T]
}

func (o *normOp[T]) Backward(*autograd.Tape[T]) {
	neurons, batch, d := o.z.Value.Dim(0), o.z.Value.Dim(1), o.z.Value.Dim(2)
	l := normGradLoop[T]{batch: batch, d: d, dy: o.y.GradSum().Data(), z: o.z.Value.Data(), gain: o.gain.Value.Data(), mean: o.mean.Data(), rstdev: o.rstd.Data()}
	for _, g := range []struct {
		v   *autograd.Var[T]
		sum *[]T
	}{{o.z, &l.dz}, {o.gain, &l.dgain}, {o.shift, &l.dshift}} {
		if g.v.RequiresGrad() {
			*g.sum = g.v.GradSum().Data()
		}
	}
	tensor.Parallel(neurons, 1+normGrain/(1+batch*d), l)
}

// normGradLoop is the backward pass of normLoop; gradients that are not wanted are nil.
type normGradLoop[T tensor.Float] struct {
	batch, d                  int
	dz, dgain, dshift         []T
	dy, z, gain, mean, rstdev []T
}

func (l *normGradLoop[T]) Do(lo, hi int) {
	size := l.batch * l.d
	for i := lo; i < hi; i++ {
		var dz, dgain, dshift, dy, z, gain, mean, rstd tensor.Tensor[T]
		dy.Rebind(l.dy[i*size:][:size], l.batch, l.d)
		z.Rebind(l.z[i*size:][:size], l.batch, l.d)
		gain.Rebind(l.gain[i*l.d:][:l.d], l.d)
		mean.Rebind(l.mean[i*l.batch:][:l.batch], l.batch)
		rstd.Rebind(l.rstdev[i*l.batch:][:l.batch], l.batch)
		tensor.LayerNormGrad(part(&dz, l.dz, i, l.batch, l.d), part(&dgain, l.dgain, i, l.d), part(&dshift, l.dshift, i, l.d), &dy, &z, &gain, &mean, &rstd)
	}
}

// part makes t the i-th part of the given shape of v, and returns nil if there is no v.
func part[T tensor.Float](t *tensor.Tensor[T], v []T, i int, shape ...int) *tensor.Tensor[T] {
	if v == nil {
		return nil
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	t.Rebind(v[i*n:][:n], shape...)
	return t
}
