package nullmodel

import (
	"context"
	"math/rand/v2"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

func init() { Register(Model{"ring", "every neuron linked to the next ones", matched(Ring)}) }

// Ring returns a lattice on a ring, its places given to the neurons at random: edges lead to the
// nearest vertices first, in both directions if directed, until their number is reached (the last
// distance is filled at evenly spaced vertices). With as many chemical edges as neurons it is a
// directed cycle.
func Ring(ctx context.Context, s Spec, key tensor.Key) (*connectome.Graph, error) {
	return s.build(ctx, "ring", key, func(_ *meter.Meter, n, m int, directed bool, _ *rand.Rand) ([][2]int, error) {
		return lattice(n, m, directed), nil
	})
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
