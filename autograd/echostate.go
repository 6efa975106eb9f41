package autograd

import (
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// EchoState holds the parameters of Tape.EchoState. Those that are variables with a gradient are
// trained, and the others frozen.
type EchoState[T tensor.Float] struct {
	// Weight holds the recurrent weights W: the values of the entries of Pattern or, where that is
	// nil, a matrix [N, N]. W[i, j] leads from neuron j to neuron i.
	Weight *Var[T]
	// Pattern says where a sparse W [N, N] has entries. Its own values are not used.
	Pattern *tensor.CSR[T]
	// Input is Win [N, K]. Without it the inputs are [B, T, N], what every neuron receives.
	Input      *Var[T]
	Bias       *Var[T]           // b [N] or nil
	Leak       *Var[T]           // a in (0, 1], [1] or [N]; nil stands for 1
	Activation tensor.Activation // f
	Start      *Var[T]           // the states before the first row, [B, N]; nil stands for 0
	// Lengths are the numbers of rows of the sequences, [B], each at most T; nil stands for T. What
	// lies behind the end of a sequence has the state 0 and no gradient, and may hold anything.
	Lengths []int
}

// EchoState returns the states of a network of leaky integrator neurons at all steps of a batch of
// sequences (H. Jaeger, M. Lukoševičius, D. Popovici and U. Siewert, Neural Networks 20, 2007):
//
//	x [B, T, K]  ->  s [B, T, N],  s[b, t] is the state after input x[b, t]
//	s[t] = (1-a) s[t-1] + a f(W s[t-1] + Win x[t] + b)
//
// The backward pass is backpropagation through time. All that a step keeps for it is the result
// itself, whatever is trained: a frozen network takes no memory beside its states. Where the
// derivative of f cannot be told from its value (Activation.FromResult), what f was applied to is
// computed once more.
//
// A backward pass recovers f from a difference of states over a, so that the derivative of tanh has
// an absolute error of the rounding error over a: 1e-5 in float32 at a = .01.
//
// Outputs that are fed back, as far as they are known during training, are more inputs: append
// y[t-1] to x[t] and Wfb to Win.
func (tp *Tape[T]) EchoState(x *Var[T], n EchoState[T]) *Var[T] {
	if n.Weight == nil || x.Value.Dims() != 3 {
		tensor.PanicShape("EchoState", "want recurrent weights and inputs [B, T, K]", x.Shape())
	}
	neurons := n.Weight.Value.Dim(0)
	if n.Pattern != nil {
		neurons = n.Pattern.Rows
	}
	y := tp.NewResult(Needs(x, n.Weight, n.Input, n.Bias, n.Leak, n.Start), x.Value.Dim(0), x.Value.Dim(1), neurons)
	leaky.Forward(y.Value, valueOf(n.Start), x.Value, n.layer())
	tp.CountMACs(x.Value.Dim(0) * x.Value.Dim(1) * (n.Weight.Value.Len() + size(n.Input)))
	Record(tp, echoStateOp[T]{n, x, y})
	return y
}

// layer returns the network in the form of package leaky.
func (n *EchoState[T]) layer() leaky.Layer[T] {
	l := leaky.Layer[T]{Input: valueOf(n.Input), Bias: valueOf(n.Bias), Leak: valueOf(n.Leak), Activation: n.Activation, Lengths: n.Lengths}
	if n.Pattern != nil {
		l.W.Sparse, l.Values = n.Pattern, elements(n.Weight)
	} else {
		l.W.Dense = n.Weight.Value
	}
	return l
}

// size returns the number of elements of an optional variable.
func size[T tensor.Float](v *Var[T]) int {
	if v == nil {
		return 0
	}
	return v.Value.Len()
}

type echoStateOp[T tensor.Float] struct {
	n    EchoState[T]
	x, y *Var[T]
}

func (o *echoStateOp[T]) Backward(*Tape[T]) {
	n := &o.n
	g := leaky.Gradients[T]{X: gradOf(o.x), Start: gradOf(n.Start), Input: gradOf(n.Input), Bias: gradOf(n.Bias), Leak: gradOf(n.Leak)}
	if n.Pattern != nil {
		g.Values = gradOf(n.Weight)
	} else {
		g.Dense = gradOf(n.Weight)
	}
	leaky.Backward(g, o.y.GradSum(), o.y.Value, valueOf(n.Start), o.x.Value, n.layer())
}
