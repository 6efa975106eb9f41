package autograd_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

// Reductions drop their axes; Unsqueeze puts them back, for broadcasting.
func ExampleTape_Unsqueeze() {
	tp := autograd.NewTape[float64]()
	x := tp.Variable(tensor.Arange(1.0, 6).Reshape(2, 3))
	centred := tp.Sub(x, tp.Unsqueeze(tp.Mean(x, 1), 1))
	fmt.Println(centred.Value)
	// Output:
	// [[-1.  0.  1.]
	//  [-1.  0.  1.]]
}

func ExampleTape_Einsum() {
	tp := autograd.NewTape[float64]()
	a := tp.Variable(tensor.Arange(0.0, 6).Reshape(2, 3))
	b := tp.Input(tensor.Full(2.0, 3, 2))
	tp.Backward(tp.Einsum("ij,ji->", a, b)) // the trace of a b
	fmt.Println(a.Grad())
	// Output:
	// [[2. 2. 2.]
	//  [2. 2. 2.]]
}
