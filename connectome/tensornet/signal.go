package tensornet

import (
	"elegans/autograd"
	"elegans/tensor"
)

// States are tensors [neurons, batch, d]: a neuron's states of all examples lie together, so that
// the sparse product moves long rows and the units are one grouped matrix product.

// enter returns the states before the first round: the signal at the sensory neurons, 0 elsewhere.
func (n *Network[T]) enter(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	h := tp.NewResult(autograd.Needs(x), n.Wiring.Neurons, x.Value.Dim(0), n.Config.Width)
	tensor.Fill(h.Value, 0)
	n.addSignal(h.Value, x.Value)
	autograd.Record(tp, enterOp[T]{n, x, h})
	return h
}

type enterOp[T tensor.Float] struct {
	n    *Network[T]
	x, h *autograd.Var[T]
}

func (o *enterOp[T]) Backward(*autograd.Tape[T]) { o.n.addSignalGrad(o.x, o.h.GradSum()) }

// addSignal adds the signal x [batch, inputs] to the sensory neurons of m [neurons, batch, d].
func (n *Network[T]) addSignal(m, x *tensor.Tensor[T]) {
	tensor.AddToEntries(m, n.Wiring.Sensory, x)
}

// addSignalGrad adds to the gradient of x what flows back from the sensory neurons of dm.
func (n *Network[T]) addSignalGrad(x *autograd.Var[T], dm *tensor.Tensor[T]) {
	if x.RequiresGrad() {
		tensor.AddToEntriesGrad(x.GradSum(), dm, n.Wiring.Sensory)
	}
}

// weightedSum returns m_i = sum over j of a_ij h_j, plus the drive x (or nil) at the sensory
// neurons.
func (n *Network[T]) weightedSum(tp *autograd.Tape[T], h, synapse, x *autograd.Var[T]) *autograd.Var[T] {
	m := tp.NewResult(autograd.Needs(h, synapse, x), h.Shape()...)
	tensor.SpMM(m.Value, n.matrix, autograd.Elements(synapse), h.Value, 0)
	if x != nil {
		n.addSignal(m.Value, x.Value)
	}
	tp.CountMACs(n.synapticMACs(h))
	autograd.Record(tp, weightedSumOp[T]{n, h, synapse, x, m})
	return m
}

// synapticMACs returns the multiply-accumulates of a round over the synapses: one for each entry,
// example and component.
func (n *Network[T]) synapticMACs(h *autograd.Var[T]) int {
	return len(n.Wiring.Col) * h.Value.Dim(1) * h.Value.Dim(2)
}

type weightedSumOp[T tensor.Float] struct {
	n                *Network[T]
	h, synapse, x, m *autograd.Var[T]
}

func (o *weightedSumOp[T]) Backward(*autograd.Tape[T]) {
	dm := o.m.GradSum()
	learned := o.synapse != nil && o.synapse.RequiresGrad()
	switch {
	case learned && o.h.RequiresGrad():
		dh, beta := o.h.GradTarget()
		tensor.SpMMGrad(dh, beta, tensor.Operand(o.synapse.GradSum()), o.n.matrix, autograd.Elements(o.synapse), dm, o.h.Value)
	case learned:
		tensor.SpMMGradValues(tensor.Operand(o.synapse.GradSum()), o.n.matrix, dm, o.h.Value)
	case o.h.RequiresGrad():
		dh, beta := o.h.GradTarget()
		tensor.SpMMT(dh, o.n.matrix, autograd.Elements(o.synapse), dm, beta)
	}
	if o.x != nil {
		o.n.addSignalGrad(o.x, dm)
	}
}

// gateProduct returns the bounded product of gates, plus the drive x (or nil) at the sensory
// neurons:
//
//	m_i = product over j of g_j^a_ij - 1,   g_j = exp(tanh(h_j)/2)
//	    = exp(sum over j of a_ij tanh(h_j)/2) - 1
//
// so in the logarithms of the gates it is the same sparse product as the sum. Every gate lies
// between 0.6 and 1.65 and the exponents of a neuron have an absolute sum of at most 1 (2 when they
// are trained, see synapses), so |m_i| < e-1 for every graph and every state, and all derivatives
// are bounded: nothing overflows however many synapses or rounds there are.
func (n *Network[T]) gateProduct(tp *autograd.Tape[T], h, synapse, x *autograd.Var[T]) *autograd.Var[T] {
	logs, product := tp.NewTensor(h.Shape()...), tp.NewTensor(h.Shape()...)
	tensor.GateLog(logs, h.Value)
	tensor.SpMM(product, n.matrix, autograd.Elements(synapse), logs, 0)
	tensor.Exp(product, product)
	m := tp.NewResult(autograd.Needs(h, synapse, x), h.Shape()...)
	tensor.AddScalar(m.Value, product, -1)
	if x != nil {
		n.addSignal(m.Value, x.Value)
	}
	tp.CountMACs(n.synapticMACs(h))
	autograd.Record(tp, gateProductOp[T]{n, h, synapse, x, m, logs, product})
	return m
}

type gateProductOp[T tensor.Float] struct {
	n                *Network[T]
	h, synapse, x, m *autograd.Var[T]
	// of the gates, tanh(h)/2; and the product itself, m+1 without the drive
	logs, product *tensor.Tensor[T]
}

func (o *gateProductOp[T]) Backward(tp *autograd.Tape[T]) {
	dm := o.m.GradSum()
	if o.x != nil {
		o.n.addSignalGrad(o.x, dm)
	}
	ds := tp.NewTensor(o.h.Shape()...) // gradient of the exponent
	tensor.Mul(ds, dm, o.product)
	if o.synapse != nil && o.synapse.RequiresGrad() {
		tensor.SpMMGradValues(tensor.Operand(o.synapse.GradSum()), o.n.matrix, ds, o.logs)
	}
	if o.h.RequiresGrad() {
		dl := tp.NewTensor(o.h.Shape()...)
		tensor.SpMMT(dl, o.n.matrix, autograd.Elements(o.synapse), ds, 0)
		tensor.GateLogGrad(o.h.GradSum(), dl, o.logs)
		tp.Free(dl)
	}
	tp.Free(ds)
}
