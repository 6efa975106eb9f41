package nn

import (
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// MultiheadAttention projects queries, keys and values, attends with several heads and projects the
// result (Vaswani et al. 2017). The columns of the E projected features belong to the heads in
// turn.
type MultiheadAttention[T tensor.Float] struct {
	InProjWeight *autograd.Var[T] // [3E, E]: rows for q, k and v
	InProjBias   *autograd.Var[T] // [3E] or nil
	OutProj      *Linear[T]       // [E, E]
	Heads        int
}

// NewMultiheadAttention returns a layer for E = features, a multiple of heads. The input projection
// is drawn from Glorot's uniform distribution, biases are 0.
func NewMultiheadAttention[T tensor.Float](k tensor.Key, features, heads int) *MultiheadAttention[T] {
	if features < 1 || heads < 1 || features%heads != 0 {
		tensor.PanicUsage("nn.NewMultiheadAttention", fmt.Sprintf("%d features for %d heads, expected a positive multiple", features, heads))
	}
	bound := math.Sqrt(6 / float64(4*features))
	m := &MultiheadAttention[T]{
		InProjWeight: autograd.NewParam("in_proj_weight", tensor.Uniform[T](k.Sub("in_proj_weight"), -bound, bound, 3*features, features)),
		InProjBias:   autograd.NewParam("in_proj_bias", tensor.New[T](3*features)),
		OutProj:      NewLinear[T](k.Sub("out_proj"), features, features, true),
		Heads:        heads,
	}
	m.OutProj.Bias.Value.Zero()
	return m
}

// Forward is self-attention: x [B, L, E] -> [B, L, E].
func (m *MultiheadAttention[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y, _ := m.Attend(tp, x, x, x, autograd.AttentionOptions[T]{NoWeights: true})
	return y
}

// Attend returns the attention of queries [B, Lq, E] to keys and values [B, Lk, E], [B, Lq, E], and
// the weights of each head, [B, heads, Lq, Lk], or nil for opts.NoWeights.
func (m *MultiheadAttention[T]) Attend(tp *autograd.Tape[T], query, key, value *autograd.Var[T], opts autograd.AttentionOptions[T]) (y, weights *autograd.Var[T]) {
	if query == key && key == value {
		y, weights = tp.SelfAttention(tp.Linear(query, m.InProjWeight, m.InProjBias), m.Heads, opts)
	} else {
		y, weights = tp.MultiHeadAttention(m.project(tp, query, 0), m.project(tp, key, 1), m.project(tp, value, 2), m.Heads, opts)
	}
	return m.OutProj.Forward(tp, y), weights
}

// project applies part 0 (q), 1 (k) or 2 (v) of the input projection.
func (m *MultiheadAttention[T]) project(tp *autograd.Tape[T], x *autograd.Var[T], part int) *autograd.Var[T] {
	e := m.InProjWeight.Value.Dim(1)
	var bias *autograd.Var[T]
	if m.InProjBias != nil {
		bias = tp.Slice(m.InProjBias, 0, part*e, (part+1)*e, 1)
	}
	return tp.Linear(x, tp.Slice(m.InProjWeight, 0, part*e, (part+1)*e, 1), bias)
}

// TransformerEncoderLayer is self-attention followed by a network of two affine layers on every
// position, each with a residual connection and a layer normalisation:
//
//	post-norm:  x = norm1(x + attend(x));       y = norm2(x + linear2(act(linear1(x))))
//	pre-norm:   x = x + attend(norm1(x));       y = x + linear2(act(linear1(norm2(x))))
type TransformerEncoderLayer[T tensor.Float] struct {
	SelfAttn         *MultiheadAttention[T]
	Linear1, Linear2 *Linear[T]
	Norm1, Norm2     *LayerNorm[T]
	Act              Func[T]
	NormFirst        bool
	Dropout          float64                      // of both branches and of the hidden units
	Attention        autograd.AttentionOptions[T] // masks
}

// NewTransformerEncoderLayer returns a layer for sequences [B, L, features] with exact GELU and
// without dropout.
func NewTransformerEncoderLayer[T tensor.Float](k tensor.Key, features, heads, hidden int, normFirst bool) *TransformerEncoderLayer[T] {
	return &TransformerEncoderLayer[T]{
		SelfAttn: NewMultiheadAttention[T](k.Sub("self_attn"), features, heads),
		Linear1:  NewLinear[T](k.Sub("linear1"), features, hidden, true), Linear2: NewLinear[T](k.Sub("linear2"), hidden, features, true),
		Norm1: NewLayerNorm[T](features), Norm2: NewLayerNorm[T](features),
		Act: (*autograd.Tape[T]).GELU, NormFirst: normFirst,
	}
}

// Forward maps x [B, L, E] to [B, L, E].
func (l *TransformerEncoderLayer[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	if l.NormFirst {
		x = tp.Add(x, l.attend(tp, l.Norm1.Forward(tp, x)))
		return tp.Add(x, l.feed(tp, l.Norm2.Forward(tp, x)))
	}
	x = l.Norm1.Forward(tp, tp.Add(x, l.attend(tp, x)))
	return l.Norm2.Forward(tp, tp.Add(x, l.feed(tp, x)))
}

func (l *TransformerEncoderLayer[T]) attend(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	opts := l.Attention
	opts.NoWeights = true
	y, _ := l.SelfAttn.Attend(tp, x, x, x, opts)
	return tp.Dropout(y, l.Dropout)
}

func (l *TransformerEncoderLayer[T]) feed(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	h := tp.Dropout(l.Act(tp, l.Linear1.Forward(tp, x)), l.Dropout)
	return tp.Dropout(l.Linear2.Forward(tp, h), l.Dropout)
}
