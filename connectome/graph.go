package connectome

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Layer is the kind of an edge.
type Layer uint8

// The layers. A Chemical edge leads from Pre to Post; a Gap edge joins both and is stored once,
// with Pre <= Post.
const (
	Chemical Layer = iota
	Gap
)

// String returns "chemical" or "gap".
func (l Layer) String() string {
	switch l {
	case Chemical:
		return "chemical"
	case Gap:
		return "gap"
	}
	return fmt.Sprintf("Layer(%d)", uint8(l))
}

// Letter returns "C" for Chemical and "E" (electrical) for Gap: the form used in files.
func (l Layer) Letter() string {
	if l == Gap {
		return "E"
	}
	return "C"
}

// Edge joins the neurons with indices Pre and Post.
type Edge struct {
	Pre, Post int
	Layer     Layer
	Weight    float64 // number of synapses or junctions; positive and finite
}

func compareEdges(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.Pre, b.Pre), cmp.Compare(a.Post, b.Post))
}

// Graph is a wiring diagram in the normal form that the package comment describes. Build it with
// New; after changing Neurons or Edges by hand call Validate.
type Graph struct {
	Name string
	// Info holds attributes of the whole graph, such as its source; never empty strings.
	Info    map[string]string
	Neurons []Neuron
	Edges   []Edge

	index map[string]int // from name to position in Neurons; nil in a graph that New did not make
}

// New returns the graph of these neurons and edges in normal form: gap junctions turned so that Pre
// <= Post, edges sorted. It copies both slices. The error names the first neuron or edge that is
// not allowed: a missing or repeated name, an index out of range, a weight that is not positive and
// finite, a second edge of the same layer on the same pair.
func New(name string, neurons []Neuron, edges []Edge) (*Graph, error) {
	g := &Graph{Name: name, Neurons: make([]Neuron, len(neurons)), Edges: slices.Clone(edges)}
	for i := range neurons {
		g.Neurons[i] = neurons[i].clone()
	}
	for i := range g.Edges {
		if e := &g.Edges[i]; e.Layer == Gap && e.Pre > e.Post {
			e.Pre, e.Post = e.Post, e.Pre
		}
	}
	slices.SortFunc(g.Edges, compareEdges)
	if err := g.Validate(); err != nil {
		return nil, err
	}
	g.index = make(map[string]int, len(g.Neurons))
	for i := range g.Neurons {
		g.index[g.Neurons[i].Name] = i
	}
	return g, nil
}

// Len returns the number of neurons.
func (g *Graph) Len() int { return len(g.Neurons) }

// Index returns the position of the neuron with this name.
func (g *Graph) Index(name string) (int, bool) {
	if g.index != nil {
		i, ok := g.index[name]
		return i, ok
	}
	i := slices.IndexFunc(g.Neurons, func(n Neuron) bool { return n.Name == name })
	return i, i >= 0
}

// Count returns the number of edges of a layer and how many of them are loops.
func (g *Graph) Count(l Layer) (edges, loops int) {
	for _, e := range g.Edges {
		if e.Layer == l {
			edges++
			if e.Pre == e.Post {
				loops++
			}
		}
	}
	return edges, loops
}

// Weight returns the sum of a layer's weights, loops included.
func (g *Graph) Weight(l Layer) float64 {
	sum := 0.0
	for _, e := range g.Edges {
		if e.Layer == l {
			sum += e.Weight
		}
	}
	return sum
}

// Edge returns the position in Edges of the edge of a layer from pre to post; for Gap the order of
// the two does not matter.
func (g *Graph) Edge(l Layer, pre, post int) (int, bool) {
	if l == Gap && pre > post {
		pre, post = post, pre
	}
	return slices.BinarySearchFunc(g.Edges, Edge{Pre: pre, Post: post, Layer: l}, compareEdges)
}

// RoleOf returns the role of neuron i, with Inter for a neuron of Unknown role, as the published
// models have it.
func (g *Graph) RoleOf(i int) Role {
	if r := g.Neurons[i].Role; r != Unknown {
		return r
	}
	return Inter
}

// WithRole returns the indices of the neurons for which RoleOf gives r, ascending.
func (g *Graph) WithRole(r Role) []int {
	var out []int
	for i := range g.Neurons {
		if g.RoleOf(i) == r {
			out = append(out, i)
		}
	}
	return out
}

// Degrees returns, for every neuron, the number of edges of a layer that end at it and that start
// from it. Loops count once in each. For Gap both are equal.
func (g *Graph) Degrees(l Layer) (in, out []int) {
	in, out = make([]int, g.Len()), make([]int, g.Len())
	for _, e := range g.Edges {
		if e.Layer != l {
			continue
		}
		out[e.Pre]++
		in[e.Post]++
		if l == Gap && e.Pre != e.Post {
			out[e.Post]++
			in[e.Pre]++
		}
	}
	return in, out
}

// Neighbours returns the neurons that neuron i reaches (Outgoing) or is reached from (Incoming) by
// one edge of a layer, ascending; i itself where it has a loop.
func (g *Graph) Neighbours(l Layer, d Direction, i int) []int {
	var out []int
	for _, e := range g.Edges {
		if e.Layer != l {
			continue
		}
		if from, to := e.Pre, e.Post; l == Gap {
			if from == i {
				out = append(out, to)
			} else if to == i {
				out = append(out, from)
			}
		} else if d == Outgoing && from == i {
			out = append(out, to)
		} else if d == Incoming && to == i {
			out = append(out, from)
		}
	}
	slices.Sort(out)
	return out
}

// Arcs returns the edges as directed arcs: chemical ones as they are, gap junctions in both
// directions, loops once; sorted by Pre, Post and Layer.
func (g *Graph) Arcs() []Edge {
	arcs := make([]Edge, 0, 2*len(g.Edges))
	for _, e := range g.Edges {
		arcs = append(arcs, e)
		if e.Layer == Gap && e.Pre != e.Post {
			e.Pre, e.Post = e.Post, e.Pre
			arcs = append(arcs, e)
		}
	}
	slices.SortFunc(arcs, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Pre, b.Pre), cmp.Compare(a.Post, b.Post), cmp.Compare(a.Layer, b.Layer))
	})
	return arcs
}

// Clone returns a deep copy.
func (g *Graph) Clone() *Graph {
	c := &Graph{
		Name: g.Name, Info: maps.Clone(g.Info), Neurons: make([]Neuron, len(g.Neurons)),
		Edges: slices.Clone(g.Edges), index: maps.Clone(g.index),
	}
	for i := range g.Neurons {
		c.Neurons[i] = g.Neurons[i].clone()
	}
	return c
}

// WithEdges returns a graph with the same name, information and neurons and other edges, which New
// brings into normal form.
func (g *Graph) WithEdges(edges []Edge) (*Graph, error) {
	c, err := New(g.Name, g.Neurons, edges)
	if err != nil {
		return nil, err
	}
	c.Info = maps.Clone(g.Info)
	return c, nil
}

// Equal reports whether two graphs in normal form have the same name, information, neurons (with
// all attributes, in order) and edges.
func (g *Graph) Equal(o *Graph) bool {
	return g.Name == o.Name && maps.Equal(g.Info, o.Info) && slices.Equal(g.Edges, o.Edges) &&
		slices.EqualFunc(g.Neurons, o.Neurons, func(a, b Neuron) bool { return a.equal(&b) })
}
