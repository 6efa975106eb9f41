package esn

import (
	"elegans/tensor"
)

var _ = register(Topology{
	Name:    "delay_line",
	Doc:     "neuron i hears neuron i-1 and the first hears nobody: a shift register of the input",
	Scaling: SpectralNormScaling,
	Inputs:  []string{"0"},
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		return sparseOf(DelayLine[float64](n, 1))
	},
})

// DelayLine is Ring without the connection from the last neuron to the first: neuron i holds what
// the input was i steps ago. Its spectral radius is 0.
func DelayLine[T tensor.Float](n int, weight float64) (*tensor.CSR[T], error) {
	return chain[T](n, weight, false)
}
