package connectome

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"elegans/internal/quote"
)

//go:embed embedded/neurons.tsv
var wormNeurons string

//go:embed embedded/edges.tsv
var wormEdges string

// RoleSet names an assignment of roles to the worm's neurons.
type RoleSet string

const (
	// RolesCanonical are the roles of the published graph on the neurons they belong to: 98
	// sensory, 89 motor, 92 without a role.
	RolesCanonical RoleSet = "canonical"
	// RolesCook are the sections of Cook et al. 2019, where every neuron has a role: 83 sensory, 81
	// inter, 115 motor.
	RolesCook RoleSet = "cook"
)

const citation = "Varshney et al. 2011, PLoS Comput Biol 7(2):e1001066; roles Cook et al. 2019 and circuitdata; class and transmitters Wang et al. 2024; soma positions c302"

// wormTables are the embedded tables, parsed once. The names stand in byte order and cell ids
// number them from 1.
type wormTables struct {
	neurons []Neuron // with RolesCanonical
	cook    []Role
	edges   []wormEdge
}

type wormEdge struct {
	Edge
	published float64 // weight in the published graph
	// the published graph lists the gap junction of this ordered pair before this synapse
	gapFirst bool
}

var tables = sync.OnceValue(func() *wormTables {
	t, err := parseWorm(wormNeurons, wormEdges)
	if err != nil {
		panic("connectome: the embedded tables are damaged: " + err.Error())
	}
	return t
})

func parseWorm(neurons, edges string) (*wormTables, error) {
	t := &wormTables{}
	index := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(neurons), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 8 {
			return nil, fmt.Errorf("neurons, row %d: %d columns, expected 8", i+1, len(f))
		}
		n := Neuron{Name: f[0], ID: strconv.Itoa(i + 1), Class: f[1], HasSoma: true}
		if f[4] != "" {
			n.Transmitters = strings.Split(f[4], ",")
		}
		role, err := ParseRole(f[2])
		if err != nil {
			return nil, fmt.Errorf("neurons, row %d: %w", i+1, err)
		}
		n.Role = role
		cook, err := ParseRole(f[3])
		if err != nil {
			return nil, fmt.Errorf("neurons, row %d: %w", i+1, err)
		}
		for k, axis := range []*float64{&n.Soma.X, &n.Soma.Y, &n.Soma.Z} {
			if *axis, err = strconv.ParseFloat(f[5+k], 64); err != nil {
				return nil, fmt.Errorf("neurons, row %d: %w", i+1, err)
			}
		}
		index[n.Name] = i
		t.neurons = append(t.neurons, n)
		t.cook = append(t.cook, cook)
	}
	for i, line := range strings.Split(strings.TrimSpace(edges), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			return nil, fmt.Errorf("edges, row %d: %d columns, expected 6", i+1, len(f))
		}
		pre, okPre := index[f[0]]
		post, okPost := index[f[1]]
		weight, err1 := strconv.ParseFloat(f[3], 64)
		published, err2 := strconv.ParseFloat(f[4], 64)
		if !okPre || !okPost || err1 != nil || err2 != nil {
			return nil, fmt.Errorf("edges, row %d: %q", i+1, line)
		}
		e := wormEdge{Edge{pre, post, Chemical, weight}, published, f[5] == "1"}
		if f[2] == "E" {
			e.Layer = Gap
		}
		t.edges = append(t.edges, e)
	}
	return t, nil
}

// Canonical returns the worm with repaired labels, summed weights and the roles of RolesCanonical:
// the default everywhere. Neurons are in byte order of their names, ID is the 1-based position.
func Canonical() *Graph {
	t := tables()
	edges := make([]Edge, len(t.edges))
	for i, e := range t.edges {
		edges[i] = e.Edge
	}
	return mustWorm("canonical", t.neurons, edges)
}

// WithRoles returns a copy of the graph with the roles of a named set, looked up by neuron name. It
// fails for a name that is not one of the worm's 279.
func (g *Graph) WithRoles(set RoleSet) (*Graph, error) {
	if set != RolesCanonical && set != RolesCook {
		return nil, fmt.Errorf("role set %s, expected %q or %q", quote.Text(string(set)), RolesCanonical, RolesCook)
	}
	t := tables()
	c := g.Clone()
	for i := range c.Neurons {
		k, ok := slices.BinarySearchFunc(t.neurons, c.Neurons[i].Name, func(n Neuron, name string) int { return strings.Compare(n.Name, name) })
		if !ok {
			return nil, fmt.Errorf("role set %q has no neuron %s", set, quote.Text(c.Neurons[i].Name))
		}
		if c.Neurons[i].Role = t.neurons[k].Role; set == RolesCook {
			c.Neurons[i].Role = t.cook[k]
		}
	}
	return c, nil
}

func mustWorm(name string, neurons []Neuron, edges []Edge) *Graph {
	g, err := New(name, neurons, edges)
	if err != nil {
		panic("connectome: the embedded tables are damaged: " + err.Error())
	}
	g.Info = map[string]string{"source": citation, "weight": "number of synapses or junctions"}
	return g
}
