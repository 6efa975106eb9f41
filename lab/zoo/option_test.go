package zoo

import (
	"elegans/transformer"
	"strings"
	"testing"
)

// TestSetGraph: the sum of a wiring's file does not hold for another wiring.
func TestSetGraph(t *testing.T) {
	before := WormConfig{Graph: Graph{Name: "canonical", Seed: 2, SHA256: "of the canonical one"}}
	s := Spec{Model: "worm", Config: before}
	if err := s.Set("graph-seed", 3); err != nil {
		t.Fatal(err)
	}
	if g := s.Config.(WormConfig).Graph; g != (Graph{Name: "canonical", Seed: 3, SHA256: before.Graph.SHA256}) {
		t.Errorf("after another seed: %+v", g)
	}
	if err := s.Set("graph", "shipped"); err != nil {
		t.Fatal(err)
	}
	if g := s.Config.(WormConfig).Graph; g != (Graph{Name: "shipped", Seed: 3}) {
		t.Errorf("after another wiring: %+v", g)
	}
	if before.Graph.SHA256 == "" || before.Graph.Name != "canonical" {
		t.Error("the configuration was changed in place")
	}
}

// TestIdle: an option of the model does something unless another one switches it off.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		control Control
		option  string
		because string // empty: it does something
	}{
		{NoControl, "graph-seed", "worm control none"},
		{"none", "graph-seed", "worm control none"},
		{Rewired, "graph-seed", ""},
		{NoControl, "width", ""},
		{Rewired, "hidden", "worm"},
	} {
		s := Spec{Model: "worm", Config: WormConfig{Graph: Graph{Control: c.control}}}
		idle, because, _ := s.Idle(c.option)
		if idle != (c.because != "") || idle && because != c.because {
			t.Errorf("control %q, option %s: idle %v because of %q, want %q", c.control, c.option, idle, because, c.because)
		}
	}
	for _, c := range []struct {
		former  transformer.ElegansConfig
		option  string
		because string
	}{
		{transformer.ElegansConfig{Place: transformer.PlaceShared}, "ff-hidden", "former place ff-shared"},
		{transformer.ElegansConfig{}, "ff-activation", "former place ff-shared"},
		{transformer.ElegansConfig{Place: transformer.PlaceFeedForward}, "gating", "former place ff"},
		{transformer.ElegansConfig{Place: transformer.PlaceHead}, "ff-hidden", ""},
		{transformer.ElegansConfig{Place: transformer.PlacePool}, "pooling", "former place pool"},
		{transformer.ElegansConfig{Place: transformer.PlaceHead}, "pooling", ""},
		{transformer.ElegansConfig{Family: transformer.FamilyPublished}, "rounds", "former family published"},
		{transformer.ElegansConfig{Family: transformer.FamilySound}, "rounds", ""},
	} {
		s := Spec{Model: "former", Config: ElegansFormerConfig{Former: c.former}}
		if idle, because, _ := s.Idle(c.option); idle != (c.because != "") || idle && because != c.because {
			t.Errorf("%+v, option %s: idle %v because of %q, want %q", c.former, c.option, idle, because, c.because)
		}
	}
	s := Spec{Model: "worm"}
	if _, _, used := s.Idle("hidden"); !strings.Contains(strings.Join(used, " "), "mlp") {
		t.Errorf("models that read hidden: %v", used)
	}
}
