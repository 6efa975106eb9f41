package esn

import (
	"fmt"
	"math"
	"sort"

	"elegans/connectome"
	"elegans/internal/choice"
	"elegans/tensor"
)

// Count says how the number of synapses of an edge becomes a weight.
type Count string

// The ways.
const (
	Synapses Count = "count"
	Binary   Count = "binary"
	Log1p    Count = "log1p"
	Sqrt     Count = "sqrt"
)

// Layers says which edges of a connectome are taken.
type Layers string

// The choices.
const (
	Both     Layers = "both"
	Chemical Layers = "chemical"
	Gap      Layers = "gap"
)

// Wiring says how a connectome becomes a matrix. The zero value takes the synapse counts of both
// layers, all positive.
type Wiring struct {
	Count  Count
	Layers Layers
	// Inhibits makes the chemical synapses of the neurons for which it is true negative; nil stands
	// for none. ReleasesGABA is the usual one.
	Inhibits func(n *connectome.Neuron) bool
}

// ReleasesGABA reports whether a neuron releases GABA. Sources differ in which do: the embedded
// worm has 35 such neurons, older tables have the 26 classical ones.
func ReleasesGABA(n *connectome.Neuron) bool { return n.Releases("GABA") }

// FromGraph returns the matrix of a connectome: neurons in the order of the graph, W[post, pre].
// Chemical edges are directed, gap junctions lead both ways, a loop counts once. Where both layers
// join two neurons their weights are added; in Binary the chemical one counts.
func FromGraph[T tensor.Float](g *connectome.Graph, w Wiring) (*tensor.CSR[T], error) {
	err := choice.Complete(
		choice.Of("count", &w.Count, Synapses, Binary, Log1p, Sqrt),
		choice.Of("layers", &w.Layers, Both, Chemical, Gap))
	if err != nil {
		return nil, err
	}
	var m entries
	for _, e := range g.Edges {
		v := w.weight(e.Weight)
		if e.Layer == connectome.Chemical {
			if w.Layers == Gap {
				continue
			}
			if w.Inhibits != nil && w.Inhibits(&g.Neurons[e.Pre]) {
				v = -v
			}
			m.add(e.Post, e.Pre, v)
		}
	}
	for _, e := range g.Edges {
		if e.Layer == connectome.Chemical || w.Layers == Chemical {
			continue
		}
		v := w.weight(e.Weight)
		for _, at := range [][2]int{{e.Post, e.Pre}, {e.Pre, e.Post}} {
			if w.Count == Binary && m.has(at[0], at[1]) {
				continue
			}
			m.add(at[0], at[1], v)
			if e.Pre == e.Post {
				break
			}
		}
	}
	return build[T](g.Len(), m)
}

func (w Wiring) weight(n float64) float64 {
	switch w.Count {
	case Binary:
		return 1
	case Log1p:
		return math.Log1p(n)
	case Sqrt:
		return math.Sqrt(n)
	}
	return n
}

// entries collects the entries of a matrix; those of one place are added.
type entries struct {
	place map[[2]int]int
	list  []entry
}

type entry struct {
	row, col int
	v        float64
}

func (m *entries) has(row, col int) bool { _, ok := m.place[[2]int{row, col}]; return ok }

func (m *entries) add(row, col int, v float64) {
	if m.place == nil {
		m.place = map[[2]int]int{}
	}
	if at, ok := m.place[[2]int{row, col}]; ok {
		m.list[at].v += v
		return
	}
	m.place[[2]int{row, col}] = len(m.list)
	m.list = append(m.list, entry{row, col, v})
}

// build returns the matrix [n, n].
func build[T tensor.Float](n int, m entries) (*tensor.CSR[T], error) {
	if len(m.list) > math.MaxInt32 {
		return nil, fmt.Errorf("esn: %d connections, expected at most %d", len(m.list), math.MaxInt32)
	}
	ptr := make([]int32, n+1)
	for _, e := range m.list {
		ptr[e.row+1]++
	}
	for i := range n {
		ptr[i+1] += ptr[i]
	}
	col, val := make([]int32, len(m.list)), make([]T, len(m.list))
	next := append([]int32{}, ptr...)
	for _, e := range m.list {
		at := next[e.row]
		next[e.row]++
		col[at], val[at] = int32(e.col), T(e.v)
	}
	for i := range n {
		sortRow(col[ptr[i]:ptr[i+1]], val[ptr[i]:ptr[i+1]])
	}
	return tensor.NewCSR(n, n, ptr, col, val), nil
}

// sortRow sorts the entries of a row by column.
func sortRow[T tensor.Float](col []int32, val []T) { sort.Sort(&row[T]{col, val}) }

type row[T tensor.Float] struct {
	col []int32
	val []T
}

func (r *row[T]) Len() int           { return len(r.col) }
func (r *row[T]) Less(i, j int) bool { return r.col[i] < r.col[j] }
func (r *row[T]) Swap(i, j int) {
	r.col[i], r.col[j] = r.col[j], r.col[i]
	r.val[i], r.val[j] = r.val[j], r.val[i]
}
