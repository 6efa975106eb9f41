package tensornet_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// The worm as a network of 8 numbers a neuron, through which a batch of signals travels three
// synapses.
func ExampleNew() {
	net, err := tensornet.New[float32](connectome.Canonical(), tensornet.Config{Width: 8, Rounds: 3, Readout: "mean"}, tensor.NewKey(1, "example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(net.Describe())
	tape := autograd.NewTape[float32]()
	signal := tape.Input(tensor.Full[float32](1, 2, net.Inputs)) // [batch, 8]
	fmt.Println(net.Forward(tape, signal).Shape())
	// Output:
	// 279 neurons (98 sensory, 89 motor), 3225 synaptic entries; chemical synapses: 143 inhibitory
	// (GABA), 2051 excitatory, of which 205 with unknown transmitter [2 8]
}

// The first of the published PyTorch networks as it was trained: half of its units never learn.
func ExampleNewPublished() {
	config := tensornet.DefaultPublished(tensornet.TorchEager, 8, 8)
	config.NormTensorUnit = true
	net, err := tensornet.NewPublished[float32](connectome.Shipped(), config, tensor.NewKey(1, "example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	linear, others := net.Steps(1)
	fmt.Println(linear, "matrix products and", others, "other steps reach the output of", len(net.Motors), "motor neurons")
	fmt.Println(len(net.UnitsWithoutGradient(1)), "of", len(net.Units()), "units have no gradient")
	tape := autograd.NewTape[float32]()
	fmt.Println(net.Forward(tape, tape.Input(tensor.Full[float32](1, 2, 8))).Shape())

	config.Activation = "glu"
	_, err = tensornet.NewPublished[float32](connectome.Shipped(), config, tensor.NewKey(1, "example"))
	fmt.Println(err)
	// Output:
	// 150 matrix products and 1275 other steps reach the output of 89 motor neurons 129 of 279
	// units have no gradient [2 8] tensornet: activation "glu": it halves the width of a value, so
	// that nothing can be merged with it
}
