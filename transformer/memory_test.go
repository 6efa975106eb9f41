package transformer_test

import (
	"testing"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/tensor"
	"elegans/transformer"
)

// TestStepBytes compares the estimate with what a step really takes.
func TestStepBytes(t *testing.T) {
	base := transformer.Config{
		Image: [3]int{3, 16, 16}, Classes: 10, Patch: [2]int{4, 4}, Dim: 32, Depth: 3, Heads: 4, Hidden: 96, TokenHidden: 24,
	}
	gated, mixer := base, base
	gated.Gating, mixer.TokenMixer = transformer.GatingMul, transformer.TokenMixerMLP
	models := map[string]*transformer.Transformer[float32]{}
	for name, c := range map[string]transformer.Config{"vit": base, "gated": gated, "mixer": mixer} {
		m, err := transformer.New[float32](tensor.NewKey(1, "model"), c)
		if err != nil {
			t.Fatal(err)
		}
		models[name] = m
	}
	for _, family := range []transformer.Family{transformer.FamilySound, transformer.FamilyPublished} {
		for _, place := range transformer.Places() {
			c := transformer.ElegansConfig{Transformer: base, Place: place, Family: family, Residual: place == transformer.PlaceHead}
			m, err := transformer.NewElegansFormer[float32](tensor.NewKey(1, "model"), connectome.Canonical(), c)
			if err != nil {
				t.Fatal(err)
			}
			models[string(place)+" "+string(family)] = m
		}
	}
	for name, m := range models {
		const batch = 8
		tp := autograd.NewTape[float32]()
		y := m.Forward(tp, tp.Variable(tensor.New[float32](batch, 3, 16, 16)))
		tp.Backward(tp.Sum(y, 0, 1))
		estimate, took := m.StepBytes(batch), float64(tp.Bytes())
		t.Logf("%s: %.2f", name, estimate/took)
		if ratio := estimate / took; ratio < .5 || ratio > 2 {
			t.Errorf("%s: estimated %.3g bytes, a step took %.3g", name, estimate, took)
		}
	}
}
