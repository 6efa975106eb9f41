package transformer_test

import (
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
	"elegans/transformer"
)

// TestNeurons: the marks and parameters that Neurons names are those of the model.
func TestNeurons(t *testing.T) {
	for _, place := range transformer.Places() {
		c := transformer.ElegansConfig{Transformer: small(), Place: place, Network: tensornet.Config{Width: 2, Rounds: 2}}
		m, err := transformer.NewElegansFormer[float64](tensor.NewKey(1, "model"), connectome.Canonical(), c)
		if err != nil {
			t.Fatal(err)
		}
		n := tensornet.NeuronsOf(m)
		if n == nil {
			t.Errorf("%s: no neurons", place)
			continue
		}
		tp := autograd.NewTape[float64]()
		tp.KeepMarks = true
		m.Forward(tp, tp.Input(images(2, small())))
		var names []string
		for _, mark := range tp.Marks() {
			if slices.Contains(names, mark.Name) && place != transformer.PlaceShared {
				t.Errorf("%s: two results are called %q", place, mark.Name)
			}
			names = append(names, mark.Name)
		}
		for _, r := range n.Layers[0].Results {
			if !slices.Contains(names, r) {
				t.Errorf("%s: no result is called %q, there are %q", place, r, names)
			}
		}
	}
	m, err := transformer.New[float64](tensor.NewKey(1, "model"), small())
	if err != nil {
		t.Fatal(err)
	}
	if tensornet.NeuronsOf(m) != nil {
		t.Error("a plain transformer has neurons")
	}
}
