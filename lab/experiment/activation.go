package experiment

import (
	"context"
	"fmt"
	"math"

	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// Activation is the Part that measures how active every neuron of the subject's first network is:
// the mean absolute component of its state after the last round, over all test images.
func Activation(ctx context.Context, res *Result) error {
	r := &res.Runs[0]
	net := tensornet.NetworkOf(r.Model)
	if net == nil {
		return fmt.Errorf("activation: arm %q has no connectome network", r.Arm)
	}
	g, err := r.Config.Model.LoadGraph()
	if err != nil {
		return err
	}
	sum := make([]float64, net.Wiring.Neurons)
	net.States = func(round int, h *tensor.Tensor[float32]) { // h is [neurons, batch, d]
		if round < net.Config.Rounds {
			return
		}
		each := h.Len() / len(sum)
		for i, v := range h.Data() {
			sum[i/each] += math.Abs(float64(v))
		}
	}
	defer func() { net.States = nil }()
	if _, err := r.Config.Score(ctx, r.Model, res.Sets.Test); err != nil {
		return err
	}
	for i := range sum {
		sum[i] /= float64(res.Sets.Test.Len() * net.Config.Width)
	}
	res.Activation = &Neurons{g, sum}
	return nil
}
