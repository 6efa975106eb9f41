package autograd_test

import (
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// TestAttentionWithoutWeights compares the results and gradients of attention on a long sequence
// with and without weights, and their memory.
func TestAttentionWithoutWeights(t *testing.T) {
	const batch, l, heads, e = 2, 300, 2, 16
	key := tensor.NewKey(5, "attention")
	x, cotangent := tensor.Normal[float64](key.Sub("x"), 0, 1, batch, l, 3*e), tensor.Normal[float64](key.Sub("dy"), 0, 1, batch, l, e)
	padding := tensor.New[float64](batch, l)
	padding.Set(1, 1, l-1)
	run := func(o autograd.AttentionOptions[float64]) (y, dx []float64, bytes int) {
		tp := autograd.NewTape[float64]()
		in := tp.Variable(x)
		out, _ := tp.SelfAttention(in, heads, o)
		tp.BackwardFrom([]*autograd.Var[float64]{out}, []*tensor.Tensor[float64]{cotangent})
		return out.Value.Data(), in.Grad().Data(), tp.Bytes()
	}
	o := autograd.AttentionOptions[float64]{KeyBlocked: padding, Causal: true}
	wantY, wantG, stored := run(o)
	o.NoWeights = true
	y, g, bytes := run(o)
	for i, v := range wantY {
		if math.Abs(y[i]-v) > 1e-12 {
			t.Fatalf("y[%d] = %v, expected %v", i, y[i], v)
		}
	}
	for i, v := range wantG {
		if math.Abs(g[i]-v) > 1e-12 {
			t.Fatalf("gradient[%d] = %v, expected %v", i, g[i], v)
		}
	}
	if scores := 8 * batch * heads * l * l; bytes > stored-3*scores+64*1024 {
		t.Errorf("%d bytes without weights, %d with them: expected three tensors of %d bytes less", bytes, stored, scores)
	}
}

// TestLearnedScoresOfLongSequences: scores that are added and learned have their gradient where
// nobody asks for the weights.
func TestLearnedScoresOfLongSequences(t *testing.T) {
	const l, d = 260, 3
	key := tensor.NewKey(7, "learned scores")
	draw := func(name string, shape ...int) *tensor.Tensor[float64] {
		return tensor.Normal[float64](key.Sub(name), 0, 1, shape...)
	}
	q, k, v, dy, added := draw("q", 1, 1, l, d), draw("k", 1, 1, l, d), draw("v", 1, 1, l, d), draw("dy", 1, 1, l, d), draw("added", l, l)
	gradient := func(o autograd.AttentionOptions[float64]) []float64 {
		tp := autograd.NewTape[float64]()
		o.Add = tp.Variable(added)
		y, _ := tp.ScaledDotProductAttention(tp.Variable(q), tp.Variable(k), tp.Variable(v), o)
		tp.BackwardFrom([]*autograd.Var[float64]{y}, []*tensor.Tensor[float64]{dy})
		if o.Add.Grad() == nil {
			return nil
		}
		return o.Add.Grad().Data()
	}
	want := gradient(autograd.AttentionOptions[float64]{})
	if got := gradient(autograd.AttentionOptions[float64]{NoWeights: true}); len(want) != l*l || !slices.Equal(got, want) {
		t.Errorf("%d gradients of the scores without weights, not the %d with them", len(got), len(want))
	}
}

// TestAttentionAllocatesNothing: on either way, from the second step on.
func TestAttentionAllocatesNothing(t *testing.T) {
	for _, l := range []int{20, 300} {
		x := tensor.Normal[float32](tensor.NewKey(6, "x"), 0, 1, 1, l, 48)
		tp := autograd.NewTape[float32]()
		step := func() {
			tp.Reset()
			y, _ := tp.SelfAttention(tp.Variable(x), 2, autograd.AttentionOptions[float32]{NoWeights: true, Causal: true})
			tp.Backward(tp.Sum(y))
		}
		step()
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("length %d: %v allocations a step", l, n)
		}
	}
}
