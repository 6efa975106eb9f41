package nullmodel

import (
	"fmt"

	"elegans/connectome"
	"elegans/tensor"
)

// PublishedRewireEdges is the control that the published models use (rewire_edges of igraph): every
// end of every arc is redrawn uniformly among n neurons with probability p. It keeps the number of
// arcs, their layers and weights, and nothing else: not the degrees, not the reciprocity, not the
// symmetry of gap junctions, which is why it takes and returns arcs (connectome.ShippedArcs,
// Graph.Arcs) and no Graph. Without loops a redrawn end is never the other end of its arc; without
// multiple it never makes a second arc between the same ordered pair, and stays as it was if no
// other neuron is left. The numbers drawn differ from igraph's. p must lie in [0, 1].
func PublishedRewireEdges(arcs []connectome.Edge, n int, p float64, loops, multiple bool,
	key tensor.Key) ([]connectome.Edge, error) {
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
