package autograd

import (
	"testing"

	"elegans/internal/allocs"
	"elegans/tensor"
)

// TestShapesAndReductionsAllocateNothing runs the operations that networks use in every step,
// forward and backward, on two goroutines.
func TestShapesAndReductionsAllocateNothing(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	tensor.SetWorkers(2)
	tp := NewTape[float32]()
	p := NewParam("p", tensor.Uniform[float32](tensor.NewKey(1, "test"), -1, 1, 40, 30, 50))
	step := func() {
		tp.Reset()
		p.ZeroGrad()
		x := tp.Permute(p, 1, 0, 2)
		parts := tp.Split(x, 0, 10, 20)
		y := tp.Concat(0, parts[1], parts[0])
		y = tp.Slice(tp.Transpose(y, 0, 1), 2, 5, 50, 3)
		m := tp.Unsqueeze(tp.Mean(y, 0, 2), 0, 2)
		z := tp.Stack(0, y, tp.Expand(m, 40, 30, 15))
		tp.Backward(tp.Add(tp.Sum(z), tp.Sum(tp.Flatten(tp.Squeeze(m, 0), 0))))
	}
	step()
	if n := allocs.PerStep(5, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}
