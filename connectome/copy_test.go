package connectome

import (
	"slices"
	"testing"
)

// TestCopiesShareNothing changes everything in a copy, however it was made, and looks at the
// original.
func TestCopiesShareNothing(t *testing.T) {
	make := func() *Graph {
		neurons := []Neuron{
			{Name: "a", Role: Sensory, Transmitters: []string{"ACh"}, Extra: map[string]string{"lineage": "AB"}},
			{Name: "b", Role: Motor, Extra: map[string]string{"lineage": "MS"}},
		}
		g, err := New("two", neurons, []Edge{{Pre: 0, Post: 1, Weight: 3}, {Pre: 0, Post: 1, Layer: Gap, Weight: 2}})
		if err != nil {
			t.Fatal(err)
		}
		g.Info = map[string]string{"source": "here"}
		return g
	}
	for name, copied := range map[string]func(g *Graph) *Graph{
		"Clone": (*Graph).Clone,
		"WithEdges": func(g *Graph) *Graph {
			c, err := g.WithEdges(slices.Clone(g.Edges))
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	} {
		g := make()
		c := copied(g)
		if !c.Equal(g) {
			t.Errorf("%s: the copy differs", name)
		}
		c.Info["source"] = "there"
		c.Neurons[0].Transmitters[0] = "GABA"
		c.Neurons[0].Extra["lineage"] = "none"
		c.Neurons[1].Name = "c"
		c.Edges[0].Weight = 9
		if !g.Equal(make()) {
			t.Errorf("%s: a change of the copy changed the original: %+v", name, g)
		}
	}
	// New copies what it is given, too.
	neurons := []Neuron{{Name: "a", Transmitters: []string{"ACh"}, Extra: map[string]string{"lineage": "AB"}}}
	g, err := New("one", neurons, nil)
	if err != nil {
		t.Fatal(err)
	}
	neurons[0].Transmitters[0], neurons[0].Extra["lineage"] = "GABA", "MS"
	if g.Neurons[0].Transmitters[0] != "ACh" || g.Neurons[0].Extra["lineage"] != "AB" {
		t.Errorf("New shares what its neurons hold: %+v", g.Neurons[0])
	}
}
