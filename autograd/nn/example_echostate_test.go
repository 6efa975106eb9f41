package nn_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/tensor"
	"elegans/tensor/leaky"
)

// The leak of a reservoir is learned by backpropagation through time: the target is the input
// smoothed at a rate of .2.
func ExampleEchoState_TrainLeak() {
	one := func(v float64) *tensor.Tensor[float64] { return tensor.Full(v, 1, 1) }
	identity, _ := tensor.ActivationOf("identity")
	layer := nn.NewEchoState(leaky.Weights[float64]{Dense: one(0)}, one(1), nil, tensor.Full(.7, 1), identity)
	layer.TrainLeak(false)

	const sequences, steps = 16, 50
	x := tensor.Uniform[float64](tensor.NewKey(1, "inputs"), -1, 1, sequences, steps, 1)
	smooth := tensor.New[float64](sequences, steps, 1)
	for b := range sequences {
		y := 0.0
		for t := range steps {
			y += .2 * (x.At(b, t, 0) - y)
			smooth.Set(y, b, t, 0)
		}
	}
	o := optim.AdamDefaults()
	o.LR = .05
	adam := optim.Adam(nn.Trainable(layer), o)
	tape := autograd.NewTape[float64]()
	for range 200 {
		tape.Reset()
		adam.ZeroGrad()
		loss := tape.MSELoss(layer.Forward(tape, tape.Input(x)), tape.Input(smooth), autograd.Mean)
		tape.Backward(loss)
		adam.Step()
	}
	fmt.Printf("leak %.3f\n", tape.Sigmoid(layer.LeakLogit).Value.Item())
	// Output: leak 0.200
}
