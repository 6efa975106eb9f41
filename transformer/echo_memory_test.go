package transformer_test

import (
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
)

// TestWorkingMemoryIsCausal: a token changes nothing before it, and something from it on.
func TestWorkingMemoryIsCausal(t *testing.T) {
	c := memories(t)["every token"]
	m := newMemory(t, c)
	x := sequences(1, 6)
	forward := func() *tensor.Tensor[float64] {
		tp := autograd.NewTape[float64]()
		return m.Forward(tp, tp.Input(x)).Value.Clone()
	}
	before := forward()
	x.Set(9, 0, 3, 1)
	after := forward()
	for at := range 6 {
		same := slices.Equal(before.Slice(1, at, at+1, 1).Contiguous().Data(), after.Slice(1, at, at+1, 1).Contiguous().Data())
		if same != (at < 3) {
			t.Errorf("token 3 was changed: the outputs of token %d are the same: %v", at, same)
		}
	}
}

// TestMemoryBegins: what a new memory begins with.
func TestMemoryBegins(t *testing.T) {
	c := memories(t)["last"]
	c.Reservoir.Scale = .5
	m := newMemory(t, c).Layers[0].Memory
	pattern := m.Pattern
	for unit := range 3 {
		// The block of a unit, with its factor.
		block := tensor.New[float64](5, 5)
		for i := range 5 {
			for k := pattern.RowPtr[5*unit+i]; k < pattern.RowPtr[5*unit+i+1]; k++ {
				j := int(pattern.Col[k]) - 5*unit
				if j < 0 || j >= 5 {
					t.Fatalf("neuron %d of unit %d hears another unit", i, unit)
				}
				block.Set(m.Weight.Value.At(int(k))*math.Exp(m.LogRadius.Value.At(unit, 0, 0)), i, j)
			}
		}
		radius, err := esn.SpectralRadius(esn.Weights[float64]{Dense: block})
		if err != nil {
			t.Fatal(err)
		}
		if want := .5 * float64(unit+1) / 3; math.Abs(radius-want) > 1e-9 {
			t.Errorf("unit %d has a spectral radius of %v, want %v", unit, radius, want)
		}
	}
	for _, p := range nn.Params[float64](m) {
		frozen := p.Path == "weight" || p.Path == "input" || p.Path == "bias"
		if p.RequiresGrad() == frozen {
			t.Errorf("%s: a gradient is %v", p.Path, p.RequiresGrad())
		}
	}
	two := memories(t)["mean, two layers"]
	layers := newMemory(t, two).Layers
	if slices.Equal(layers[0].Memory.Weight.Value.Data(), layers[1].Memory.Weight.Value.Data()) {
		t.Error("two layers have the same reservoirs")
	}
}

// TestEchoTransformerOfImages: rows of an image are a sequence.
func TestEchoTransformerOfImages(t *testing.T) {
	c := memories(t)["last"]
	c.Image, c.Inputs = [3]int{1, 4, 3}, 0
	m := newMemory(t, c)
	s := newMemory(t, memories(t)["last"])
	for i, p := range nn.Params[float64](s) {
		q := nn.Params[float64](m)[i]
		tensor.Copy(p.Value, q.Value.Reshape(p.Shape()...))
	}
	x := sequences(2, 4)
	tp := autograd.NewTape[float64]()
	near(t, "logits", m.Forward(tp, tp.Input(x.Reshape(2, 1, 4, 3))).Value, s.Forward(tp, tp.Input(x)).Value)
}
