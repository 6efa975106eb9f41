package nullmodel

import (
	"context"
	"math/rand/v2"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

func init() { Register(Model{"ba", "preferential attachment", matched(BarabasiAlbert)}) }

// BarabasiAlbert returns a graph grown by preferential attachment (Barabasi and Albert 1999,
// Science 286:509): vertices join one by one, each with an equal share of the edges (as far as
// there are others to join), to a vertex drawn with probability proportional to its degree + 1. In
// the chemical layer the direction of each arc is a fair coin, so there are no reciprocal arcs, and
// at most n(n-1)/2 edges a layer.
func BarabasiAlbert(ctx context.Context, s Spec, key tensor.Key) (*connectome.Graph, error) {
	return s.build(ctx, "barabasi-albert", key, func(step *meter.Meter, n, m int, directed bool,
		r *rand.Rand) ([][2]int, error) {
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
			if err := step.Add(int64(quota[t])); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}
