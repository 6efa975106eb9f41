package autograd_test

import (
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// reservoir is a frozen layer of n neurons in a ring, for sequences of three inputs.
func reservoir(n int, act string) *nn.EchoState[float32] {
	ptr, col, val := make([]int32, n+1), make([]int32, n), make([]float32, n)
	for i := range n {
		ptr[i+1], col[i], val[i] = int32(i+1), int32((i+n-1)%n), .9
	}
	a, err := tensor.ActivationOf(act)
	if err != nil {
		panic(err)
	}
	return nn.NewEchoState(leaky.Weights[float32]{Sparse: tensor.NewCSR(n, n, ptr, col, val)},
		tensor.Uniform[float32](tensor.NewKey(1, "input"), -1, 1, n, 3), nil, tensor.Full[float32](.5, 1), a)
}

// TestEchoStateKeepsItsStatesOnly counts the memory of a tape: a layer holds its states, whether it
// is trained or not, and its backward pass their gradient and that of its inputs besides.
func TestEchoStateKeepsItsStatesOnly(t *testing.T) {
	const batch, steps, n = 8, 50, 64
	states, inputs := 4*batch*steps*n, 4*batch*steps*3
	for _, act := range []string{"tanh", "gelu"} {
		for _, trained := range []bool{false, true} {
			layer := reservoir(n, act)
			if trained {
				layer.Weight.SetRequiresGrad(true)
				layer.Input.SetRequiresGrad(true)
			}
			tp := autograd.NewTape[float32]()
			x := tp.Variable(tensor.Uniform[float32](tensor.NewKey(2, "x"), -1, 1, batch, steps, 3))
			y := layer.Forward(tp, x)
			if tp.Bytes() != states {
				t.Errorf("%s, trained %v: the forward pass takes %d bytes, want the %d of the states", act, trained, tp.Bytes(), states)
			}
			tp.BackwardFrom([]*autograd.Var[float32]{y}, []*tensor.Tensor[float32]{tensor.Full[float32](1, batch, steps, n)})
			if most := 2*states + inputs + 4*64; tp.Bytes() > most {
				t.Errorf("%s, trained %v: the backward pass brings the tape to %d bytes, want at most %d", act, trained, tp.Bytes(), most)
			}
		}
	}
}

// TestFrozenEchoStateRecordsNothing wants no backward pass through a reservoir whose input is data:
// nothing that it would add to is asked for.
func TestFrozenEchoStateRecordsNothing(t *testing.T) {
	layer := reservoir(16, "tanh")
	tp := autograd.NewTape[float32]()
	y := layer.Forward(tp, tp.Input(tensor.Uniform[float32](tensor.NewKey(2, "x"), -1, 1, 4, 5, 3)))
	if y.RequiresGrad() {
		t.Error("the states of a frozen layer over data want a gradient")
	}
	layer.TrainLeak(false)
	if y = layer.Forward(tp, tp.Input(tensor.Uniform[float32](tensor.NewKey(2, "x"), -1, 1, 4, 5, 3))); !y.RequiresGrad() {
		t.Error("the states of a layer whose leak is trained want no gradient")
	}
}
