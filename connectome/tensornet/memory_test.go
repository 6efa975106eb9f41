package tensornet_test

import (
	"testing"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// TestStepBytes compares the estimate with what a tape takes.
func TestStepBytes(t *testing.T) {
	const batch = 64
	for _, c := range []tensornet.Config{
		{Width: 8, Rounds: 4},
		{Width: 8, Rounds: 12},
		{Width: 8, Rounds: 4, Combine: tensornet.CombineProduct},
		{Width: 8, Rounds: 4, Norm: tensornet.NormLayer, Residual: true},
		{Width: 8, Rounds: 4, UnitWeights: tensornet.UnitShared, Activation: "gelu"},
	} {
		n, err := tensornet.New[float32](connectome.Canonical(), c, tensor.NewKey(1, "net"))
		if err != nil {
			t.Fatal(err)
		}
		tp := autograd.NewTape[float32]()
		x := tp.Variable(tensor.Normal[float32](tensor.NewKey(1, "x"), 0, 1, batch, n.Inputs))
		tp.Backward(tp.Mean(tp.Square(n.Forward(tp, x)), 0, 1))
		took, said := float64(tp.Bytes()), n.StepBytes(batch)
		if said < took/2 || said > 2*took {
			t.Errorf("%+v: %.0f bytes estimated, %.0f taken", c, said, took)
		}
	}
}
