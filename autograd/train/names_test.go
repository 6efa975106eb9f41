package train_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/tensor"
)

// TestCountingPartsKeepsNames counts parts of a model in a callback: the checkpoints must still
// hold all layers under their full paths.
func TestCountingPartsKeepsNames(t *testing.T) {
	dir := t.TempDir()
	tr := newTrainer(dir, 2)
	layers := tr.Model.(nn.Sequential[float32])
	tr.OnEpoch = func(train.Epoch) {
		if nn.Count(layers[1]) != 64*24+24 || nn.Count(layers[4]) != 24*10+10 {
			t.Error("wrong numbers of parameters")
		}
	}
	run(t, tr)
	want := []string{"1.bias", "1.weight", "2.bias", "2.running_mean", "2.running_var", "2.weight", "4.bias", "4.weight"}
	for _, file := range []string{train.LastFile, train.BestFile} {
		var got []string
		for _, n := range open(t, filepath.Join(dir, file)).Names() {
			if !slices.ContainsFunc([]string{"optimizer/", "average/"}, func(p string) bool { return len(n) > len(p) && n[:len(p)] == p }) {
				got = append(got, n)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s holds %v, want %v", file, got, want)
		}
	}
}

// hidden keeps a layer where no walk finds it: in a function.
func hidden(layer *nn.Linear[float32]) nn.Func[float32] {
	return func(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
		return layer.Forward(tp, x)
	}
}

// holder has a layer in an unexported field.
type holder struct{ layer *nn.Linear[float32] }

func (h *holder) Forward(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	return h.layer.Forward(tp, x)
}

// TestForgottenParameters: a layer that no walk reaches would train nothing, or not be saved.
func TestForgottenParameters(t *testing.T) {
	forgotten := func() *nn.Linear[float32] { return nn.NewLinear[float32](tensor.NewKey(7, "forgotten"), 10, 10, true) }
	for _, c := range []struct {
		name   string
		module func(tr *train.Trainer[float32]) nn.Module[float32]
		want   string // empty: the run succeeds
	}{
		{"function", func(*train.Trainer[float32]) nn.Module[float32] { return hidden(forgotten()) },
			`a parameter ("weight") of shape [10 10] takes part in the loss but is not reached from the model's fields`},
		{"unexported field", func(*train.Trainer[float32]) nn.Module[float32] { return &holder{forgotten()} },
			"Sequential[5].layer.Weight: holds a parameter of shape [10 10] that gets no name"},
		{"optimiser", func(tr *train.Trainer[float32]) nn.Module[float32] {
			l := forgotten()
			tr.Optimizer.AddGroup(optim.Group[float32]{Params: nn.Trainable[float32](l)})
			return hidden(l)
		}, `a parameter ("weight") of shape [10 10] is updated by the optimiser but is not reached`},
		{"frozen", func(*train.Trainer[float32]) nn.Module[float32] {
			l := forgotten()
			l.Weight.SetRequiresGrad(false)
			l.Bias.SetRequiresGrad(false)
			return hidden(l)
		}, ""},
		{"reached", func(*train.Trainer[float32]) nn.Module[float32] { return forgotten() }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTrainer("", 1)
			model := append(tr.Model.(nn.Sequential[float32]), c.module(tr))
			tr.Model, tr.Objective = model, train.Classifier[float32]{Model: model}
			_, err := tr.Run(context.Background())
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestWithoutGradient adds a layer that the loss does not depend on.
func TestWithoutGradient(t *testing.T) {
	tr := newTrainer("", 1)
	idle := nn.NewLinear[float32](tensor.NewKey(7, "forgotten"), 2, 3, true)
	tr.Model = &struct {
		nn.Sequential[float32]
		Idle *nn.Linear[float32]
	}{tr.Model.(nn.Sequential[float32]), idle}
	run(t, tr)
	if got := tr.WithoutGradient(); !slices.Equal(got, []string{"idle.weight", "idle.bias"}) {
		t.Errorf("%v", got)
	}
}
