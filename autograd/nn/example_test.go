package nn_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Adapter is a layer of one's own: it adds a small trained correction to a frozen map.
type Adapter struct {
	Frozen   *nn.Linear[float32] `nn:"base"` // under this name in checkpoints
	Down, Up *nn.Linear[float32]
	Scale    *autograd.Var[float32]
}

// NewAdapter freezes a map from in to out features.
func NewAdapter(k tensor.Key, frozen *nn.Linear[float32], in, rank, out int) *Adapter {
	for _, p := range nn.Params(frozen) {
		p.SetRequiresGrad(false)
	}
	return &Adapter{
		Frozen: frozen,
		Down:   nn.NewLinear[float32](k.Sub("down"), in, rank, false),
		Up:     nn.NewLinear[float32](k.Sub("up"), rank, out, false),
		Scale:  autograd.NewParam("scale", tensor.New[float32](1)), // 0: no correction at first
	}
}

// Forward maps x [batch, in] to [batch, out].
func (a *Adapter) Forward(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	correction := a.Up.Forward(tp, a.Down.Forward(tp, x))
	return tp.Add(a.Frozen.Forward(tp, x), tp.Mul(correction, a.Scale))
}

// A layer of one's own with a frozen part. The frozen parameters are saved with the model, but not
// trained.
func Example_ownLayer() {
	key := tensor.NewKey(1, "adapter")
	layer := NewAdapter(key, nn.NewLinear[float32](key.Sub("base"), 8, 4, true), 8, 2, 4)
	for _, p := range nn.Params(layer) {
		fmt.Println(p.Path, p.Shape(), p.RequiresGrad())
	}
	fmt.Println(nn.Count(layer), "trainable numbers")
	// Output:
	// base.weight [4 8] false
	// base.bias [4] false
	// down.weight [2 8] true
	// up.weight [4 2] true
	// scale [1] true
	// 25 trainable numbers
}
