package zoo

import (
	"math"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/connectome/m2"
	"elegans/connectome/tensornet"
)

// TestParameters compares the count made beforehand with that of the model itself.
func TestParameters(t *testing.T) {
	for _, s := range []Spec{
		{Model: "mlp", Hidden: []int{30, 20}},
		{Model: "cnn", Hidden: []int{8, 12}},
		{Model: "lenet"},
		{Model: "worm", Network: tensornet.Config{Width: 24}},
		{Model: "worm", Network: tensornet.Config{Width: 24, UnitWeights: "shared", Signal: "each", Readout: "mean"}},
		{Model: "worm-cnn", Hidden: []int{4}, Network: tensornet.Config{Width: 32}},
		{Model: "m2-small"},
		{Model: "m2", M2: m2.Config{Core: "dense", Width: 120, Network: tensornet.Config{Width: 20, Signal: "each"}}},
		{Model: "m2", M2: m2.Config{Core: "none", Width: 120}},
		{Model: "m2-upstream", M2: m2.Config{Width: 60}},
	} {
		s.Input, s.Classes = [3]int{3, 28, 24}, 10
		if IsAutoencoder(s.Model) {
			s.Input = [3]int{1, 28, 28}
		}
		if err := s.Complete(); err != nil {
			t.Fatal(err)
		}
		m, err := Build[float32](s)
		if err != nil {
			t.Fatal(err)
		}
		var w worm
		if s.HasGraph() {
			g, err := s.Graph.Load()
			if err != nil {
				t.Fatal(err)
			}
			w = sizeOf(g)
		}
		got, want := s.parameters(w), float64(nn.Count(m))
		if math.Abs(got-want) > 0.03*want {
			t.Errorf("%s %+v: counted %v beforehand, has %v", s.Model, s.Network, got, want)
		}
	}
}

// TestPublishedSize counts the full model and leaves it room.
func TestPublishedSize(t *testing.T) {
	s := Preset("m2-upstream", 1)
	s.Input = [3]int{1, 28, 28}
	if err := s.Complete(); err != nil {
		t.Fatal(err)
	}
	g, err := s.Graph.Load()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.parameters(sizeOf(g)), 87851345.0; math.Abs(got-want) > 0.001*want {
		t.Errorf("counted %v parameters, has %v", got, want)
	}
	if err := s.checkSize(sizeOf(g)); err != nil {
		t.Error(err)
	}
	s.M2.Width *= 4
	if err := s.checkSize(sizeOf(g)); err == nil {
		t.Error("a model four times as wide has room")
	}
}

// TestTooLarge builds models that no machine should try to hold.
func TestTooLarge(t *testing.T) {
	image := [3]int{1, 8, 8}
	for _, s := range []Spec{
		{Model: "mlp", Input: image, Classes: 10, Hidden: []int{1 << 20, 1 << 20}},
		{Model: "mlp", Input: image, Classes: 1 << 40},
		{Model: "mlp", Input: [3]int{1 << 40, 1 << 40, 1 << 40}, Classes: 10},
		{Model: "cnn", Input: image, Classes: 10, Hidden: []int{1 << 20}},
		{Model: "cnn", Input: [3]int{1 << 40, 8, 8}, Classes: 10},
		{Model: "lenet", Input: [3]int{1, 1 << 30, 1 << 30}, Classes: 10},
		{Model: "worm", Input: image, Classes: 10, Network: tensornet.Config{Width: 1 << 16}},
		{Model: "worm", Input: [3]int{1, 1 << 31, 1 << 31}, Classes: 10},
		{Model: "worm-cnn", Input: image, Classes: 10, Hidden: []int{1 << 20}},
	} {
		if _, err := Build[float32](s); err == nil || !strings.Contains(err.Error(), "parameters, expected at most") {
			t.Errorf("%s of %v: %v", s.Model, s.Input, err)
		}
	}
}
