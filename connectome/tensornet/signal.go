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
	d, batch, inputs := n.Config.Width, x.Dim(0), x.Dim(1)
	tensor.Parallel(len(n.Wiring.Sensory), 1+signalGrain/(batch*d), signalLoop[T]{n.Wiring.Sensory, m.Data(), x.Data(), batch, d, inputs, inputs > d})
}

// signalGrain is the least number of elements worth handing to another goroutine.
const signalGrain = 1 << 16

type signalLoop[T tensor.Float] struct {
	sensory          []int
	m, x             []T
	batch, d, inputs int
	each             bool
}

func (l *signalLoop[T]) Do(lo, hi int) {
	size := l.batch * l.d
	for s := lo; s < hi; s++ {
		m := l.m[l.sensory[s]*size:][:size]
		if !l.each {
			for i, v := range l.x[:size] {
				m[i] += v
			}
			continue
		}
		for b := range l.batch {
			for i, v := range l.x[b*l.inputs+s*l.d:][:l.d] {
				m[b*l.d+i] += v
			}
		}
	}
}

// addSignalGrad adds to the gradient of x what flows back from the sensory neurons of dm.
func (n *Network[T]) addSignalGrad(x *autograd.Var[T], dm *tensor.Tensor[T]) {
	if !x.RequiresGrad() {
		return
	}
	d, batch, inputs := n.Config.Width, x.Value.Dim(0), x.Value.Dim(1)
	dx := x.GradSum().Data()
	// Chunks of examples: each example's sum over the sensory neurons is formed by one worker, in
	// ascending order of the neurons.
	tensor.Parallel(batch, 1+signalGrain/(len(n.Wiring.Sensory)*d), signalGradLoop[T]{n.Wiring.Sensory, dm.Data(), dx, batch, d, inputs, inputs > d})
}

type signalGradLoop[T tensor.Float] signalLoop[T]

func (l *signalGradLoop[T]) Do(lo, hi int) {
	for s, neuron := range l.sensory {
		for b := lo; b < hi; b++ {
			at := b * l.inputs
			if l.each {
				at += s * l.d
			}
			dx := l.x[at:][:l.d]
			for i, g := range l.m[(neuron*l.batch+b)*l.d:][:l.d] {
				dx[i] += g
			}
		}
	}
}

// weightedSum returns m_i = sum over j of a_ij h_j, plus the drive x (or nil) at the sensory
// neurons.
func (n *Network[T]) weightedSum(tp *autograd.Tape[T], h, synapse, x *autograd.Var[T]) *autograd.Var[T] {
	m := tp.NewResult(autograd.Needs(h, synapse, x), h.Shape()...)
	tensor.SpMM(m.Value, n.matrix, values(synapse), h.Value, 0)
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

// values returns the elements of an optional variable.
func values[T tensor.Float](v *autograd.Var[T]) []T {
	if v == nil {
		return nil
	}
	return v.Value.Data()
}

type weightedSumOp[T tensor.Float] struct {
	n                *Network[T]
	h, synapse, x, m *autograd.Var[T]
}

func (o *weightedSumOp[T]) Backward(*autograd.Tape[T]) {
	dm := o.m.GradSum()
	if o.h.RequiresGrad() {
		dh, beta := o.h.GradTarget()
		tensor.SpMMT(dh, o.n.matrix, values(o.synapse), dm, beta)
	}
	if o.synapse != nil && o.synapse.RequiresGrad() {
		tensor.SpMMGradValues(o.synapse.GradSum().Data(), o.n.matrix, dm, o.h.Value)
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
	tensor.Tanh(logs, h.Value)
	tensor.Scale(logs, logs, 0.5)
	tensor.SpMM(product, n.matrix, values(synapse), logs, 0)
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
		tensor.SpMMGradValues(o.synapse.GradSum().Data(), o.n.matrix, ds, o.logs)
	}
	if o.h.RequiresGrad() {
		dl := tp.NewTensor(o.h.Shape()...)
		tensor.SpMMT(dl, o.n.matrix, values(o.synapse), ds, 0)
		dh := o.h.GradSum().Data()
		tensor.Parallel(len(dh), signalGrain, gateGradLoop[T]{dh, dl.Data(), o.logs.Data()})
		tp.Free(dl)
	}
	tp.Free(ds)
}

// gateGradLoop adds dl * dg/dh with g = tanh(h)/2, whose derivative is (1-4g²)/2.
type gateGradLoop[T tensor.Float] struct{ dh, dl, g []T }

func (l *gateGradLoop[T]) Do(lo, hi int) {
	dh, dl := l.dh[lo:hi], l.dl[lo:hi]
	for i, g := range l.g[lo:hi] {
		dh[i] += dl[i] * (0.5 - 2*g*g)
	}
}
