package esn

import (
	"fmt"

	"elegans/tensor"
)

var _ = register(Topology{
	Name:    "random",
	Doc:     "every neuron hears a number of others, drawn without repetition",
	Options: []string{"degree", "density", "weights"},
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		m, err := Random[float64](n, c.degree(n), key)
		if err == nil {
			c.redraw(m.Val, key)
		}
		return sparseOf(m, err)
	},
})

// Random returns a sparse matrix [n, n] in which every neuron hears degree others or itself, drawn
// without repetition, with standard normal weights. The degree is the number of entries of a row,
// and degree/n the density.
func Random[T tensor.Float](n, degree int, key tensor.Key) (*tensor.CSR[T], error) {
	if n < 1 || degree < 0 || degree > n {
		return nil, fmt.Errorf("esn: %d connections to each of %d neurons, expected 0 to %d", degree, n, n)
	}
	r := key.Rand()
	var m entries
	for i := range n {
		for _, j := range r.Perm(n)[:degree] {
			m.add(i, j, r.NormFloat64())
		}
	}
	return build[T](n, m)
}
