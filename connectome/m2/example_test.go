package m2_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/connectome"
	"elegans/connectome/m2"
	"elegans/tensor"
)

// The published program builds 476 layers and 1820 products from the worm. This is what reaches the
// output.
func ExampleLiveUnits() {
	live, err := m2.LiveUnits(connectome.Shipped())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d layers: %d interneurons, %d motor neurons; %d products by the code\n", live.Dense(), len(live.Interneurons), len(live.Motors), live.Multiply())
	// Output: 118 layers: 32 interneurons, 86 motor neurons; 203 products by the code
}

// A small model of the published kind learns one image.
func ExampleNew() {
	model, err := m2.New[float32](connectome.Shipped(), m2.Config{
		Width: 16, Encoder: [3]int{6, 4, 4}, Hidden: [2]int{12, 10}, Latent: 2, Decoder: [3]int{4, 4, 6}, KeyDim: 3,
	}, tensor.NewKey(1, "example"))
	if err != nil {
		fmt.Println(err)
		return
	}
	image := tensor.New[float32](1, 1, m2.Side, m2.Side)
	for row := 8; row < 20; row++ { // a bar
		for column := 12; column < 16; column++ {
			image.Set(1, 0, 0, row, column)
		}
	}
	optimizer := optim.Adam(nn.Trainable[float32](model), optim.AdamKerasDefaults())
	tape := autograd.NewTape[float32]()
	var scores [2]m2.Scores
	for step := range 400 {
		tape.Reset()
		x := tape.Input(image)
		logits := model.Forward(tape, x)
		scores[min(step, 1)] = m2.Measure(logits.Value, image)
		tape.Backward(model.Loss(tape, logits, x).Total)
		optimizer.Step()
		optimizer.ZeroGrad()
	}
	fmt.Println(scores[0].Accuracy < 0.9, scores[1].Accuracy > 0.99)
	// Output: true true
}
