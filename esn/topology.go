package esn

import (
	"fmt"
	"maps"
	"slices"

	"elegans/internal/choice"
	"elegans/tensor"
)

// Topology is a way to connect the neurons of a reservoir. Each is a file of its own that registers
// it.
type Topology struct {
	Name string
	Doc  string // one line
	// Options are the keys of a Config that this topology reads and others may not.
	Options []string
	// Scaling is what an empty Config.Scaling stands for, and Inputs an empty Config.InputNeurons.
	Scaling Scaling
	Inputs  []string

	// weights returns the recurrent weights of n neurons, before they are scaled.
	weights func(c *Config, n int, key tensor.Key) (Weights[float64], error)
}

var topologies = map[string]Topology{}

// register adds a topology. It returns it, so that a file can do so in a declaration.
func register(t Topology) Topology {
	if _, twice := topologies[t.Name]; twice {
		panic("esn: two topologies are called " + t.Name)
	}
	if t.Scaling == "" {
		t.Scaling = SpectralRadiusScaling
	}
	topologies[t.Name] = t
	return t
}

// Topologies returns all topologies, by name.
func Topologies() []Topology {
	var list []Topology
	for _, name := range slices.Sorted(maps.Keys(topologies)) {
		list = append(list, topologies[name])
	}
	return list
}

// topologyOf returns the topology of that name.
func topologyOf(name string) (Topology, error) {
	t, ok := topologies[name]
	if !ok {
		return t, fmt.Errorf("topology %q, expected one of %s", name, choice.List(slices.Sorted(maps.Keys(topologies))))
	}
	return t, nil
}

// sparseOf wraps the result of a function that makes a sparse matrix.
func sparseOf(m *tensor.CSR[float64], err error) (Weights[float64], error) {
	return Weights[float64]{Sparse: m}, err
}
