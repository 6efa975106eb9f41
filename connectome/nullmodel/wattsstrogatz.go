package nullmodel

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

// registeredBeta is the share of edges that the registered model redraws.
const registeredBeta = 0.1

func init() {
	Register(Model{"ws", "a small world", matched(func(ctx context.Context, s Spec,
		key tensor.Key) (*connectome.Graph, error) {
		return WattsStrogatz(ctx, s, registeredBeta, key)
	})})
}

// WattsStrogatz returns the lattice of Ring with shortcuts (Watts and Strogatz 1998, Nature
// 393:440): the second end of every edge is redrawn with probability beta among the vertices that
// make neither a loop nor a second edge.
func WattsStrogatz(ctx context.Context, s Spec, beta float64, key tensor.Key) (*connectome.Graph, error) {
	if !(beta >= 0 && beta <= 1) {
		return nil, fmt.Errorf("watts-strogatz: probability %v, expected 0 to 1", beta)
	}
	return s.build(ctx, "watts-strogatz", key, func(step *meter.Meter, n, m int, directed bool,
		r *rand.Rand) ([][2]int, error) {
		out := lattice(n, m, directed)
		taken := make(neighbours, n) // that may not become the second end once more
		join := func(e [2]int) {
			taken.add(e[0], e[1])
			if !directed {
				taken.add(e[1], e[0])
			}
		}
		for _, e := range out {
			join(e)
		}
		for i, e := range out {
			if i&4095 == 4095 {
				if err := step.Add(4096); err != nil {
					return nil, err
				}
			}
			if r.Float64() >= beta {
				continue
			}
			a := e[0]
			free := n - 1 - len(taken[a])
			if free == 0 {
				continue
			}
			b := taken.free(a, r.IntN(free))
			taken.remove(a, e[1])
			if !directed {
				taken.remove(e[1], a)
			}
			if out[i] = [2]int{a, b}; !directed && a > b {
				out[i] = [2]int{b, a}
			}
			join(out[i])
		}
		return out, nil
	})
}

// neighbours are the vertices that each vertex is joined to, ascending.
type neighbours [][]int32

func (s neighbours) add(a, b int) {
	i, _ := slices.BinarySearch(s[a], int32(b))
	s[a] = slices.Insert(s[a], i, int32(b))
}

func (s neighbours) remove(a, b int) {
	i, _ := slices.BinarySearch(s[a], int32(b))
	s[a] = slices.Delete(s[a], i, i+1)
}

// free returns the k-th of the vertices, counted from 0, that are neither a nor joined to it.
func (s neighbours) free(a, k int) int {
	v, self := k, false
	for _, b := range s[a] {
		if !self && a < int(b) && a <= v {
			v, self = v+1, true
		}
		if int(b) > v {
			break
		}
		v++
	}
	if !self && a <= v {
		v++
	}
	return v
}
