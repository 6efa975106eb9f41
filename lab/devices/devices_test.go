package devices

import (
	"encoding/json"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// record traces the MLP on a batch that the key draws, with its weights changed by change.
func record(t *testing.T, steps int, change func(params []nn.Named[float64])) *Trace[float64] {
	t.Helper()
	cfg := recipe.Default("mlp")
	cfg.Model.Input, cfg.Model.Classes = [3]int{1, 8, 8}, 10
	model, err := zoo.Build[float64](cfg.Model)
	if err != nil {
		t.Fatal(err)
	}
	change(nn.Params(model))
	o, err := optim.New("adamw", nn.Trainable(model), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := train.Batch[float64]{X: tensor.Uniform[float64](tensor.NewKey(1, "images"), 0, 1, 6, 1, 8, 8), Labels: []int{0, 1, 2, 3, 4, 5}}
	trace, err := Record(model, Task[float64]{Objective: recipe.Objective(&cfg, model), Batch: b, Key: tensor.NewKey(1, "test"), Steps: steps, Optimizer: o})
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

func TestCompare(t *testing.T) {
	same := func([]nn.Named[float64]) {}
	want := record(t, 2, same)
	r, err := Compare(want, record(t, 2, same), 0)
	if err != nil || !r.OK() {
		t.Fatalf("the same model departs from itself: %v, %+v", err, r)
	}
	for _, name := range []string{"loss", "gradient of 1.weight", "step 2: loss", "after 2 steps: 5.bias"} {
		found := false
		for _, row := range r.Rows {
			found = found || row.Name == name
		}
		if !found {
			t.Errorf("no row %q", name)
		}
	}

	// A wrong weight in the second layer shows first in its result.
	r, err = Compare(want, record(t, 2, func(params []nn.Named[float64]) {
		for _, p := range params {
			if p.Path == "3.weight" {
				p.Value.Set(p.Value.At(0, 0)+.5, 0, 0)
			}
		}
	}), 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	if r.OK() || r.First != "3" {
		t.Errorf("the first to depart is %q, want 3", r.First)
	}
	var table strings.Builder
	if err := r.WriteTable(&table); err != nil || !strings.Contains(table.String(), "DEPARTS: element") || !strings.HasSuffix(table.String(), "the first is 3\n") {
		t.Errorf("%v, table:\n%s", err, &table)
	}
	if b, err := json.Marshal(r); err != nil || !strings.Contains(string(b), `"first_to_depart":"3"`) {
		t.Errorf("%v, JSON: %s", err, b)
	}

	if _, err := Compare(want, record(t, 1, same), 0); err == nil {
		t.Error("traces of different lengths are compared")
	}
}
