package nullmodel

import (
	"context"
	"math"
	"math/rand/v2"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

func init() { Register(Model{"er", "edges at random", matched(ErdosRenyi)}) }

// ErdosRenyi returns a uniformly random graph: each layer is a set of different pairs, all such
// sets of the wanted size equally likely. With Matched(g) it is the matched random graph of g: the
// density of each layer and nothing of its structure.
func ErdosRenyi(ctx context.Context, s Spec, key tensor.Key) (*connectome.Graph, error) {
	return s.build(ctx, "erdos-renyi", key, func(step *meter.Meter, n, m int, directed bool, r *rand.Rand) ([][2]int,
		error) {
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
			if len(out)&4095 == 0 {
				if err := step.Add(4096); err != nil {
					return nil, err
				}
			}
		}
		return out, nil
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
	// b (b-1)/2 pairs have a larger end below b. The root is off by one at most.
	b := int((1 + math.Sqrt(1+8*float64(k))) / 2)
	for b*(b-1)/2 > k {
		b--
	}
	for (b+1)*b/2 <= k {
		b++
	}
	return [2]int{k - b*(b-1)/2, b}
}
