package experiment

import (
	"fmt"
	"math"

	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// activation returns for every neuron of a worm the mean absolute component of its state after the
// last round, over all test images.
func activation(r *Run, sets *recipe.Sets) ([]float64, error) {
	worm, ok := r.model.(*zoo.Worm[float32])
	if !ok {
		return nil, fmt.Errorf("network %s has no neurons", r.Network)
	}
	sum := make([]float64, worm.Net.Wiring.Neurons)
	worm.Net.States = func(round int, h *tensor.Tensor[float32]) { // h is [neurons, batch, d]
		if round < worm.Net.Config.Rounds {
			return
		}
		each := h.Len() / len(sum)
		for i, v := range h.Data() {
			sum[i/each] += math.Abs(float64(v))
		}
	}
	defer func() { worm.Net.States = nil }()
	if _, err := r.config.Predict(r.model, sets.Test); err != nil {
		return nil, err
	}
	for i := range sum {
		sum[i] /= float64(sets.Test.Len() * worm.Net.Config.Width)
	}
	return sum, nil
}
