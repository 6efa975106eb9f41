package esn

import (
	"fmt"

	"elegans/tensor"
)

var _ = register(Topology{
	Name: "ring",
	Doc:  "neuron i hears neuron i-1, the first hears the last; all weights are equal",
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		return sparseOf(Ring[float64](n, 1))
	},
})

// Ring returns the matrix in which neuron i hears neuron i-1, and the first the last, all with one
// weight: the simple cycle of A. Rodan and P. Tiňo, Minimum complexity echo state network, IEEE
// Trans. Neural Networks 22, 2011. Its eigenvalues all have the modulus of that weight.
func Ring[T tensor.Float](n int, weight float64) (*tensor.CSR[T], error) {
	return chain[T](n, weight, true)
}

func chain[T tensor.Float](n int, weight float64, closed bool) (*tensor.CSR[T], error) {
	if n < 1 {
		return nil, fmt.Errorf("esn: %d neurons, expected at least 1", n)
	}
	var m entries
	if closed {
		m.add(0, n-1, weight)
	}
	for i := 1; i < n; i++ {
		m.add(i, i-1, weight)
	}
	return build[T](n, m)
}
