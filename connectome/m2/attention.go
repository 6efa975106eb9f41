package m2

import (
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// JointAttention is the attention of the published model: each head of one query vector attends to
// all pairs of a motor and a key head under a single softmax (see package jointattention), and the
// contexts of all heads are projected back to the features of the query.
type JointAttention[T tensor.Float] struct {
	Query, Key, Value *nn.Linear[T] // [heads*D, d]: row h*D+i is coordinate i of head h
	Out               *nn.Linear[T] // [d, heads*D]
	Heads             int
}

// newJointAttention returns a layer for vectors of d features, with the given number of heads of
// keyDim coordinates each. Weights are drawn from Glorot's uniform distribution with the fans that
// Keras counts for its kernels [d, heads, keyDim], which are d*heads and d*keyDim (heads*keyDim and
// heads*d for the projection of the contexts); biases are 0.
func newJointAttention[T tensor.Float](k tensor.Key, d, heads, keyDim int) *JointAttention[T] {
	layer := func(name string, in, out, fans int) *nn.Linear[T] {
		bound := math.Sqrt(6 / float64(fans))
		return &nn.Linear[T]{
			Weight: autograd.NewParam("weight", tensor.Uniform[T](k.Sub(name), -bound, bound, out, in)),
			Bias:   autograd.NewParam("bias", tensor.New[T](out)),
		}
	}
	in := d*heads + d*keyDim
	return &JointAttention[T]{
		Query: layer("query", d, heads*keyDim, in), Key: layer("key", d, heads*keyDim, in), Value: layer("value", d, heads*keyDim, in),
		Out: layer("out", heads*keyDim, d, heads*keyDim+heads*d), Heads: heads,
	}
}

// Attend returns the attention of queries [B, d] to a memory [motors, B, d], the layout of a
// GroupedLinear's result: [B, d]. It marks "query" and "context" [B, heads*D].
func (m *JointAttention[T]) Attend(tp *autograd.Tape[T], query, memory *autograd.Var[T]) *autograd.Var[T] {
	q := m.Query.Forward(tp, query)
	tp.Mark("query", q)
	context := jointAttention(tp, q, memory, m.Key.Weight, m.Key.Bias, m.Value.Weight, m.Value.Bias, m.Heads)
	tp.Mark("context", context)
	return m.Out.Forward(tp, context)
}
