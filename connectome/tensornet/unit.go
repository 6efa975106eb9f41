package tensornet

import (
	"elegans/autograd"
	"elegans/tensor"
)

// normEps stands inside the root of the normalisation.
const normEps = 1e-5

// unit returns act(norm(W_i m_i + b_i)) for all neurons: m [neurons, batch, d] -> [neurons, batch, d].
func (n *Network[T]) unit(tp *autograd.Tape[T], m *autograd.Var[T]) *autograd.Var[T] {
	if n.Gain == nil && n.Config.Unit == "own" && derivableFromResult(n.act) {
		return n.fusedUnit(tp, m)
	}
	var z *autograd.Var[T]
	if n.Config.Unit == "shared" {
		z = tp.Linear(m, n.Weight, n.Bias)
	} else {
		z = tp.GroupedLinear(m, n.Weight, n.Bias)
	}
	if n.Gain != nil {
		z = tp.Add(tp.Mul(tp.LayerNorm(z, nil, nil, 1, normEps), n.Gain), n.Shift)
	}
	switch n.act {
	case tensor.OpTanh:
		return tp.Tanh(z)
	case tensor.OpReLU:
		return tp.ReLU(z)
	case tensor.OpGELU:
		return tp.GELU(z)
	case tensor.OpSiLU:
		return tp.SiLU(z)
	case tensor.OpELU:
		return tp.ELU(z, 1)
	case tensor.OpSigmoid:
		return tp.Sigmoid(z)
	}
	return z // identity
}

// derivableFromResult reports whether the derivative of an activation can be told from its result alone, so that the result of the linear map need not be kept.
func derivableFromResult(act tensor.UnaryOp) bool {
	return act == tensor.OpTanh || act == tensor.OpReLU || act == tensor.OpSigmoid
}

// fusedUnit is unit without normalisation: the activation is applied to each piece of the grouped product while it is in the cache.
func (n *Network[T]) fusedUnit(tp *autograd.Tape[T], m *autograd.Var[T]) *autograd.Var[T] {
	y := tp.NewResult(autograd.Needs(m, n.Weight, n.Bias), m.Shape()...)
	tensor.GroupedLinear(y.Value, m.Value, n.Weight.Value, n.Bias.Value, tensor.ActFunc[T](n.act))
	autograd.Record(tp, fusedUnitOp[T]{m, n.Weight, n.Bias, y, n.act})
	return y
}

type fusedUnitOp[T tensor.Float] struct {
	m, weight, bias, y *autograd.Var[T]
	act                tensor.UnaryOp
}

func (o *fusedUnitOp[T]) Backward(tp *autograd.Tape[T]) {
	dy := o.y.GradSum()
	dz := dy // the gradient before the activation takes its place, unless somebody wants to look at it
	if tp.RetainGrad {
		dz = tp.NewTensor(dy.Shape()...)
	}
	tensor.MapGradTo(o.act, dz, dy, o.y.Value, o.y.Value, 1, 0, 0)
	if o.m.RequiresGrad() {
		dm, beta := o.m.GradTarget()
		tensor.GroupedMatMul(dm, dz, o.weight.Value, 1, beta)
	}
	if o.weight.RequiresGrad() {
		dw, beta := o.weight.GradTarget()
		tensor.LinearGradWeight(dw, dz, o.m.Value, beta)
	}
	if o.bias.RequiresGrad() {
		tensor.SumRows(o.bias.GradSum(), dz)
	}
}
