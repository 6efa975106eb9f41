package autograd_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/internal/allocs"
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
		if n := allocs.PerStep(20, step); n != 0 {
			t.Errorf("length %d: %v allocations a step", l, n)
		}
	}
}

// TestAttentionShapes: operands that do not fit each other are refused before anything is computed,
// whether or not the weights are stored; nothing is broadcast.
func TestAttentionShapes(t *testing.T) {
	for _, c := range []struct{ q, k, v []int }{
		{[]int{2, 3, 8}, []int{2, 5, 16}, []int{2, 5, 8}},         // columns of k
		{[]int{2, 3, 8}, []int{2, 5, 8}, []int{2, 4, 8}},          // length of v
		{[]int{2, 3, 8}, []int{2, 5, 8}, []int{1, 5, 8}},          // items of v
		{[]int{2, 3, 8}, []int{1, 5, 8}, []int{2, 5, 8}},          // items of k
		{[]int{2, 2, 3, 4}, []int{2, 2, 5, 4}, []int{2, 1, 5, 4}}, // heads of v
		{[]int{2, 2, 3, 4}, []int{2, 2, 5, 3}, []int{2, 2, 5, 4}}, // columns of k
		{[]int{2, 300, 8}, []int{2, 300, 8}, []int{1, 300, 8}},    // without weights
		{[]int{2, 2, 3, 4}, []int{2, 2, 5, 4}, []int{2, 2, 1, 4}}, // length of v
		{[]int{1, 2, 3, 4}, []int{2, 2, 5, 4}, []int{2, 2, 5, 4}}, // items of q
		{[]int{2, 3, 8}, []int{2, 5, 4}, []int{2, 5, 8}},          // fewer columns of k
		{[]int{2, 300, 16}, []int{2, 300, 8}, []int{2, 300, 16}},  // likewise, without weights
		{[]int{2, 1, 300, 4}, []int{2, 2, 300, 4}, []int{2, 2, 300, 4}},
	} {
		func() {
			defer func() {
				if e, ok := recover().(*tensor.ShapeError); !ok || !strings.Contains(e.Op, "Attention") || len(e.Shapes) < 2 {
					t.Errorf("%v: %v, expected a complaint of the operation", c, e)
				}
			}()
			tp := autograd.NewTape[float64]()
			q, k, v := tp.Variable(tensor.New[float64](c.q...)), tp.Variable(tensor.New[float64](c.k...)), tp.Variable(tensor.New[float64](c.v...))
			o := autograd.AttentionOptions[float64]{NoWeights: true}
			if len(c.q) == 3 {
				tp.MultiHeadAttention(q, k, v, 2, o)
			} else {
				tp.ScaledDotProductAttention(q, k, v, o)
			}
		}()
	}
}

// TestAttentionSharedOperands: where an operand has two parts, both add to its gradient, and the
// gradients of parts of one operand do not depend on what the memory held.
func TestAttentionSharedOperands(t *testing.T) {
	const batch, l, e, heads = 2, 3, 4, 2
	key := tensor.NewKey(6, "attention")
	draw := func(name string, columns int) *tensor.Tensor[float64] {
		return tensor.Normal[float64](key.Sub(name), 0, 1, batch, l, columns)
	}
	xs := []*tensor.Tensor[float64]{draw("a", e), draw("b", e), draw("c", e)}
	dy := []*tensor.Tensor[float64]{draw("dy", e)}
	gradients := func(at [3]int) [3][]float64 {
		tp := autograd.NewTape[float64]()
		var vars [3]*autograd.Var[float64]
		var g [3][]float64
		for range 2 { // the second time in memory that holds something
			tp.Reset()
			for i, x := range xs {
				vars[i] = tp.Variable(x)
			}
			y, _ := tp.MultiHeadAttention(vars[at[0]], vars[at[1]], vars[at[2]], heads, autograd.AttentionOptions[float64]{NoWeights: true})
			tp.BackwardFrom([]*autograd.Var[float64]{y}, dy)
		}
		for i, v := range vars {
			if v.Grad() != nil {
				g[i] = slices.Clone(v.Grad().Data())
			}
		}
		return g
	}
	for _, at := range [][3]int{{0, 1, 1}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}} {
		// The same values in operands of their own: the sum of their gradients.
		want := [3][]float64{}
		own := xs
		xs = []*tensor.Tensor[float64]{own[at[0]], own[at[1]], own[at[2]]}
		apart := gradients([3]int{0, 1, 2})
		xs = own
		for part, i := range at {
			if want[i] == nil {
				want[i] = make([]float64, len(apart[part]))
			}
			for j, v := range apart[part] {
				want[i][j] += v
			}
		}
		got := gradients(at)
		for i := range want {
			for j, v := range want[i] {
				if math.Abs(got[i][j]-v) > 1e-12 {
					t.Fatalf("%v: gradient %d of operand %d is %v, expected %v", at, j, i, got[i][j], v)
				}
			}
		}
	}
}
