package transformer_test

import (
	"fmt"
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
	for name, c := range map[string]transformer.EchoConfig{
		"echo forward": {}, "echo backward": {Direction: transformer.Backward}, "echo both": {Direction: transformer.Both},
		"echo worm": {Direction: transformer.Both, Inputs: 8, Reservoir: worm(t)},
	} {
		m, err := transformer.NewEchoFormer[float32](tensor.NewKey(1, "model"), transformer.EchoFormerConfig{Transformer: base, Echo: c})
		if err != nil {
			t.Fatal(err)
		}
		models[name] = m
	}
	long := base
	long.Image, long.Patch, long.Depth = [3]int{1, 32, 32}, [2]int{1, 1}, 1
	m, err := transformer.New[float32](tensor.NewKey(1, "model"), long)
	if err != nil {
		t.Fatal(err)
	}
	models["1,024 tokens"] = m
	for name, m := range models {
		const batch = 8
		image := []int{batch, 3, 16, 16}
		if name == "1,024 tokens" {
			image = []int{batch, 1, 32, 32}
		}
		tp := autograd.NewTape[float32]()
		y := m.Forward(tp, tp.Variable(tensor.New[float32](image...)))
		tp.Backward(tp.Sum(y, 0, 1))
		estimate, took := m.StepBytes(batch), float64(tp.Bytes())
		t.Logf("%s: %.2f", name, estimate/took)
		if ratio := estimate / took; ratio < .5 || ratio > 2 {
			t.Errorf("%s: estimated %.3g bytes, a step took %.3g", name, estimate, took)
		}
	}
}

// TestEchoStepBytes: a step of an echo-state model takes no more than the estimate, and at least
// half of it: gradients take the places of values that are not needed any more.
func TestEchoStepBytes(t *testing.T) {
	compare := func(name string, estimate float64, step func(tp *autograd.Tape[float32]) *autograd.Var[float32]) {
		t.Helper()
		tp := autograd.NewTape[float32]()
		tp.Backward(tp.Sum(step(tp)))
		ratio := estimate / float64(tp.Bytes())
		t.Logf("%s: %.2f", name, ratio)
		if ratio < 1 || ratio > 2 {
			t.Errorf("%s: estimated %.3g bytes, a step took %.3g", name, estimate, float64(tp.Bytes()))
		}
	}
	for _, units := range []int{1, 4} {
		for _, bias := range []float64{0, .1} {
			c := transformer.EchoTransformerConfig{Image: [3]int{1, 28, 28}, Outputs: 10, Units: units, Depth: 2, Reservoir: transformer.MemoryDefaults()}
			c.Reservoir.BiasScale = bias
			m, err := transformer.NewEchoTransformer[float32](tensor.NewKey(1, "model"), c)
			if err != nil {
				t.Fatal(err)
			}
			compare(fmt.Sprint("images ", units, " ", bias), m.StepBytes(16), func(tp *autograd.Tape[float32]) *autograd.Var[float32] {
				return m.Forward(tp, tp.Input(tensor.New[float32](16, 1, 28, 28)))
			})
			c.Image, c.Inputs = [3]int{}, 12
			if m, err = transformer.NewEchoTransformer[float32](tensor.NewKey(1, "model"), c); err != nil {
				t.Fatal(err)
			}
			if m.StepBytes(16) != 0 {
				t.Error("a model of sequences tells the memory of images")
			}
			compare(fmt.Sprint("sequences ", units, " ", bias), m.SequenceBytes(8, 20), func(tp *autograd.Tape[float32]) *autograd.Var[float32] {
				return m.Forward(tp, tp.Variable(tensor.New[float32](8, 20, 12)))
			})
		}
	}
	m, err := transformer.NewEchoMoE[float32](tensor.NewKey(1, "model"), transformer.EchoMoEConfig{Inputs: 12, Outputs: 9})
	if err != nil {
		t.Fatal(err)
	}
	compare("mixture", m.StepBytes(8, 20), func(tp *autograd.Tape[float32]) *autograd.Var[float32] {
		return m.Forward(tp, tp.Variable(tensor.New[float32](8, 20, 12)))
	})
}

// TestTokenMLPBytes: the rows of the network are features, whether there are fewer of them than
// tokens or more. A step takes no more than the estimate, and at least two thirds of it.
func TestTokenMLPBytes(t *testing.T) {
	for _, n := range [][2]int{{64, 192}, {192, 64}, {16, 512}} {
		c := transformer.Config{
			Image: [3]int{1, n[0], 1}, Patch: [2]int{1, 1}, Classes: 2, Dim: n[1], Depth: 1, TokenMixer: transformer.TokenMixerMLP, TokenHidden: 128,
		}
		m, err := transformer.New[float32](tensor.NewKey(1, "model"), c)
		if err != nil {
			t.Fatal(err)
		}
		mixer := m.Blocks[0].Tokens.(transformer.TokenMLP[float32])
		tp := autograd.NewTape[float32]()
		tp.Backward(tp.Sum(mixer.Forward(tp, tp.Variable(tensor.New[float32](8, n[0], n[1])))))
		m.Blocks[0].Tokens = transformer.MeanPool[float32]{}
		without := m.StepBytes(8)
		m.Blocks[0].Tokens = mixer
		estimate, took := m.StepBytes(8)-without, float64(tp.Bytes())
		t.Logf("%d tokens of %d features: %.3f", n[0], n[1], estimate/took)
		if ratio := estimate / took; ratio < 1 || ratio > 1.5 {
			t.Errorf("%d tokens of %d features: estimated %.3g bytes, a step took %.3g", n[0], n[1], estimate, took)
		}
	}
}
