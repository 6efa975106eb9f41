package zoo

import (
	"fmt"

	"elegans/autograd/nn"
)

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
	return Spec{Model: "mlp", Input: s.Input, Classes: s.Classes, Seed: s.Seed, Hidden: []int{h, h}}, nil
}
