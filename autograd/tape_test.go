package autograd

import (
	"testing"

	"elegans/tensor"
)

// TestStepAllocatesNothing runs the same small program again and again on one tape.
func TestStepAllocatesNothing(t *testing.T) {
	tp := NewTape[float32]()
	p := NewParam("p", tensor.Arange[float32](0, 6))
	step := func() {
		tp.Reset()
		y := tp.Reshape(tp.Reshape(p, 2, 3), 3, -1)
		y.GradSum().Data()[1] = 1
		tp.run()
		p.ZeroGrad()
	}
	step()
	if p.grad.Data()[1] != 1 {
		t.Fatalf("gradient %v", p.grad.Data())
	}
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Fatalf("%v allocations a step", n)
	}
}
