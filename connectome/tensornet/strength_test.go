package tensornet

import (
	"math"
	"testing"

	"elegans/connectome"
)

// TestCountTransforms compares the coefficients of two synapses of one neuron: they stand to each
// other as the functions of their counts, and each neuron receives a combination of norm 1.
func TestCountTransforms(t *testing.T) {
	neurons := []connectome.Neuron{
		{Name: "s", Role: connectome.Sensory}, {Name: "g", Role: connectome.Sensory, Transmitters: []string{"GABA"}}, {Name: "m", Role: connectome.Motor},
	}
	g, err := connectome.New("three", neurons, []connectome.Edge{{Pre: 0, Post: 2, Weight: 4}, {Pre: 1, Post: 2, Weight: 9}})
	if err != nil {
		t.Fatal(err)
	}
	for transform, f := range map[CountTransform]func(float64) float64{
		CountLog1p: math.Log1p, CountLinear: func(n float64) float64 { return n }, CountSqrt: math.Sqrt, CountBinary: func(float64) float64 { return 1 },
	} {
		for _, combine := range []Combine{CombineSum, CombineProduct} {
			for sign, want := range map[Sign]float64{SignTransmitter: -1, SignNone: 1} {
				c := Config{Width: 1, Rounds: 1, Synapses: SynapsesChemical, CountTransform: transform, Combine: combine, Sign: sign}
				if err := c.Complete(); err != nil {
					t.Fatal(err)
				}
				w, err := Compile(g, c)
				if err != nil {
					t.Fatal(err)
				}
				a, b := w.Coef[0], w.Coef[1]
				if ratio := b / a; math.Abs(ratio-want*f(9)/f(4)) > 1e-12 {
					t.Errorf("%s, %s, %s: coefficients %v and %v, expected the ratio %v", transform, combine, sign, a, b, want*f(9)/f(4))
				}
				norm := math.Hypot(a, b)
				if combine == CombineProduct {
					norm = math.Abs(a) + math.Abs(b)
				}
				if math.Abs(norm-1) > 1e-12 {
					t.Errorf("%s, %s: norm %v", transform, combine, norm)
				}
			}
		}
	}
}
