package zoo_test

import (
	"fmt"

	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/lab/zoo"
)

// A worm network for 8x8 digits, and a perceptron with as many parameters.
func ExampleMatchedMLP() {
	worm := zoo.Spec{Model: "worm", Input: [3]int{1, 8, 8}, Classes: 10}
	worm.Config = zoo.WormConfig{Network: tensornet.Config{Width: 16, Rounds: 4}}
	mlp, err := zoo.MatchedMLP(worm)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, spec := range []zoo.Spec{worm, mlp} {
		model, err := zoo.Build[float32](spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(spec.Model, nn.Count(model))
	}
	// Output:
	// worm 94403
	// mlp 94666
}
