package published_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/connectome/tensornet/published"
	"elegans/tensor"
)

// The first of the published PyTorch networks as it was trained: half of its units never learn.
func ExampleNew() {
	config := published.Default(published.TorchEager, 8, 8)
	config.NormTensorUnit = true
	net, err := published.New[float32](connectome.Shipped(), config, tensor.NewKey(1, "example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	linear, others := net.Steps(1)
	fmt.Println(linear, "matrix products and", others, "other steps reach the output of", len(net.Motors), "motor neurons")
	fmt.Println(len(net.UnitsWithoutGradient(1)), "of", len(net.Units()), "units have no gradient")
	tape := autograd.NewTape[float32]()
	fmt.Println(net.Forward(tape, tape.Input(tensor.Full[float32](1, 2, 8))).Shape())
	// Output:
	// 150 matrix products and 1275 other steps reach the output of 89 motor neurons
	// 129 of 279 units have no gradient
	// [2 8]
}
