package tensornet_test

import (
	"math"
	"testing"

	"elegans/autograd"
	"elegans/connectome/tensornet"
	"elegans/internal/tinyworm"
	"elegans/tensor"
)

// TestUnitsApplyEveryActivation compares the units with each activation of the table with those
// without any: an activation that the network does not know would pass as the identity.
func TestUnitsApplyEveryActivation(t *testing.T) {
	g := tinyworm.New(t)
	for _, norm := range []tensornet.Norm{tensornet.NormNone, tensornet.NormLayer} {
		build := func(name string) []float64 {
			n, err := tensornet.New[float64](g, tensornet.Config{Width: 3, Rounds: 1, Norm: norm, Activation: tensornet.Activation(name)}, tensor.NewKey(1, "test"))
			if err != nil {
				t.Fatal(err)
			}
			tensor.FillNormal(n.Weight.Value, tensor.NewKey(2, "test"), 0, 1)
			tensor.FillNormal(n.Bias.Value, tensor.NewKey(3, "test"), 0, 1)
			var states []float64
			n.States = func(_ int, h *tensor.Tensor[float64]) { states = append([]float64{}, h.Data()...) }
			tp := autograd.NewTape[float64]()
			n.Forward(tp, tp.Input(tensor.Normal[float64](tensor.NewKey(4, "test"), 0, 1, 2, n.Inputs)))
			return states
		}
		plain := build("identity")
		for _, a := range tensor.Activations() {
			got := build(a.Name)
			want := tensor.FromSlice(plain, len(plain)).Clone()
			if !a.Identity {
				tensor.Map(a.Op, want, want, a.A, a.B)
			}
			for i, w := range want.Data() {
				if math.Abs(got[i]-w) > 1e-14 {
					t.Errorf("%s, norm %s: state %d is %v, want %v", a.Name, norm, i, got[i], w)
					break
				}
			}
		}
	}
}

// TestUnknownActivation: a name that is not in the table is refused.
func TestUnknownActivation(t *testing.T) {
	if _, err := tensornet.New[float32](tinyworm.New(t), tensornet.Config{Width: 3, Rounds: 1, Activation: "swish"}, tensor.NewKey(1, "test")); err == nil {
		t.Error("an unknown activation was accepted")
	}
}
