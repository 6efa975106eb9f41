package zoo

import (
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/transformer"
)

// TestMatchHidden: no other width comes closer to the number of parameters that is wanted, and one
// that misses it by more than 2 % is refused.
func TestMatchHidden(t *testing.T) {
	small := transformer.Config{Dim: 32, Depth: 2, Heads: 2}
	for name, config := range map[string]any{
		"vit": TransformerConfig{Transformer: small}, "echo-vit": EchoViTConfig{Transformer: small},
		"former": ElegansFormerConfig{Former: transformer.ElegansConfig{Place: transformer.PlaceHead, Transformer: small}},
	} {
		s := Spec{Model: name, Input: [3]int{1, 8, 8}, Classes: 10, Seed: 1, Config: config}
		if name == "echo-vit" {
			s.Config = nil // the defaults of the reservoir
			if err := Edit(&s, func(c *EchoViTConfig) { c.Transformer = small }); err != nil {
				t.Fatal(err)
			}
		}
		count := func(hidden int) int {
			t.Helper()
			other := s
			var err error
			switch name {
			case "vit":
				err = Edit(&other, func(c *TransformerConfig) { c.Transformer.Hidden = hidden })
			case "echo-vit":
				err = Edit(&other, func(c *EchoViTConfig) { c.Transformer.Hidden = hidden })
			default:
				err = Edit(&other, func(c *ElegansFormerConfig) { c.Former.Transformer.Hidden = hidden })
			}
			if err != nil {
				t.Fatal(err)
			}
			m, err := Build[float32](other)
			if err != nil {
				t.Fatal(err)
			}
			return nn.Count(m)
		}
		unit := count(41) - count(40)
		for _, off := range []int{0, unit/2 - 1, -unit/2 + 1} {
			matched, want := s, count(40)+off
			if err := MatchHidden(&matched, want); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m, err := Build[float32](matched)
			if err != nil {
				t.Fatal(err)
			}
			if got := nn.Count(m); got != count(40) {
				t.Errorf("%s: %d parameters for %d, want the %d of 40 hidden units", name, got, want, count(40))
			}
		}
		if err := MatchHidden(&s, count(1)*9/10); err == nil || !strings.Contains(err.Error(), "to within 2 %") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: fewer parameters than the rest of it has: error %v", name, err)
		}
	}
	if err := MatchHidden(&Spec{Model: "mlp", Input: [3]int{1, 8, 8}, Classes: 10, Config: MLPConfig{}}, 1000); err == nil || !strings.Contains(err.Error(), "mlp") {
		t.Errorf("a model without such networks: error %v", err)
	}
}
