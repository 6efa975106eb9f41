package m2

import (
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// small is the configuration of the tests.
func small(core Core) Config {
	return Config{Width: 6, Encoder: [3]int{2, 3, 2}, Hidden: [2]int{5, 4}, Latent: 2, Decoder: [3]int{2, 3, 2}, KeyDim: 2, Heads: 2, Core: core}
}

func TestShapes(t *testing.T) {
	a, err := New[float32](nil, small("none"), tensor.NewKey(1, "m2"))
	if err != nil {
		t.Fatal(err)
	}
	tp := autograd.NewTape[float32]()
	y := a.Forward(tp, tp.Input(tensor.New[float32](3, 1, Side, Side)))
	if want := tensor.New[float32](3, 1, Side, Side); !tensor.SameShape(y.Value, want) {
		t.Fatalf("logits %v, want %v", y.Shape(), want.Shape())
	}
}
