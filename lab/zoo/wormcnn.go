package zoo

import (
	"cmp"
	"slices"

	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// WormCNNConfig describes a classifier by convolution stages and a connectome network between two
// affine maps.
type WormCNNConfig struct {
	Graph   Graph            `json:"graph,omitzero"`
	Network tensornet.Config `json:"network,omitzero"` // Width 16 and Rounds 4 if 0
	// channels of the stages; 24 and 48 if empty
	Hidden  []int   `json:"hidden,omitempty"`
	Dropout float64 `json:"dropout,omitempty"` // before the last map
}

func init() {
	Register(Family[WormCNNConfig]{
		Name: "worm-cnn", Task: Classification,
		About:    "images -> two convolution stages -> affine map -> connectome network -> affine map -> logits",
		Complete: (*WormCNNConfig).complete, Float32: newWormCNN[float32], Float64: newWormCNN[float64],
		Graph:   func(c *WormCNNConfig) *Graph { return &c.Graph },
		Idle:    func(c WormCNNConfig) map[string]string { return idleGraphOptions(c.Graph) },
		Options: slices.Concat(graphOptions(), networkOptions("network"), []Option{channelsOption, dropoutOption}),
	})
}

func (c *WormCNNConfig) complete(s Spec) error {
	return cmp.Or(checkDropout(s, c.Dropout), completeNetwork(s, &c.Network), c.Graph.complete(), completeStages(s, &c.Hidden))
}

func newWormCNN[T tensor.Float](c WormCNNConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	trunk, features := convStages[T](s, c.Hidden, k.Sub("trunk"))
	return newWormOn(trunk, features, WormConfig{c.Graph, c.Network, c.Dropout}, s, k)
}
