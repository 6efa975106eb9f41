package zoo

import (
	"strconv"

	"elegans/autograd/nn"
	"elegans/tensor"
)

func buildMLP[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], error) {
	seq := nn.Sequential[T]{nn.Flatten[T]()}
	in := s.Input[0] * s.Input[1] * s.Input[2]
	for i, h := range s.Hidden {
		seq = append(seq, nn.NewLinear[T](k.Sub(strconv.Itoa(i)), in, h, true), activation[T]("relu"))
		if s.Dropout > 0 {
			seq = append(seq, nn.Dropout[T]{P: s.Dropout})
		}
		in = h
	}
	return append(seq, nn.NewLinear[T](k.Sub("head"), in, s.Classes, true)), nil
}

// activation returns an activation of package nn that is known to exist.
func activation[T tensor.Float](name string) nn.Module[T] {
	f, err := nn.Activation[T](name)
	if err != nil {
		panic(err)
	}
	return f
}

// convStages returns the trunk of the convolution models and the number of features it gives: for
// each width in Hidden two 3x3 convolutions with batch normalisation and ReLU, and 2x2 maximum
// pooling.
func convStages[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], int) {
	var seq nn.Sequential[T]
	c, h, w := s.Input[0], s.Input[1], s.Input[2]
	same := tensor.ConvOptions{Padding: [2]int{1, 1}}
	for i, width := range s.Hidden {
		for j := range 2 {
			seq = append(seq, nn.NewConv2d[T](k.Sub("conv", uint64(i), uint64(j)), c, width, [2]int{3, 3}, false, same), nn.NewBatchNorm[T](width), activation[T]("relu"))
			c = width
		}
		seq = append(seq, nn.MaxPool2d[T](pool2))
		h, w = h/2, w/2
	}
	return append(seq, nn.Flatten[T]()), c * h * w
}

var pool2 = tensor.PoolOptions{Kernel: [2]int{2, 2}}

func buildCNN[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], error) {
	trunk, features := convStages[T](s, k.Sub("trunk"))
	return nn.Sequential[T]{trunk, nn.Dropout[T]{P: s.Dropout}, nn.NewLinear[T](k.Sub("head"), features, s.Classes, true)}, nil
}

func buildLeNet[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], error) {
	h, w := (s.Input[1]/2-4)/2, (s.Input[2]/2-4)/2
	relu := activation[T]("relu")
	return nn.Sequential[T]{
		nn.NewConv2d[T](k.Sub("conv1"), s.Input[0], 6, [2]int{5, 5}, true, tensor.ConvOptions{Padding: [2]int{2, 2}}), relu, nn.MaxPool2d[T](pool2),
		nn.NewConv2d[T](k.Sub("conv2"), 6, 16, [2]int{5, 5}, true, tensor.ConvOptions{}), relu, nn.MaxPool2d[T](pool2),
		nn.Flatten[T](),
		nn.NewLinear[T](k.Sub("fc1"), 16*h*w, 120, true), relu,
		nn.NewLinear[T](k.Sub("fc2"), 120, 84, true), relu,
		nn.NewLinear[T](k.Sub("fc3"), 84, s.Classes, true),
	}, nil
}
