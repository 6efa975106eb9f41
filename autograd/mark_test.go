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
