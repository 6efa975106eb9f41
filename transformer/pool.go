package transformer

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// Pooling says what vector stands for an image.
type Pooling string

// The poolings.
const (
	PoolingClass     Pooling = "class"     // that of the class token: the first
	PoolingMean      Pooling = "mean"      // the mean of all tokens
	PoolingAttention Pooling = "attention" // a mean that a learned query weighs: AttentionPool
)

// ClassPool returns the first token of each example: x [B, n, E] -> [B, E].
type ClassPool[T tensor.Float] struct{}

// Forward maps x [B, n, E] to [B, E].
func (ClassPool[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Reshape(tp.Slice(x, 1, 0, 1, 1), x.Value.Dim(0), x.Value.Dim(2))
}

// MeanPool returns the mean of the tokens of each example but the first Skip: x [B, n, E] -> [B,
// E].
type MeanPool[T tensor.Float] struct{ Skip int }

// Forward maps x [B, n, E] to [B, E].
func (p MeanPool[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	if p.Skip > 0 {
		x = tp.Slice(x, 1, p.Skip, x.Value.Dim(1), 1)
	}
	return tp.Mean(x, 1)
}

// AttentionPool weighs the tokens by their product with a learned query: x [B, n, E] -> [B, E].
//
//	w = softmax over the tokens of x query / sqrt(E);   y = sum over the tokens of w x
type AttentionPool[T tensor.Float] struct {
	Query *autograd.Var[T] // [1, E]
}

// NewAttentionPool returns a layer whose query is drawn from a normal distribution of deviation
// .02, so that it begins close to the mean.
func NewAttentionPool[T tensor.Float](k tensor.Key, features int) *AttentionPool[T] {
	return &AttentionPool[T]{autograd.NewParam("query", tensor.Normal[T](k.Sub("query"), 0, .02, 1, features))}
}

// Forward maps x [B, n, E] to [B, E].
func (p *AttentionPool[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	b, n, e := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	score := tp.MulScalar(tp.Reshape(tp.Linear(x, p.Query, nil), b, 1, n), 1/math.Sqrt(float64(e)))
	w := tp.Softmax(score, -1)
	tp.Mark("attention", w)
	return tp.Reshape(tp.MatMul(w, x), b, e)
}
