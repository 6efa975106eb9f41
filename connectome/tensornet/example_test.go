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
	fmt.Println(net.Wiring.Neurons, "neurons,", len(net.Wiring.Col), "synaptic entries")
	tape := autograd.NewTape[float32]()
	signal := tape.Input(tensor.Full[float32](1, 2, net.Inputs)) // [batch, 8]
	fmt.Println(net.Forward(tape, signal).Shape())
	// Output:
	// 279 neurons, 3225 synaptic entries
	// [2 8]
}
