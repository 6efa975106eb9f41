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
	neurons, batch := z.Value.Dim(0), z.Value.Dim(1)
	mean, rstd := tp.NewTensor(neurons, batch), tp.NewTensor(neurons, batch)
	tensor.GroupedLayerNorm(y.Value, z.Value, n.Gain.Value, n.Shift.Value, mean, rstd, normEps)
	autograd.Record(tp, normOp[T]{z, n.Gain, n.Shift, y, mean, rstd})
	return y
}

type normOp[T tensor.Float] struct {
	z, gain, shift, y *autograd.Var[T]
	mean, rstd        *tensor.Tensor[T]
}

func (o *normOp[T]) Backward(*autograd.Tape[T]) {
	tensor.GroupedLayerNormGrad(autograd.Wanted(o.z), autograd.Wanted(o.gain), autograd.Wanted(o.shift),
		o.y.GradSum(), o.z.Value, o.gain.Value, o.mean, o.rstd)
}
