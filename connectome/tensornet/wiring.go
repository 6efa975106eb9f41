package tensornet

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"elegans/connectome"
)

// Wiring is a graph in the form in which the network uses it: the neurons at which signals enter
// and leave, and all synapses as one sparse matrix in compressed rows, row = receiving neuron.
type Wiring struct {
	Neurons int
	// Sensory are the neurons at which signals enter, ascending: the sensory neurons and, with
	// InputOpen, those that no synapse reaches.
	Sensory []int
	Motor   []int // neurons at which they leave, ascending

	RowPtr []int32 // [Neurons+1]
	// [entries] sending neuron, ascending in a row; a chemical and a gap entry of one pair stand
	// side by side
	Col  []int32
	Coef []float64 // [entries] initial coefficient a_ij
	// [entries] position in Graph.Edges, or -1 for the -h_i of diffusive gap junctions
	Edge []int32

	// chemical synapses (edges) by what their presynaptic neuron releases; unknown ones count as
	// excitatory too
	Inhibitory, Excitatory, UnknownTransmitter int
}

// Compile brings a graph into the form of a network with this configuration, which must be
// complete.
func Compile(g *connectome.Graph, c Config) (*Wiring, error) {
	w := &Wiring{Neurons: g.Len(), Sensory: g.WithRole(connectome.Sensory), Motor: g.WithRole(connectome.Motor)}
	if len(w.Sensory) == 0 || len(w.Motor) == 0 {
		return nil, fmt.Errorf("tensornet: graph %q has %d sensory and %d motor neurons, expected at least one of each",
			g.Name, len(w.Sensory), len(w.Motor))
	}
	var chem, gap []entry
	if c.Synapses != SynapsesGap {
		chem = w.chemical(g, c)
	}
	if c.Synapses != SynapsesChemical {
		gap = electrical(g, c)
	}
	normalise(chem, w.Neurons, c.Combine)
	normalise(gap, w.Neurons, c.Combine)
	if c.Synapses == SynapsesBoth {
		share := math.Sqrt(0.5) // the two layers add like independent signals ...
		if c.Combine == CombineProduct {
			share = 0.5 // ... and their exponents add up to 1
		}
		for _, layer := range [][]entry{chem, gap} {
			for i := range layer {
				layer[i].coef *= share
			}
		}
	}
	all := append(chem, gap...)
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Or(cmp.Compare(a.post, b.post), cmp.Compare(a.pre, b.pre)) })
	w.RowPtr = make([]int32, w.Neurons+1)
	for _, e := range all {
		w.RowPtr[e.post+1]++
		w.Col = append(w.Col, int32(e.pre))
		w.Coef = append(w.Coef, e.coef)
		w.Edge = append(w.Edge, int32(e.edge))
	}
	for i := range w.Neurons {
		w.RowPtr[i+1] += w.RowPtr[i]
		if c.InputNeurons == InputOpen && w.RowPtr[i+1] == w.RowPtr[i] && !slices.Contains(w.Sensory, i) {
			w.Sensory = append(w.Sensory, i)
		}
	}
	slices.Sort(w.Sensory)
	return w, nil
}

// entry is one directed way of a signal.
type entry struct {
	post, pre int
	coef      float64
	edge      int
}

func (w *Wiring) chemical(g *connectome.Graph, c Config) []entry {
	var entries []entry
	for i, e := range g.Edges {
		if e.Layer != connectome.Chemical {
			continue
		}
		pre, sign := &g.Neurons[e.Pre], 1.0
		switch {
		case pre.Releases("GABA"):
			w.Inhibitory++
			sign = -1
		case len(pre.Transmitters) == 0:
			w.UnknownTransmitter++
			fallthrough
		default:
			w.Excitatory++
		}
		if c.Sign == SignNone {
			sign = 1
		}
		entries = append(entries, entry{e.Post, e.Pre, sign * strength(e.Weight, c.CountTransform), i})
	}
	return entries
}

func electrical(g *connectome.Graph, c Config) []entry {
	var entries []entry
	leak := make([]float64, g.Len()) // of diffusive junctions: what multiplies -h_i
	for i, e := range g.Edges {
		if e.Layer != connectome.Gap {
			continue
		}
		s := strength(e.Weight, c.CountTransform)
		ends := [][2]int{{e.Post, e.Pre}, {e.Pre, e.Post}}
		if e.Pre == e.Post {
			ends = ends[:1]
		}
		for _, end := range ends {
			entries = append(entries, entry{end[0], end[1], s, i})
			leak[end[0]] += s
		}
	}
	if c.GapJunctions == GapDiffusive {
		for i, s := range leak {
			if s > 0 {
				entries = append(entries, entry{i, i, -s, -1})
			}
		}
	}
	return entries
}

// strength is what stands for a synapse count n.
func strength(n float64, transform CountTransform) float64 {
	switch transform {
	case CountLinear:
		return n
	case CountSqrt:
		return math.Sqrt(n)
	case CountBinary:
		return 1
	}
	return math.Log1p(n)
}

// normalise scales the coefficients of every receiving neuron to norm 1: the Euclidean norm for
// sums, the sum of absolute values for products.
func normalise(entries []entry, neurons int, combine Combine) {
	norm := make([]float64, neurons)
	for _, e := range entries {
		if combine == CombineProduct {
			norm[e.post] += math.Abs(e.coef)
		} else {
			norm[e.post] += e.coef * e.coef
		}
	}
	for i, e := range entries {
		n := norm[e.post]
		if combine != CombineProduct {
			n = math.Sqrt(n)
		}
		entries[i].coef /= n
	}
}
