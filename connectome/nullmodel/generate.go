package nullmodel

import (
	"fmt"
	"math/rand/v2"

	"elegans/connectome"
	"elegans/tensor"
)

// ErdosRenyi returns a uniformly random graph: each layer is a set of different pairs, all such
// sets of the wanted size equally likely. With Matched(g) it is the matched random graph of g: the
// density of each layer and nothing of its structure.
func ErdosRenyi(s Spec, key tensor.Key) (*connectome.Graph, error) {
	return s.build("erdos-renyi", key, func(n, m int, directed bool, r *rand.Rand) [][2]int {
		// Floyd's sample without replacement of m of all pairs, numbered from 0.
		total := n * (n - 1)
		if !directed {
			total /= 2
		}
		taken := make(map[int]bool, m)
		out := make([][2]int, 0, m)
		for i := total - m; i < total; i++ {
			k := r.IntN(i + 1)
			if taken[k] {
				k = i
			}
			taken[k] = true
			out = append(out, pairNumber(k, n, directed))
		}
		return out
	})
}

// pairNumber returns the k-th pair: ordered pairs row by row without the diagonal, or unordered
// ones (0,1), (0,2), (1,2), (0,3), ...
func pairNumber(k, n int, directed bool) [2]int {
	if directed {
		a, b := k/(n-1), k%(n-1)
		if b >= a {
			b++
		}
		return [2]int{a, b}
	}
	b := 1
	for k >= b {
		k -= b
		b++
	}
	return [2]int{k, b}
}

// BarabasiAlbert returns a graph grown by preferential attachment (Barabasi and Albert 1999,
// Science 286:509): vertices join one by one, each with an equal share of the edges (as far as
// there are others to join), to a vertex drawn with probability proportional to its degree + 1. In
// the chemical layer the direction of each arc is a fair coin, so there are no reciprocal arcs, and
// at most n(n-1)/2 edges a layer.
func BarabasiAlbert(s Spec, key tensor.Key) (*connectome.Graph, error) {
	return s.build("barabasi-albert", key, func(n, m int, directed bool, r *rand.Rand) [][2]int {
		quota := make([]int, n) // edges that vertex t brings, at most t
		left := m
		for level := 1; level < n && left > 0; level++ {
			for t := n - 1; t >= level && left > 0; t-- {
				quota[t]++
				left--
			}
		}
		var out [][2]int
		var urn []int // every vertex once, and once more an edge
		for t := range n {
			chosen := map[int]bool{}
			for len(chosen) < quota[t] {
				v := urn[r.IntN(len(urn))]
				if chosen[v] {
					continue
				}
				chosen[v] = true
				switch {
				case directed && r.IntN(2) == 0:
					out = append(out, [2]int{t, v})
				default:
					out = append(out, [2]int{v, t})
				}
			}
			for _, e := range out[len(out)-quota[t]:] {
				urn = append(urn, e[0], e[1])
			}
			urn = append(urn, t)
		}
		return out
	})
}

// Ring returns a lattice on a ring, its places given to the neurons at random: edges lead to the
// nearest vertices first, in both directions if directed, until their number is reached (the last
// distance is filled at evenly spaced vertices). With as many chemical edges as neurons it is a
// directed cycle.
func Ring(s Spec, key tensor.Key) (*connectome.Graph, error) {
	return s.build("ring", key, func(n, m int, directed bool, _ *rand.Rand) [][2]int { return lattice(n, m, directed) })
}

func lattice(n, m int, directed bool) [][2]int {
	out := make([][2]int, 0, m)
	for step := 1; len(out) < m; step++ {
		var offsets []int
		count := n // edges of this distance and direction
		switch {
		case directed && 2*step == n:
			offsets = []int{step}
		case directed:
			offsets = []int{step, -step}
		case 2*step == n:
			offsets, count = []int{step}, n/2
		default:
			offsets = []int{step}
		}
		for _, offset := range offsets {
			here := min(count, m-len(out))
			for k := range here {
				a := k * count / here
				b := ((a+offset)%n + n) % n
				if !directed && a > b {
					a, b = b, a
				}
				out = append(out, [2]int{a, b})
			}
		}
	}
	return out
}

// WattsStrogatz returns the lattice of Ring with shortcuts (Watts and Strogatz 1998, Nature
// 393:440): the second end of every edge is redrawn with probability beta among the vertices that
// make neither a loop nor a second edge.
func WattsStrogatz(s Spec, beta float64, key tensor.Key) (*connectome.Graph, error) {
	if !(beta >= 0 && beta <= 1) {
		return nil, fmt.Errorf("watts-strogatz: probability %v, expected 0 to 1", beta)
	}
	return s.build("watts-strogatz", key, func(n, m int, directed bool, r *rand.Rand) [][2]int {
		out := lattice(n, m, directed)
		sorted := func(a, b int) [2]int {
			if !directed && a > b {
				a, b = b, a
			}
			return [2]int{a, b}
		}
		present := make(map[[2]int]bool, m)
		for _, e := range out {
			present[e] = true
		}
		free := make([]int, 0, n)
		for i, e := range out {
			if r.Float64() >= beta {
				continue
			}
			free = free[:0]
			for v := range n {
				if v != e[0] && !present[sorted(e[0], v)] {
					free = append(free, v)
				}
			}
			if len(free) == 0 {
				continue
			}
			delete(present, e)
			out[i] = sorted(e[0], free[r.IntN(len(free))])
			present[out[i]] = true
		}
		return out
	})
}

// Complete returns the graph in which a chemical arc of weight 1 leads from every neuron to every
// other; it has no gap junctions.
func Complete(s Spec) (*connectome.Graph, error) {
	var edges []connectome.Edge
	for i := range s.Neurons {
		for j := range s.Neurons {
			if i != j {
				edges = append(edges, connectome.Edge{Pre: i, Post: j, Layer: connectome.Chemical, Weight: 1})
			}
		}
	}
	return connectome.New(s.Name+" complete", s.Neurons, edges)
}
