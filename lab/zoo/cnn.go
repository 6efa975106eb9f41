package zoo

import (
	"cmp"

	"elegans/autograd/nn"
	"elegans/tensor"
)

// CNNConfig describes a small convolution network: stages of two 3x3 convolutions with batch
// normalisation and ReLU, each followed by 2x2 maximum pooling, and an affine map.
type CNNConfig struct {
	Hidden  []int   `json:"hidden,omitempty"`  // channels of the stages; 24 and 48 if empty
	Dropout float64 `json:"dropout,omitempty"` // before the last map
}

// channelsOption is that of the channels of convolution stages under the key "hidden".
var channelsOption = Option{Name: "hidden", Key: "hidden", Help: "Channels of the convolution stages.", Placeholder: "N"}

func init() {
	Register(Family[CNNConfig]{
		Name: "cnn", About: "images -> two convolution stages -> affine map -> logits", Task: Classification,
		Complete: (*CNNConfig).complete, Float32: newCNN[float32], Float64: newCNN[float64],
		Options: []Option{channelsOption, dropoutOption},
	})
}

func (c *CNNConfig) complete(s Spec) error {
	return cmp.Or(checkDropout(s, c.Dropout), completeStages(s, &c.Hidden))
}

func newCNN[T tensor.Float](c CNNConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	trunk, features := convStages[T](s, c.Hidden, k.Sub("trunk"))
	return nn.Sequential[T]{trunk, nn.Dropout[T]{P: c.Dropout}, nn.NewLinear[T](k.Sub("head"), features, s.Classes, true)}, nil
}
