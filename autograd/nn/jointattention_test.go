package nn_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Two images look at three motors through four heads. A motor of great length takes all the
// attention, to the last bit; the others then receive no gradient.
func ExampleJointAttention() {
	layer := nn.NewJointAttention[float32](tensor.NewKey(1, "example"), 8, 4, 2)
	memory := tensor.Uniform[float32](tensor.NewKey(2, "motors"), -1, 1, 3, 2, 8)
	for i := range memory.Data()[:2*8] {
		memory.Data()[i] *= 1e6
	}
	tape := autograd.NewTape[float32]()
	query := tape.Input(tensor.Uniform[float32](tensor.NewKey(3, "images"), -1, 1, 2, 8))
	motors := tape.Variable(memory)
	y := layer.Attend(tape, query, motors)
	tape.Backward(tape.Sum(y))
	live := make([]int, 3)
	tensor.LiveGroups(live, motors.Grad())
	fmt.Println(y.Shape(), live, tensor.IsZero(layer.Key.Weight.Grad()))
	// Output: [2 8] [1 0 0] true
}
