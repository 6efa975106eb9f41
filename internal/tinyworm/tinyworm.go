// Package tinyworm holds the graph on which tests compute networks by hand.
package tinyworm

import (
	"testing"

	"elegans/connectome"
)

// New returns a graph of 6 neurons with every kind of edge: both layers on one pair, a loop, an
// inhibitory neuron, an unknown role.
func New(t testing.TB) *connectome.Graph {
	t.Helper()
	ns := []connectome.Neuron{
		{Name: "S1", Role: connectome.Sensory, Transmitters: []string{"ACh"}}, {Name: "S2", Role: connectome.Sensory},
		{Name: "I1", Role: connectome.Inter, Transmitters: []string{"GABA"}}, {Name: "I2"},
		{Name: "M1", Role: connectome.Motor, Transmitters: []string{"GABA"}}, {Name: "M2", Role: connectome.Motor},
	}
	c, e := connectome.Chemical, connectome.Gap
	var es []connectome.Edge
	for _, x := range []struct {
		pre, post int
		layer     connectome.Layer
		weight    float64
	}{{0, 2, c, 3}, {0, 3, c, 1}, {1, 2, c, 2}, {1, 3, c, 5}, {2, 4, c, 4}, {3, 5, c, 2}, {3, 4, c, 1}, {2, 3, c, 7}, {4, 2, c, 1}, {2, 2, c, 1},
		{0, 2, e, 2}, {3, 5, e, 1}, {4, 5, e, 3}, {3, 3, e, 1}} {
		es = append(es, connectome.Edge{Pre: x.pre, Post: x.post, Layer: x.layer, Weight: x.weight})
	}
	g, err := connectome.New("tiny", ns, es)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
