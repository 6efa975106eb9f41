package zoo

import (
	"fmt"

	"elegans/autograd/nn"
	"elegans/tensor"
)

// LeNetConfig is empty: LeNet-5 has no choices.
type LeNetConfig struct{}

func init() {
	Register(Family[LeNetConfig]{
		Name: "lenet", About: "LeNet-5 with ReLU and maximum pooling (LeCun et al. 1998)", Task: Classification,
		Complete: (*LeNetConfig).complete, Float32: newLeNet[float32], Float64: newLeNet[float64],
	})
}

func (*LeNetConfig) complete(s Spec) error {
	if s.Input[1] < 12 || s.Input[2] < 12 {
		return fmt.Errorf("model %q: images of %dx%d, expected at least 12x12", s.Model, s.Input[1], s.Input[2])
	}
	return nil
}

func newLeNet[T tensor.Float](_ LeNetConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	h, w := (s.Input[1]/2-4)/2, (s.Input[2]/2-4)/2
	relu := activation[T]("relu")
	same := tensor.ConvOptions{Padding: [2]int{2, 2}}
	return nn.Sequential[T]{
		nn.NewConv2d[T](k.Sub("conv1"), s.Input[0], 6, [2]int{5, 5}, true, same), relu, nn.MaxPool2d[T](halve),
		nn.NewConv2d[T](k.Sub("conv2"), 6, 16, [2]int{5, 5}, true, tensor.ConvOptions{}), relu, nn.MaxPool2d[T](halve),
		nn.Flatten[T](),
		nn.NewLinear[T](k.Sub("fc1"), 16*h*w, 120, true), relu,
		nn.NewLinear[T](k.Sub("fc2"), 120, 84, true), relu,
		nn.NewLinear[T](k.Sub("fc3"), 84, s.Classes, true),
	}, nil
}
