package nullmodel

import (
	"fmt"
	"math/rand/v2"

	"elegans/connectome"
	"elegans/tensor"
)

// DefaultSwaps is the usual number of accepted swaps an edge for DegreePreserving.
const DefaultSwaps = 10

// Swaps reports what a rewiring did to one layer.
type Swaps struct {
	Edges    int `json:"edges"`    // edges that could be swapped: all but loops
	Attempts int `json:"attempts"` // pairs of edges drawn
	Accepted int `json:"accepted"` // swaps made
}

// Report says what DegreePreserving did.
type Report struct {
	Chemical Swaps `json:"chemical"`
	Gap      Swaps `json:"gap"`
}

// SwapError says that a layer allows too few swaps: it is nearly the only graph with its degrees.
type SwapError struct {
	Layer  connectome.Layer
	Swaps  Swaps
	Wanted int
}

// Error names the layer and the numbers.
func (e *SwapError) Error() string {
	return fmt.Sprintf("%s layer: %d of %d wanted swaps after %d attempts on %d edges; its degrees leave too little freedom",
		e.Layer, e.Swaps.Accepted, e.Wanted, e.Swaps.Attempts, e.Swaps.Edges)
}

// DegreePreserving rewires both layers by random swaps (Maslov and Sneppen 2002, Science 296:910)
// until each has had swapsPerEdge accepted swaps an edge.
//
// Chemical layer: two arcs a -> b and c -> d become a -> d and c -> b, so that every in- and
// out-degree stays. Gap layer: the junctions {a, b} and {c, d} become {a, d} and {c, b}, or {a, c}
// and {b, d}, with equal chance. A swap that would make a loop or a second edge of the layer
// between the same pair is refused; existing loops stay where they are. A weight travels with the
// first end of its edge: a -> d has the weight of a -> b, so the out-strength of every neuron stays
// too (its in-strength does not); in the gap layer the weights stay as a multiset.
//
// A chain that is stopped right after a success prefers graphs with many possible swaps. Therefore,
// when the number of swaps is reached, as many attempts follow as were made before. In the directed
// case swaps alone reach all graphs with the given degrees up to the direction of some 3-cycles
// (Rao, Jana, Bandyopadhyay 1996), which is negligible for a sparse graph of this size. The error
// is a *SwapError when a layer of two or more edges gives less than the wanted number of swaps in
// 200 attempts a swap.
func DegreePreserving(g *connectome.Graph, swapsPerEdge int, key tensor.Key) (*connectome.Graph, Report, error) {
	var report Report
	var edges []connectome.Edge
	for _, layer := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
		s := newSwapper(g, layer, key.Sub("swap "+layer.String()).Rand())
		swaps, err := s.run(swapsPerEdge)
		if layer == connectome.Chemical {
			report.Chemical = swaps
		} else {
			report.Gap = swaps
		}
		if err != nil {
			return nil, report, err
		}
		edges = append(append(edges, s.edges...), s.loops...)
	}
	out, err := g.WithEdges(edges)
	return out, report, err
}

// swapper holds one layer while it is rewired.
type swapper struct {
	layer   connectome.Layer
	edges   []connectome.Edge // without loops
	loops   []connectome.Edge
	present map[[2]int]bool // pairs that are joined
	rand    *rand.Rand
}

func newSwapper(g *connectome.Graph, layer connectome.Layer, r *rand.Rand) *swapper {
	s := &swapper{layer: layer, present: map[[2]int]bool{}, rand: r}
	for _, e := range g.Edges {
		switch {
		case e.Layer != layer:
		case e.Pre == e.Post:
			s.loops = append(s.loops, e)
		default:
			s.edges = append(s.edges, e)
			s.present[s.pair(e.Pre, e.Post)] = true
		}
	}
	return s
}

// pair returns the key of an edge: ordered for arcs, sorted for junctions.
func (s *swapper) pair(a, b int) [2]int {
	if s.layer == connectome.Gap && a > b {
		a, b = b, a
	}
	return [2]int{a, b}
}

func (s *swapper) run(swapsPerEdge int) (Swaps, error) {
	done := Swaps{Edges: len(s.edges)}
	wanted := swapsPerEdge * len(s.edges)
	if len(s.edges) < 2 || wanted <= 0 {
		return done, nil
	}
	for done.Accepted < wanted {
		if done.Attempts >= 200*wanted {
			return done, &SwapError{s.layer, done, wanted}
		}
		done.Attempts++
		if s.swap() {
			done.Accepted++
		}
	}
	for range done.Attempts {
		done.Attempts++
		if s.swap() {
			done.Accepted++
		}
	}
	return done, nil
}

// swap draws two edges and exchanges their second ends if the result is allowed.
func (s *swapper) swap() bool {
	i, j := s.rand.IntN(len(s.edges)), s.rand.IntN(len(s.edges)-1)
	if j >= i {
		j++
	}
	a, b, c, d := s.edges[i].Pre, s.edges[i].Post, s.edges[j].Pre, s.edges[j].Post
	if s.layer == connectome.Gap && s.rand.IntN(2) == 1 {
		c, d = d, c
	}
	first, second := s.pair(a, d), s.pair(c, b)
	if a == d || c == b || first == second || s.present[first] || s.present[second] {
		return false
	}
	delete(s.present, s.pair(a, b))
	delete(s.present, s.pair(c, d))
	s.present[first], s.present[second] = true, true
	s.edges[i].Post = d
	s.edges[j].Pre, s.edges[j].Post = c, b
	return true
}

// PublishedRewireEdges is the control that the published models use (rewire_edges of igraph): every
// end of every arc is redrawn uniformly among n neurons with probability p. It keeps the number of
// arcs, their layers and weights, and nothing else: not the degrees, not the reciprocity, not the
// symmetry of gap junctions, which is why it takes and returns arcs (connectome.ShippedArcs,
// Graph.Arcs) and no Graph. Without loops a redrawn end is never the other end of its arc; without
// multiple it never makes a second arc between the same ordered pair, and stays as it was if no
// other neuron is left. The numbers drawn differ from igraph's. p must lie in [0, 1].
func PublishedRewireEdges(arcs []connectome.Edge, n int, p float64, loops, multiple bool, key tensor.Key) ([]connectome.Edge, error) {
	if !(p >= 0 && p <= 1) {
		return nil, fmt.Errorf("rewiring probability %v, expected 0 to 1", p)
	}
	count := map[[2]int]int{}
	for i, e := range arcs {
		if e.Pre < 0 || e.Pre >= n || e.Post < 0 || e.Post >= n {
			return nil, fmt.Errorf("arc %d joins neurons %d and %d, there are %d", i, e.Pre, e.Post, n)
		}
		count[[2]int{e.Pre, e.Post}]++
	}
	r := key.Sub("upstream rewire_edges").Rand()
	out := make([]connectome.Edge, len(arcs))
	free := make([]int, 0, n)
	for i, e := range arcs {
		for end := range 2 {
			if r.Float64() >= p {
				continue
			}
			count[[2]int{e.Pre, e.Post}]--
			free = free[:0]
			for v := range n {
				pre, post := v, e.Post
				if end == 1 {
					pre, post = e.Pre, v
				}
				if (loops || pre != post) && (multiple || count[[2]int{pre, post}] == 0) {
					free = append(free, v)
				}
			}
			if len(free) > 0 {
				v := free[r.IntN(len(free))]
				if end == 0 {
					e.Pre = v
				} else {
					e.Post = v
				}
			}
			count[[2]int{e.Pre, e.Post}]++
		}
		out[i] = e
	}
	return out, nil
}
