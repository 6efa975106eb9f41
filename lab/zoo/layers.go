package zoo

import (
	"fmt"

	"elegans/autograd/nn"
	"elegans/tensor"
)

// What several families have in common.

const (
	// maxHidden bounds a width or a number of channels.
	maxHidden = 1 << 20
	// maxLayers bounds the number of hidden layers, each of which costs time however narrow it is.
	maxLayers = 1 << 10
)

// dropoutOption is that of a field under the key "dropout".
var dropoutOption = Option{Name: "dropout", Key: "dropout", Help: "Dropout before the last map.", Placeholder: "P"}

func checkDropout(s Spec, p float64) error {
	if !(p >= 0 && p < 1) {
		return fmt.Errorf("model %q: dropout %v, expected 0 <= dropout < 1", s.Model, p)
	}
	return nil
}

func checkHidden(s Spec, hidden []int) error {
	if len(hidden) > maxLayers {
		return fmt.Errorf("model %q: %d hidden layers, expected at most %d", s.Model, len(hidden), maxLayers)
	}
	for _, h := range hidden {
		if h < 1 || h > maxHidden {
			return fmt.Errorf("model %q: hidden width %d, expected 1 to %d", s.Model, h, maxHidden)
		}
	}
	return nil
}

// activation returns an activation of package nn that is known to exist.
func activation[T tensor.Float](name string) nn.Module[T] {
	f, err := nn.Activation[T](name)
	if err != nil {
		panic(err)
	}
	return f
}

// halve takes maxima over windows of 2 x 2 pixels.
var halve = tensor.PoolOptions{Kernel: [2]int{2, 2}}

// completeStages fills in the channels of convolution stages and checks that they leave something
// of the images.
func completeStages(s Spec, channels *[]int) error {
	if len(*channels) == 0 {
		*channels = []int{24, 48}
	}
	if min(s.Input[1], s.Input[2])>>len(*channels) == 0 {
		return fmt.Errorf("model %q: %d stages halve images of %dx%d to nothing", s.Model, len(*channels), s.Input[1], s.Input[2])
	}
	return checkHidden(s, *channels)
}

// convStages returns the trunk of the convolution models and the number of features it gives: for
// each number of channels two 3x3 convolutions with batch normalisation and ReLU, and 2x2 maximum
// pooling.
func convStages[T tensor.Float](s Spec, channels []int, k tensor.Key) (nn.Module[T], int) {
	var seq nn.Sequential[T]
	c, h, w := s.Input[0], s.Input[1], s.Input[2]
	same := tensor.ConvOptions{Padding: [2]int{1, 1}}
	for i, out := range channels {
		for j := range 2 {
			conv := nn.NewConv2d[T](k.Sub("conv", uint64(i), uint64(j)), c, out, [2]int{3, 3}, false, same)
			seq = append(seq, conv, nn.NewBatchNorm[T](out), activation[T]("relu"))
			c = out
		}
		seq = append(seq, nn.MaxPool2d[T](halve))
		h, w = h/2, w/2
	}
	return append(seq, nn.Flatten[T]()), c * h * w
}
