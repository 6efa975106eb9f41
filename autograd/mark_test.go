package autograd_test

import (
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// TestMark keeps names in order until Reset, and nothing unless asked to.
func TestMark(t *testing.T) {
	tp := autograd.NewTape[float64]()
	tp.RetainGrad = true
	p := autograd.NewParam("p", tensor.FromSlice([]float64{2, 3}, 2))
	run := func() *autograd.Var[float64] {
		square := tp.Mul(p, p)
		tp.Mark("square", square)
		sum := tp.Sum(square)
		tp.Mark("sum", sum)
		return sum
	}
	tp.Backward(run())
	if n := len(tp.Marks()); n != 0 {
		t.Fatalf("%d marks though KeepMarks is off", n)
	}
	tp.Reset()
	tp.KeepMarks = true
	tp.Backward(run())
	m := tp.Marks()
	if len(m) != 2 || m[0].Name != "square" || m[1].Name != "sum" {
		t.Fatalf("marks %v, want square and sum", m)
	}
	if g := m[0].Var.Grad().Data(); g[0] != 1 || g[1] != 1 || m[0].Var.Value.Data()[1] != 9 {
		t.Errorf("gradient of the square %v, want ones", g)
	}
	tp.Reset()
	if len(tp.Marks()) != 0 {
		t.Error("marks outlive Reset")
	}
}

// TestMACs counts each kind of product by its definition, on the marks of nested modules.
func TestMACs(t *testing.T) {
	tp := autograd.NewTape[float64]()
	tp.KeepMarks = true
	in := func(shape ...int) *autograd.Var[float64] { return tp.Input(tensor.New[float64](shape...)) }
	conv := tensor.ConvOptions{Padding: [2]int{1, 1}, Groups: 2}
	sparse := tensor.NewCSR(2, 3, []int32{0, 1, 4}, []int32{0, 0, 1, 2}, []float64{1, 2, 3, 4})
	for _, c := range []struct {
		name string
		op   func() *autograd.Var[float64]
		want int
	}{
		{"matmul", func() *autograd.Var[float64] { return tp.MatMul(in(5, 2, 3), in(3, 4)) }, 5 * 2 * 3 * 4},
		{"matmul of vectors", func() *autograd.Var[float64] { return tp.MatMul(in(3), in(3)) }, 3},
		{"linear", func() *autograd.Var[float64] { return tp.Linear(in(5, 2, 3), in(4, 3), in(4)) }, 5 * 2 * 3 * 4},
		{"grouped", func() *autograd.Var[float64] { return tp.GroupedLinear(in(7, 2, 3), in(7, 4, 3), nil) }, 7 * 2 * 3 * 4},
		{"conv", func() *autograd.Var[float64] { return tp.Conv2d(in(2, 4, 5, 5), in(6, 2, 3, 3), in(6), conv) }, 2 * 6 * 25 * 2 * 9},
		{"transposed conv", func() *autograd.Var[float64] { return tp.ConvTranspose2d(in(2, 4, 5, 5), in(4, 3, 3, 3), nil, conv) }, 2 * 4 * 25 * 3 * 9},
		{"sparse", func() *autograd.Var[float64] { return tp.SpMM(sparse, in(3, 5), nil) }, 4 * 5},
		{"einsum", func() *autograd.Var[float64] { return tp.Einsum("bij,bjk->bik", in(5, 2, 3), in(5, 3, 4)) }, 5 * 2 * 3 * 4},
		{"attention", func() *autograd.Var[float64] {
			y, _ := tp.MultiHeadAttention(in(2, 3, 8), in(2, 5, 8), in(2, 5, 4), 2, autograd.AttentionOptions[float64]{})
			return y
		}, 2 * 2 * 3 * 5 * (4 + 2)},
		{"activation", func() *autograd.Var[float64] { return tp.Tanh(in(5)) }, 0},
	} {
		before := tp.MACs()
		outer := tp.Enter("part")
		tp.Mark(c.name, c.op())
		tp.Leave(outer)
		m := tp.Marks()[len(tp.Marks())-1]
		if m.Name != "part."+c.name || m.MACs != c.want || tp.MACs()-before != c.want {
			t.Errorf("%s: %d multiply-accumulates, %d counted, want %d", m.Name, m.MACs, tp.MACs()-before, c.want)
		}
	}
	tp.Reset()
	if tp.MACs() != 0 {
		t.Error("the count outlives Reset")
	}
}
