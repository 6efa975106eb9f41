package train_test

import (
	"context"
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/data"
	"elegans/tensor"
)

// MyModel reads 8x8 digits through the worm: a model is a struct with a Forward method.
type MyModel struct {
	In, Out *nn.Linear[float32]
	Worm    *tensornet.Network[float32]
}

func (m *MyModel) Forward(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	pixels := tp.Reshape(x, -1, 64)
	return m.Out.Forward(tp, m.Worm.Forward(tp, tp.Tanh(m.In.Forward(tp, pixels))))
}

// A model of one's own on the connectome, trained and tested on the embedded digits.
func Example_ownModel() {
	key := tensor.NewKey(1, "my model")
	worm, err := tensornet.New[float32](connectome.Canonical(), tensornet.Config{Width: 8, Rounds: 3}, key)
	if err != nil {
		fmt.Println(err)
		return
	}
	model := &MyModel{In: nn.NewLinear[float32](key.Sub("in"), 64, worm.Inputs, true), Worm: worm, Out: nn.NewLinear[float32](key.Sub("out"), worm.Outputs, 10, true)}
	digits := data.Digits()
	trainer := train.Trainer[float32]{
		Config:    train.Config{Epochs: 5},
		Model:     model,
		Objective: train.Classifier[float32]{Model: model},
		Optimizer: optim.Adam(nn.Trainable(model), optim.AdamDefaults()),
		Train:     train.FromLoader[float32](data.NewLoader(digits.Train, data.LoaderConfig{BatchSize: 32, Shuffle: true})),
	}
	if _, err := trainer.Run(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	test, err := trainer.Evaluate(train.FromLoader[float32](data.NewLoader(digits.Test, data.LoaderConfig{BatchSize: 100})))
	accuracy, _ := test.Mean("accuracy")
	fmt.Println(err, accuracy > 0.9)
	// Output: <nil> true
}
