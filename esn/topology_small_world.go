package esn

import (
	"fmt"

	"elegans/tensor"
)

var _ = register(Topology{
	Name:    "small_world",
	Doc:     "every neuron hears its nearest on a circle, and a part of these connections is rewired",
	Options: []string{"degree", "density", "rewiring", "weights"},
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		m, err := SmallWorld[float64](n, min(c.degree(n), n-1), c.Rewiring, key)
		if err == nil {
			c.redraw(m.Val, key)
		}
		return sparseOf(m, err)
	},
})

// SmallWorld returns a sparse matrix [n, n] in which every neuron hears the degree neurons next to
// it on a circle, on both sides in turn, with standard normal weights; each connection is then,
// with the probability rewiring, replaced by one from a neuron drawn among all that this one does
// not hear yet (D. Watts and S. Strogatz, Collective dynamics of "small-world" networks, Nature
// 393, 1998, for directed graphs). No neuron hears itself.
func SmallWorld[T tensor.Float](n, degree int, rewiring float64, key tensor.Key) (*tensor.CSR[T], error) {
	if n < 1 || degree < 0 || degree > n-1 {
		return nil, fmt.Errorf("esn: %d connections to each of %d neurons, expected 0 to %d", degree, n, n-1)
	}
	if !(rewiring >= 0 && rewiring <= 1) {
		return nil, fmt.Errorf("esn: rewiring %v, expected 0 to 1", rewiring)
	}
	r := key.Rand()
	var m entries
	hears := make([]int, n) // the neuron, from 1, that was last found to hear this one
	sources := make([]int, degree)
	for i := range n {
		hears[i] = i + 1
		for k := range sources {
			distance := k/2 + 1
			if k%2 == 0 {
				distance = n - distance
			}
			sources[k] = (i + distance) % n
			hears[sources[k]] = i + 1
		}
		for k, from := range sources {
			if degree == n-1 || r.Float64() >= rewiring {
				continue
			}
			to := r.IntN(n)
			for hears[to] == i+1 {
				to = r.IntN(n)
			}
			hears[from], hears[to], sources[k] = 0, i+1, to
		}
		for _, from := range sources {
			m.add(i, from, r.NormFloat64())
		}
	}
	return build[T](n, m)
}
