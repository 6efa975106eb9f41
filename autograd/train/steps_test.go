package train_test

import (
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/tensor"
)

// TestDropoutDiffersByEpoch looks at the masks of a run: every step of every epoch has its own.
func TestDropoutDiffersByEpoch(t *testing.T) {
	model := &dropped{single: single{autograd.NewParam("w", tensor.Full[float32](1, 64))}}
	x := tensor.New[float32](4, 1)
	tr := &train.Trainer[float32]{
		Config: train.Config{Epochs: 3, Seed: 2}, Model: model, Objective: model,
		Optimizer: optim.SGD(nn.Trainable[float32](model), optim.SGDDefaults()), Train: train.FromTensors(x, nil, nil, 2),
	}
	run(t, tr)
	if len(model.masks) != 6 {
		t.Fatalf("%d steps, expected 6", len(model.masks))
	}
	for i, m := range model.masks {
		for j, other := range model.masks[:i] {
			if slices.Equal(m, other) {
				t.Errorf("steps %d and %d drop the same elements", j+1, i+1)
			}
		}
	}
}

// dropped drops elements of ones and keeps what is left of each step.
type dropped struct {
	single
	masks [][]float32
}

func (o *dropped) Loss(tp *autograd.Tape[float32], _ train.Batch[float32], _ *train.Metrics) *autograd.Var[float32] {
	y := tp.Dropout(tp.Input(tensor.Full[float32](1, 64)), .5)
	o.masks = append(o.masks, slices.Clone(y.Value.Data()))
	return tp.Sum(tp.Mul(o.W, o.W))
}

// TestScheduleIsByStep: the schedule runs over the whole training, not over each epoch.
func TestScheduleIsByStep(t *testing.T) {
	tr := newScripted(t, "", 0, .1, .2, .3)
	tr.Schedule = &optim.Linear{Base: 1, Start: 1, End: 0, Steps: 6}
	var got []float64
	tr.OnStep = func(p train.Progress) { got = append(got, p.LR) }
	run(t, tr)
	for k, lr := range got {
		if want := 1 - float64(k)/6; math.Abs(lr-want) > 1e-12 {
			t.Errorf("step %d: learning rate %v, expected %v", k+1, lr, want)
		}
	}
	if len(got) != 6 {
		t.Errorf("%d steps", len(got))
	}
}

// TestClipBoundsTheStep: plain descent moves by the learning rate times the norm that is allowed.
func TestClipBoundsTheStep(t *testing.T) {
	for _, c := range []struct{ clip, moved float64 }{{0, 2}, {.25, .25}, {100, 2}} {
		model := &single{autograd.NewParam("w", tensor.Full[float32](1, 4))}
		o := optim.SGDDefaults()
		o.LR = .5
		n := 0
		x := tensor.New[float32](1, 1)
		tr := &train.Trainer[float32]{
			Config: train.Config{Epochs: 1, ClipNorm: c.clip}, Model: model, Objective: scripted{model.W, []float64{0}, &n},
			Optimizer: optim.SGD(nn.Trainable[float32](model), o), Train: train.FromTensors(x, nil, nil, 1),
		}
		run(t, tr)
		square := 0.0
		for _, w := range model.W.Value.Data() {
			square += float64(1-w) * float64(1-w)
		}
		// the gradient 2w of four ones has the norm 4
		want := c.moved
		if c.clip > 0 && c.clip < 4 {
			want = .5 * c.clip
		}
		if got := math.Sqrt(square); math.Abs(got-want) > 1e-5 {
			t.Errorf("clipped at %v: the parameter moved by %v, expected %v", c.clip, got, want)
		}
	}
}

// modes counts in which mode and with which parameters a model is evaluated.
type modes struct {
	single
	training, validation int
}

func (o *modes) Loss(tp *autograd.Tape[float32], b train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	if tp.Training {
		o.training++
	} else {
		o.validation++
	}
	m.Add("accuracy", 0, 1)
	return tp.Sum(tp.Mul(o.W, o.W))
}

// TestValidationIsNoTraining: the tape is in training mode in steps, and only there.
func TestValidationIsNoTraining(t *testing.T) {
	model := &modes{single: single{autograd.NewParam("w", tensor.Full[float32](1, 4))}}
	x := tensor.New[float32](6, 1)
	tr := &train.Trainer[float32]{
		Config: train.Config{Epochs: 2}, Model: model, Objective: model,
		Optimizer: optim.SGD(nn.Trainable[float32](model), optim.SGDDefaults()),
		Train:     train.FromTensors(x, nil, nil, 2), Valid: train.FromTensors(x, nil, nil, 3),
	}
	run(t, tr)
	if model.training != 6 || model.validation != 4 {
		t.Errorf("%d passes in training mode and %d in validation, expected 6 and 4", model.training, model.validation)
	}
}

// meanOf is the loss of a batch whose examples have losses of their own: their mean.
type meanOf struct{ single }

func (o *meanOf) Loss(tp *autograd.Tape[float32], b train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	m.Add("accuracy", 0, 1)
	return tp.Mean(tp.Mul(tp.Input(b.X), o.W))
}

// TestLossWeighsExamples: every example counts alike, also those of a last, smaller batch.
func TestLossWeighsExamples(t *testing.T) {
	model := &meanOf{single{autograd.NewParam("w", tensor.Full[float32](1, 1))}}
	x := tensor.FromSlice([]float32{1, 2, 3, 4, 15}, 5, 1)
	source := train.FromTensors(x, nil, nil, 2)
	if source.Steps() != 3 {
		t.Errorf("%d batches of 2 in 5 examples, expected 3", source.Steps())
	}
	m, err := train.Evaluate(autograd.NewTape[float32](), model, source)
	if err != nil {
		t.Fatal(err)
	}
	if loss, _ := m.Mean("loss"); loss != 5 {
		t.Errorf("loss %v, expected the mean 5 of all examples", loss)
	}
}

// TestSmoothingIsForTraining: the validation loss is that of the labels as they are.
func TestSmoothingIsForTraining(t *testing.T) {
	model := nn.Func[float32](func(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] { return x })
	b := train.Batch[float32]{X: tensor.FromSlice([]float32{4, 0, 0}, 1, 3), Labels: []int{0}}
	losses := map[bool]float64{}
	for _, training := range []bool{false, true} {
		tp := autograd.NewTape[float32]()
		tp.Training = training
		var m train.Metrics
		losses[training] = float64(train.Classifier[float32]{Model: model, LabelSmoothing: .3}.Loss(tp, b, &m).Value.Item())
	}
	plain := math.Log(math.Exp(4)+2) - 4
	if math.Abs(losses[false]-plain) > 1e-6 || losses[true] < plain+.5 {
		t.Errorf("validation loss %v, expected %v; training loss %v, expected more", losses[false], plain, losses[true])
	}
}
