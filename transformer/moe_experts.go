package transformer

import (
	"math"
	"strconv"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Experts are the parts of a mixture that work on rows: GroupedFeedForward, ExpertList, or one's
// own.
type Experts[T tensor.Float] interface {
	// Forward maps x [R, in] to [R, out], where rows offsets[g] to offsets[g+1]-1 are those of
	// expert g, possibly none. It does not change offsets, which belong to the step.
	Forward(tp *autograd.Tape[T], x *autograd.Var[T], offsets []int) *autograd.Var[T]
	// Len returns N, the number of experts.
	Len() int
}

// ExpertList holds experts of any kind: feed-forward networks, connectome networks, mixtures. All
// give results of one width. An expert without rows is not run.
type ExpertList[T tensor.Float] []nn.Module[T]

// Len implements Experts.
func (l ExpertList[T]) Len() int { return len(l) }

// Forward runs one expert after the other. Without any row the result is x.
func (l ExpertList[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T], offsets []int) *autograd.Var[T] {
	var buf [32]*autograd.Var[T]
	results := buf[:0]
	for g, m := range l {
		if offsets[g] == offsets[g+1] {
			continue
		}
		name := ""
		if tp.KeepMarks {
			name = strconv.Itoa(g)
		}
		outer := tp.Enter(name)
		results = append(results, m.Forward(tp, tp.Slice(x, 0, offsets[g], offsets[g+1], 1)))
		tp.Leave(outer)
	}
	if len(results) == 0 { // no rows, but as wide as a result
		return l[0].Forward(tp, x)
	}
	return tp.Concat(0, results...)
}

// stepBytes takes the rows as shared out evenly.
func (l ExpertList[T]) stepBytes(batch, tokens int) float64 {
	total := 0.0
	for _, m := range l {
		total += stepBytes(m, batch, tokens)
	}
	return total / float64(max(1, len(l)))
}

// GroupedFeedForward holds N feed-forward networks of one shape with their weights side by side:
// each layer is one grouped product for all of them, which keeps all cores busy however unequally
// the rows are shared out. Each network is a FeedForward.
type GroupedFeedForward[T tensor.Float] struct {
	FC1     *nn.GroupedLinear[T] `nn:"fc1"` // weight [N, hidden, in], bias [N, hidden]
	Gate    *nn.GroupedLinear[T] // likewise; nil without gating
	FC2     *nn.GroupedLinear[T] `nn:"fc2"` // weight [N, out, hidden], bias [N, out]
	Act     tensor.Activation
	Gating  Gating
	Dropout float64 // of the hidden units and of the result
}

// NewGroupedFeedForward returns n networks, each initialised as NewFeedForward does it.
func NewGroupedFeedForward[T tensor.Float](k tensor.Key, n, features, hidden int, act tensor.Activation, gating Gating) *GroupedFeedForward[T] {
	linear := func(name string, in, out int) *nn.GroupedLinear[T] {
		bound := math.Sqrt(6 / float64(in+out))
		return &nn.GroupedLinear[T]{
			Weight: autograd.NewParam("weight", tensor.Uniform[T](k.Sub(name), -bound, bound, n, out, in)),
			Bias:   autograd.NewParam("bias", tensor.New[T](n, out)),
		}
	}
	f := &GroupedFeedForward[T]{FC1: linear("fc1", features, hidden), FC2: linear("fc2", hidden, features), Act: act, Gating: gating}
	if gating != GatingNone && gating != "" {
		f.Gate = linear("gate", features, hidden)
	}
	return f
}

// Len implements Experts.
func (f *GroupedFeedForward[T]) Len() int { return f.FC1.Weight.Value.Dim(0) }

// Forward implements Experts.
func (f *GroupedFeedForward[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T], offsets []int) *autograd.Var[T] {
	h := tp.Map(f.Act, tp.RaggedLinear(x, offsets, f.FC1.Weight, f.FC1.Bias))
	switch {
	case f.Gate == nil:
	case f.Gating == GatingAdd:
		h = tp.Add(h, tp.RaggedLinear(x, offsets, f.Gate.Weight, f.Gate.Bias))
	default:
		h = tp.Mul(h, tp.RaggedLinear(x, offsets, f.Gate.Weight, f.Gate.Bias))
	}
	return tp.Dropout(tp.RaggedLinear(tp.Dropout(h, f.Dropout), offsets, f.FC2.Weight, f.FC2.Bias), f.Dropout)
}

// stepBytes counts as FeedForward does.
func (f *GroupedFeedForward[T]) stepBytes(batch, tokens int) float64 {
	kept := 2 * f.FC1.Weight.Value.Dim(1)
	if f.Gate != nil {
		kept *= 2
	}
	return numbers[T](batch*tokens, kept+f.FC2.Weight.Value.Dim(1))
}
