package autograd_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

func ExampleTape_Conv2d() {
	tape := autograd.NewTape[float32]()
	image := tape.Input(tensor.Arange[float32](0, 9).Reshape(1, 1, 3, 3))
	// means of four pixels
	weight := autograd.NewParam("weight", tensor.Full[float32](0.25, 1, 1, 2, 2))
	y := tape.Conv2d(image, weight, nil, tensor.ConvOptions{})
	fmt.Println(y.Value.Reshape(2, 2))
	tape.BackwardFrom([]*autograd.Var[float32]{y}, []*tensor.Tensor[float32]{tensor.Full[float32](1, 1, 1, 2, 2)})
	fmt.Println(weight.Grad().Reshape(2, 2))
	// Output:
	// [[2. 3.]
	//  [5. 6.]]
	// [[ 8. 12.]
	//  [20. 24.]]
}
