package transformer

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Attention is self-attention of several heads (Vaswani et al. 2017): x [B, n, E] -> [B, n, E].
//
//	q, k, v = qkv x, each [B, n, E], of which head h has the columns h*E/heads and on
//	y_h     = softmax(q_h k_hᵀ / sqrt(E/heads) + mask) v_h
//	result  = proj y
type Attention[T tensor.Float] struct {
	QKV     nn.Module[T]  `nn:"qkv"` // [.., E] -> [.., 3E]; a linear map but for PlaceAttention
	Proj    *nn.Linear[T] // [E, E]
	Heads   int
	Dropout float64                      // of the result
	Mask    autograd.AttentionOptions[T] // which tokens may attend to which; none by default
}

// NewAttention returns a layer for E = features, a multiple of heads, with weights from Glorot's
// uniform distribution and biases 0.
func NewAttention[T tensor.Float](k tensor.Key, features, heads int) *Attention[T] {
	return &Attention[T]{
		QKV: newLinear[T](k.Sub("qkv"), features, 3*features), Proj: newLinear[T](k.Sub("proj"), features, features),
		Heads: heads,
	}
}

// Forward maps x [B, n, E] to [B, n, E].
func (a *Attention[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	opts := a.Mask
	// nobody looks at them, so that long sequences need not keep them
	opts.NoWeights = !tp.KeepMarks
	y, w := tp.SelfAttention(run(tp, "qkv", a.QKV, x), a.Heads, opts)
	if w != nil {
		tp.Mark("attention", w)
	}
	return tp.Dropout(a.Proj.Forward(tp, y), a.Dropout)
}

// stepBytes counts queries, keys, values and results, and the weights of the attention where they
// are stored.
func (a *Attention[T]) stepBytes(batch, tokens int) float64 {
	e := a.Proj.Weight.Value.Dim(1)
	weights := 2 * a.Heads * tokens
	if tokens*tokens >= autograd.TiledScores && a.Mask.Add == nil {
		weights = a.Heads // the sums that they are found from again
	}
	return numbers[T](batch*tokens, 5*e+weights) + stepBytes(a.QKV, batch, tokens)
}
