package zoo

import (
	"cmp"
	"fmt"
	"strconv"

	"elegans/autograd/nn"
	"elegans/tensor"
)

// MLPConfig describes a multilayer perceptron: affine maps with ReLU between.
type MLPConfig struct {
	Hidden  []int   `json:"hidden,omitempty"`  // widths of the hidden layers; 512 and 256 if empty
	Dropout float64 `json:"dropout,omitempty"` // after every hidden layer
}

func init() {
	Register(Family[MLPConfig]{
		Name: "mlp", About: "images -> affine maps with ReLU between -> logits", Task: Classification,
		Complete: (*MLPConfig).complete, Float32: newMLP[float32], Float64: newMLP[float64],
		Options: []Option{{Name: "hidden", Key: "hidden", Help: "Widths of the hidden layers.", Placeholder: "N"}, dropoutOption},
	})
}

func (c *MLPConfig) complete(s Spec) error {
	if len(c.Hidden) == 0 {
		c.Hidden = []int{512, 256}
	}
	return cmp.Or(checkDropout(s, c.Dropout), checkHidden(s, c.Hidden))
}

func newMLP[T tensor.Float](c MLPConfig, s Spec, k tensor.Key) (nn.Module[T], error) {
	seq := nn.Sequential[T]{nn.Flatten[T]()}
	in := s.Input[0] * s.Input[1] * s.Input[2]
	for i, h := range c.Hidden {
		seq = append(seq, nn.NewLinear[T](k.Sub(strconv.Itoa(i)), in, h, true), activation[T]("relu"))
		if c.Dropout > 0 {
			seq = append(seq, nn.Dropout[T]{P: c.Dropout})
		}
		in = h
	}
	return append(seq, nn.NewLinear[T](k.Sub("head"), in, s.Classes, true)), nil
}

// MatchedMLP returns an mlp with two hidden layers of one width that has as many trainable
// parameters as the model of s, to within 2 %, and reads the same images.
func MatchedMLP(s Spec) (Spec, error) {
	m, err := Build[float32](s)
	if err != nil {
		return Spec{}, err
	}
	want := nn.Count(m)
	in := s.Input[0] * s.Input[1] * s.Input[2]
	count := func(h int) int { return (in+1)*h + (h+1)*h + (h+1)*s.Classes }
	h := 1
	for count(h+1) <= want {
		h++
	}
	if count(h+1)-want < want-count(h) {
		h++
	}
	if diff := count(h) - want; diff > want/50 || -diff > want/50 {
		return Spec{}, fmt.Errorf("no mlp has %d parameters to within 2 %%: width %d gives %d", want, h, count(h))
	}
	return Spec{Model: "mlp", Input: s.Input, Classes: s.Classes, Seed: s.Seed, Config: MLPConfig{Hidden: []int{h, h}}}, nil
}
