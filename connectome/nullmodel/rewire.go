package nullmodel

import (
	"context"
	"fmt"
	"math/rand/v2"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

func init() {
	Register(Model{"rewired", "both layers rewired, the degrees of every neuron kept", func(
		ctx context.Context, g *connectome.Graph, key tensor.Key,
	) (*connectome.Graph, error) {
		out, _, err := DegreePreserving(ctx, g, DefaultSwaps, key)
		return out, err
	}})
}

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
func DegreePreserving(ctx context.Context, g *connectome.Graph, swapsPerEdge int, key tensor.Key) (*connectome.Graph,
	Report, error) {
	var report Report
	if err := need("rewired", g.Len(), float64(len(g.Edges))); err != nil {
		return nil, report, err
	}
	var edges []connectome.Edge
	for _, layer := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
		s := newSwapper(g, layer, key.Sub("swap "+layer.String()).Rand())
		swaps, err := s.run(ctx, swapsPerEdge)
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
	present map[uint64]struct{} // pairs that are joined
	rand    *rand.Rand
}

func newSwapper(g *connectome.Graph, layer connectome.Layer, r *rand.Rand) *swapper {
	s := &swapper{layer: layer, present: map[uint64]struct{}{}, rand: r}
	for _, e := range g.Edges {
		switch {
		case e.Layer != layer:
		case e.Pre == e.Post:
			s.loops = append(s.loops, e)
		default:
			s.edges = append(s.edges, e)
			s.present[s.pair(e.Pre, e.Post)] = struct{}{}
		}
	}
	return s
}

// pair returns the key of an edge: ordered for arcs, sorted for junctions.
func (s *swapper) pair(a, b int) uint64 {
	if s.layer == connectome.Gap && a > b {
		a, b = b, a
	}
	return uint64(a)<<32 | uint64(b)
}

func (s *swapper) run(ctx context.Context, swapsPerEdge int) (Swaps, error) {
	done := Swaps{Edges: len(s.edges)}
	wanted := swapsPerEdge * len(s.edges)
	if len(s.edges) < 2 || wanted <= 0 {
		return done, nil
	}
	step := meter.Start(ctx, "rewiring the "+s.layer.String()+" layer", "swaps", 2*int64(wanted))
	for done.Accepted < wanted {
		if done.Attempts&4095 == 0 {
			if err := step.At(int64(done.Accepted)); err != nil {
				return done, err
			}
		}
		if done.Attempts >= 200*wanted {
			return done, &SwapError{s.layer, done, wanted}
		}
		done.Attempts++
		if s.swap() {
			done.Accepted++
		}
	}
	for range done.Attempts {
		if done.Attempts&4095 == 0 {
			if err := step.At(int64(min(done.Accepted, 2*wanted))); err != nil {
				return done, err
			}
		}
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
	if a == d || c == b || first == second {
		return false
	}
	if _, taken := s.present[first]; taken {
		return false
	}
	if _, taken := s.present[second]; taken {
		return false
	}
	delete(s.present, s.pair(a, b))
	delete(s.present, s.pair(c, d))
	s.present[first], s.present[second] = struct{}{}, struct{}{}
	s.edges[i].Post = d
	s.edges[j].Pre, s.edges[j].Post = c, b
	return true
}
