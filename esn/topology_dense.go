package esn

import (
	"elegans/tensor"
)

var _ = register(Topology{
	Name:    "dense",
	Doc:     "every neuron hears all",
	Options: []string{"weights"},
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		w := tensor.New[float64](n, n)
		c.Weights.fill(w.Data(), key)
		return Weights[float64]{Dense: w}, nil
	},
})
