package tensornet

import (
	"elegans/autograd"
	"elegans/tensor"
)

// unit returns act(norm(W_i m_i + b_i)) for all neurons: m [neurons, batch, d] -> [neurons, batch,
// d].
func (n *Network[T]) unit(tp *autograd.Tape[T], m *autograd.Var[T]) *autograd.Var[T] {
	if n.Gain == nil && n.Config.UnitWeights == UnitOwn && n.act.FromResult {
		return n.fusedUnit(tp, m)
	}
	var z *autograd.Var[T]
	if n.Config.UnitWeights == UnitShared {
		z = tp.Linear(m, n.Weight, n.Bias)
	} else {
		z = tp.GroupedLinear(m, n.Weight, n.Bias)
	}
	if n.Gain != nil {
		z = n.norm(tp, z)
	}
	return tp.Map(n.act, z)
}

// fusedUnit is unit without normalisation, for an activation whose derivative its result tells, so
// that the result of the linear map need not be kept. The activation is applied to each piece of
// the grouped product while it is in the cache.
func (n *Network[T]) fusedUnit(tp *autograd.Tape[T], m *autograd.Var[T]) *autograd.Var[T] {
	y := tp.NewResult(autograd.Needs(m, n.Weight, n.Bias), m.Shape()...)
	tensor.GroupedLinear(y.Value, m.Value, n.Weight.Value, n.Bias.Value, n.act.Op)
	tp.CountMACs(y.Value.Len() * m.Value.Dim(2))
	autograd.Record(tp, fusedUnitOp[T]{m, n.Weight, n.Bias, y, n.act.Op})
	return y
}

type fusedUnitOp[T tensor.Float] struct {
	m, weight, bias, y *autograd.Var[T]
	act                tensor.UnaryOp
}

func (o *fusedUnitOp[T]) Backward(*autograd.Tape[T]) {
	var d tensor.GroupedLinearGrads[T]
	if o.m.RequiresGrad() {
		d.X, d.BetaX = o.m.GradTarget()
	}
	if o.weight.RequiresGrad() {
		d.Weight, d.BetaW = o.weight.GradTarget()
	}
	if o.bias.RequiresGrad() {
		d.Bias, d.BetaB = o.bias.GradTarget()
	}
	tensor.GroupedLinearGrad(o.act, d, o.y.GradSum(), o.y.Value, o.m.Value, o.weight.Value)
}
