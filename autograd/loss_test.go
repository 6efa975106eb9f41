package autograd

import (
	"math"
	"testing"

	"elegans/internal/allocs"
	"elegans/tensor"
)

// TestLossesAllocateNothing runs every loss, forward and backward.
func TestLossesAllocateNothing(t *testing.T) {
	tp := NewTape[float32]()
	x := NewParam("x", tensor.Uniform[float32](tensor.NewKey(1, "test"), 0.1, 0.9, 8, 5))
	target := tensor.Uniform[float32](tensor.NewKey(2, "test"), 0.1, 0.9, 8, 5)
	labels := []int{0, 1, 2, 3, 4, 0, 1, 2}
	weight := tensor.Full[float32](2, 5)
	step := func() {
		tp.Reset()
		x.ZeroGrad()
		y := tp.Input(target)
		loss := tp.MSELoss(x, y, Mean)
		loss = tp.Add(loss, tp.HuberLoss(x, y, 0.3, Sum))
		loss = tp.Add(loss, tp.BCELoss(x, y, weight, Mean))
		loss = tp.Add(loss, tp.BCEWithLogits(x, y, BCEOptions[float32]{PosWeight: weight}))
		loss = tp.Add(loss, tp.KLDiv(x, y, false, BatchMean))
		loss = tp.Add(loss, tp.SigmoidFocalLoss(x, y, SigmoidFocalOptions{Alpha: 0.25, Gamma: 2}))
		loss = tp.Add(loss, tp.NLLLoss(x, labels, NLLOptions[float32]{Weight: weight}))
		loss = tp.Add(loss, tp.FocalLoss(x, labels, FocalOptions[float32]{Gamma: 2, Alpha: weight}))
		loss = tp.Add(loss, tp.BinaryDiceLoss(x, y, DiceOptions{Smooth: 1, P: 2}))
		tp.Backward(loss)
	}
	step()
	if n := allocs.PerStep(5, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// TestLossesAtTheEdges: losses and gradients stay finite where probabilities saturate.
func TestLossesAtTheEdges(t *testing.T) {
	tp := NewTape[float64]()
	far := tensor.FromSlice([]float64{-1000, -40, 0, 40, 1000, 1000}, 6)
	sure := tensor.FromSlice([]float64{0, 1, 0, 1, 0, 1}, 6)
	for name, f := range map[string]func(x, t *Var[float64]) *Var[float64]{
		"BCEWithLogits": func(x, t *Var[float64]) *Var[float64] { return tp.BCEWithLogits(x, t, BCEOptions[float64]{}) },
		"SigmoidFocalLoss": func(x, t *Var[float64]) *Var[float64] {
			return tp.SigmoidFocalLoss(x, t, SigmoidFocalOptions{0, 0.25, 2})
		},
		"BCELoss": func(x, t *Var[float64]) *Var[float64] { return tp.BCELoss(tp.Sigmoid(x), t, nil, Mean) },
		"MSELoss": func(x, t *Var[float64]) *Var[float64] { return tp.MSELoss(x, t, Mean) },
	} {
		tp.Reset()
		x := tp.Variable(far)
		y := f(x, tp.Input(sure))
		tp.Backward(y)
		for i, g := range x.Grad().Data() {
			if math.IsNaN(g) || math.IsInf(g, 0) {
				t.Errorf("%s: gradient %d is %v", name, i, g)
			}
		}
		if v := y.Value.Item(); !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("%s is %v", name, v)
		}
	}
}
