package transformer

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Gating says how the units of a feed-forward network are gated.
type Gating string

// The gatings. With GatingMul and the activation "sigmoid" the network is a gated linear unit
// (GLU), with "gelu" GEGLU and with "silu" SwiGLU (Shazeer 2020).
const (
	GatingNone Gating = "none"
	GatingMul  Gating = "mul"
	GatingAdd  Gating = "add" // as a variant of the published ElegansFormer
)

// FeedForward transforms the last axis of x, every token by itself:
//
//	x [.., E]  ->  fc2(act(fc1 x))             without Gate
//	               fc2(act(fc1 x) * gate x)    with Gate; + in place of * with Gating "add"
//
// fc1 and gate map E to the hidden width, fc2 maps it to E.
type FeedForward[T tensor.Float] struct {
	FC1     *nn.Linear[T] `nn:"fc1"`
	Gate    *nn.Linear[T] // nil without gating
	FC2     *nn.Linear[T] `nn:"fc2"`
	Act     tensor.Activation
	Gating  Gating
	Dropout float64 // of the hidden units and of the result
}

// NewFeedForward returns a network with weights from Glorot's uniform distribution and biases 0.
func NewFeedForward[T tensor.Float](k tensor.Key, features, hidden int, act tensor.Activation, gating Gating) *FeedForward[T] {
	f := &FeedForward[T]{
		FC1: newLinear[T](k.Sub("fc1"), features, hidden), FC2: newLinear[T](k.Sub("fc2"), hidden, features),
		Act: act, Gating: gating,
	}
	if gating != GatingNone && gating != "" {
		f.Gate = newLinear[T](k.Sub("gate"), features, hidden)
	}
	return f
}

// Forward maps x [.., E] to [.., E].
func (f *FeedForward[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	h := tp.Map(f.Act, f.FC1.Forward(tp, x))
	switch {
	case f.Gate == nil:
	case f.Gating == GatingAdd:
		h = tp.Add(h, f.Gate.Forward(tp, x))
	default:
		h = tp.Mul(h, f.Gate.Forward(tp, x))
	}
	return tp.Dropout(f.FC2.Forward(tp, tp.Dropout(h, f.Dropout)), f.Dropout)
}

// stepBytes counts the hidden units before and after the activation, and the gate likewise.
func (f *FeedForward[T]) stepBytes(batch, tokens int) float64 {
	kept := 2 * f.FC1.Weight.Value.Dim(0)
	if f.Gate != nil {
		kept *= 2
	}
	return numbers[T](batch*tokens, kept+f.FC2.Weight.Value.Dim(0))
}

// TokenMLP lets tokens exchange what they hold by a feed-forward network over the axis of the
// tokens, the same for all features (Tolstikhin et al. 2021): x [B, n, E] -> [B, n, E], where the
// network has n inputs. Its parameters are named as if they were its own.
type TokenMLP[T tensor.Float] struct {
	*FeedForward[T]
}

// Forward maps x [B, n, E] to [B, n, E].
func (m TokenMLP[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Transpose(m.FeedForward.Forward(tp, tp.Transpose(x, 1, 2)), 1, 2)
}

// mixerBytes counts the rows of the network, one for each feature of an example, and the transposes
// of what goes in and comes out.
func (m TokenMLP[T]) mixerBytes(batch, features int) float64 {
	return m.FeedForward.stepBytes(batch, features) + numbers[T](2*batch*features, m.FC2.Weight.Value.Dim(0))
}
