package tensornet

import (
	"testing"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/tensor"
)

// TestFrozenTrainsNothingInside: of a frozen network only the readout learns, whatever else it has
// that could.
func TestFrozenTrainsNothingInside(t *testing.T) {
	g, err := connectome.New("two", []connectome.Neuron{{Name: "s", Role: connectome.Sensory}, {Name: "m", Role: connectome.Motor}},
		[]connectome.Edge{{Pre: 0, Post: 1, Weight: 2}, {Pre: 0, Post: 1, Layer: connectome.Gap, Weight: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, combine := range []Combine{CombineSum, CombineProduct} {
		for _, unit := range []UnitWeights{UnitOwn, UnitShared} {
			for _, frozen := range []bool{false, true} {
				c := Config{Width: 3, Rounds: 2, Combine: combine, UnitWeights: unit, Norm: NormLayer, Readout: ReadoutAttention, Frozen: frozen}
				n, err := New[float32](g, c, tensor.NewKey(1, "weights"))
				if err != nil {
					t.Fatal(err)
				}
				params := nn.Params[float32](n)
				if len(params) != 6 {
					t.Errorf("%d parameters, expected weight, bias, gain, shift, synapse and query", len(params))
				}
				for _, p := range params {
					if want := !frozen || p.Path == "query"; p.RequiresGrad() != want {
						t.Errorf("%s, %s, frozen %v: %s trains: %v", combine, unit, frozen, p.Path, p.RequiresGrad())
					}
				}
			}
		}
	}
}
