package zoo

import (
	"slices"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
)

// TestLargest builds what is close to the limit: the published autoencoder has room, and one four
// times as wide has not.
func TestLargest(t *testing.T) {
	s := Spec{Model: "m2-upstream", Input: [3]int{1, 28, 28}, Seed: 1}
	if err := Edit(&s, func(c *M2Config) { c.M2.Width = 4 * 784 }); err != nil {
		t.Fatal(err)
	}
	if _, err := Build[float32](s); err == nil || !strings.Contains(err.Error(), "parameters, expected at most") {
		t.Errorf("a model four times as wide as the published one: error %v", err)
	}
	if testing.Short() {
		t.Skip("-short: a model of 88 million parameters")
	}
	s.Config = nil
	if m, err := Build[float32](s); err != nil || nn.Count(m) != 87_851_329 {
		t.Errorf("the published model: error %v", err)
	}
}

// TestTooLarge builds models that no machine should try to hold.
func TestTooLarge(t *testing.T) {
	image := [3]int{1, 8, 8}
	for _, s := range []Spec{
		{Model: "mlp", Input: image, Classes: 10, Config: MLPConfig{Hidden: []int{1 << 20, 1 << 20}}},
		{Model: "mlp", Input: image, Classes: 10, Config: MLPConfig{Hidden: slices.Repeat([]int{1}, 300_000)}},
		{Model: "mlp", Input: image, Classes: 1 << 40},
		{Model: "mlp", Input: [3]int{1 << 40, 1 << 40, 1 << 40}, Classes: 10},
		{Model: "cnn", Input: image, Classes: 10, Config: CNNConfig{Hidden: []int{1 << 20}}},
		{Model: "cnn", Input: [3]int{1 << 40, 8, 8}, Classes: 10},
		{Model: "lenet", Input: [3]int{1, 1 << 30, 1 << 30}, Classes: 10},
		{Model: "worm", Input: image, Classes: 10, Config: WormConfig{Network: tensornet.Config{Width: 1 << 16}}},
		{Model: "worm", Input: [3]int{1, 1 << 31, 1 << 31}, Classes: 10},
		{Model: "worm-cnn", Input: image, Classes: 10, Config: WormCNNConfig{Hidden: []int{1 << 20}}},
	} {
		if _, err := Build[float32](s); err == nil || !strings.Contains(err.Error(), ", expected at most") {
			t.Errorf("%s of %v: %v", s.Model, s.Input, err)
		}
	}
}

// TestDefaultPatches: height and width of the patches follow those of the images, each by itself.
func TestDefaultPatches(t *testing.T) {
	for _, c := range []struct{ height, width, wantHeight, wantWidth int }{{28, 28, 4, 4}, {64, 28, 8, 4}, {8, 7, 2, 1}, {32, 32, 4, 4}} {
		s := Spec{Model: "vit", Input: [3]int{1, c.height, c.width}, Classes: 10}
		if err := s.Complete(); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if p := s.Config.(TransformerConfig).Transformer.Patch; p != [2]int{c.wantHeight, c.wantWidth} {
			t.Errorf("%+v: patches of %v", c, p)
		}
	}
}
