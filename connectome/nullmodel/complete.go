package nullmodel

import (
	"context"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

func init() {
	about := "every neuron linked to all"
	Register(Model{"complete", about, matched(func(ctx context.Context, s Spec, _ tensor.Key) (*connectome.Graph,
		error) {
		return Complete(ctx, s)
	})})
}

// Complete returns the graph in which a chemical arc of weight 1 leads from every neuron to every
// other; it has no gap junctions.
func Complete(ctx context.Context, s Spec) (*connectome.Graph, error) {
	n := len(s.Neurons)
	if err := need("complete", n, float64(n)*float64(n-1)); err != nil {
		return nil, err
	}
	step := meter.Start(ctx, "complete", "neurons", int64(n))
	edges := make([]connectome.Edge, 0, max(0, n*(n-1)))
	for i := range n {
		if err := step.Add(1); err != nil {
			return nil, err
		}
		for j := range n {
			if i != j {
				edges = append(edges, connectome.Edge{Pre: i, Post: j, Layer: connectome.Chemical, Weight: 1})
			}
		}
	}
	return connectome.New(s.Name+" complete", s.Neurons, edges)
}
