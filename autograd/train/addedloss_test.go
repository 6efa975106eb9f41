package train_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/tensor"
)

// penalised is an objective without a gradient of its own: only what it adds moves the parameters.
type penalised struct {
	single
	scale float64
}

func (o *penalised) Loss(tp *autograd.Tape[float32], _ train.Batch[float32], _ *train.Metrics) *autograd.Var[float32] {
	for range 2 {
		tp.AddLoss("balance", tp.AddScalar(tp.Sum(o.W), o.scale))
	}
	return tp.MulScalar(tp.Sum(o.W), 0)
}

// TestAddedLoss: the trainer minimises what a model adds, reports it by itself, and leaves it out
// where it validates.
func TestAddedLoss(t *testing.T) {
	model := &penalised{single{autograd.NewParam("w", tensor.Full[float32](1, 2))}, 0}
	data := train.FromTensors(tensor.New[float32](3, 1), nil, nil, 3)
	sgd := optim.SGDDefaults()
	sgd.LR = .25
	tr := &train.Trainer[float32]{
		Config: train.Config{Epochs: 1, Seed: 1, Monitor: "loss"}, Model: model, Objective: model,
		Optimizer: optim.SGD(nn.Trainable[float32](model), sgd), Train: data, Valid: data,
	}
	res := run(t, tr)
	if w := model.W.Value.Data(); w[0] != .5 || w[1] != .5 { // 1 - .25*2
		t.Errorf("parameters %v after a step, expected .5", w)
	}
	if got := res.Last.Train; got["loss"] != 0 || got["added_loss"] != 4 {
		t.Errorf("training metrics %v, expected a loss of 0 and an added loss of 4", got)
	}
	if _, ok := res.Last.Valid["added_loss"]; ok || res.Last.Valid["loss"] != 0 {
		t.Errorf("validation metrics %v, expected a loss of 0 alone", res.Last.Valid)
	}

	model.scale = math.Inf(1)
	tr = &train.Trainer[float32]{Config: train.Config{Epochs: 1}, Model: model, Objective: model, Optimizer: optim.SGD(nn.Trainable[float32](model), sgd), Train: data}
	_, err := tr.Run(context.Background())
	var nonFinite *train.NonFiniteError
	if !errors.As(err, &nonFinite) || nonFinite.What != "added loss balance" {
		t.Errorf("error %v, expected one that names the added loss", err)
	}
}
