package devices

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/lab/inspect"
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

// TestDifference: the tolerance is relative to the largest finite element, and what is not finite
// agrees with its like only.
func TestDifference(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for name, c := range map[string]struct {
		got, want []float64
		ok        bool
		abs, rel  float64
	}{
		"equal":                 {[]float64{1, 0}, []float64{1, 0}, true, 0, 0},
		"small against largest": {[]float64{1000, .5}, []float64{1000, 0}, true, .5, .0005},
		"small numbers":         {[]float64{1e-3, 2e-4}, []float64{1e-3, 1e-4}, false, 1e-4, .1},
		"at the tolerance":      {[]float64{4, 3.75}, []float64{4, 3.75 + 4./1024}, true, 4. / 1024, 1. / 1024},
		"largest is negative":   {[]float64{-1000, .5}, []float64{-1000, 0}, true, .5, .0005},
		"zeros":                 {[]float64{0, 1e-30}, []float64{0, 0}, false, 1e-30, inf},
		"both NaN":              {[]float64{nan, 1}, []float64{nan, 1}, true, 0, 0},
		"NaN got":               {[]float64{nan, 1}, []float64{1, 1}, false, inf, inf},
		"NaN wanted":            {[]float64{1, 1}, []float64{nan, 1}, false, inf, inf},
		"both infinite":         {[]float64{inf, 1}, []float64{inf, 1}, true, 0, 0},
		"of other signs":        {[]float64{inf, 1}, []float64{-inf, 1}, false, inf, inf},
		"beside an infinite":    {[]float64{inf, 2}, []float64{inf, 1}, false, 1, 1},
	} {
		near := func(a inspect.Number, b float64) bool { return float64(a) == b || math.Abs(float64(a)-b) < 1e-12 }
		r := difference(c.got, c.want, 1./1024)
		if r.OK != c.ok || !near(r.MaxAbs, c.abs) || !near(r.MaxRel, c.rel) || r.OK != (r.Detail == "") {
			t.Errorf("%s: %+v, want %+v", name, r, c)
		}
	}
}

// TestOrder: results of layers forward, their gradients backward, then those of the parameters;
// a step of training takes the gradient of its own pass only.
func TestOrder(t *testing.T) {
	cfg := recipe.Default("mlp")
	cfg.Model.Input, cfg.Model.Classes = [3]int{1, 8, 8}, 10
	model, err := zoo.Build[float64](cfg.Model)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(nn.Params(model)[0].Value.Data())
	o, err := optim.New("sgd", nn.Trainable(model), json.RawMessage(`{"lr": 0.5}`))
	if err != nil {
		t.Fatal(err)
	}
	b := train.Batch[float64]{X: tensor.Uniform[float64](tensor.NewKey(1, "images"), 0, 1, 2, 1, 8, 8), Labels: []int{0, 1}}
	task := Task[float64]{Objective: recipe.Objective(&cfg, model), Batch: b, Key: tensor.NewKey(1, "test")}
	first, err := Record(model, task)
	if err != nil {
		t.Fatal(err)
	}
	task.Steps, task.Optimizer = 1, o
	trace, err := Record(model, task)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int {
		i := slices.IndexFunc(trace.Tensors, func(x Tensor[float64]) bool { return x.Name == name })
		if i < 0 {
			t.Fatalf("no tensor %q", name)
		}
		return i
	}
	order := []string{"1", "3", "loss", "gradient of 3", "gradient of 1", "gradient of 1.weight", "gradient of 3.weight", "step 1: loss", "after 1 steps: 1.weight"}
	for i, name := range order[1:] {
		if at(order[i]) > at(name) {
			t.Errorf("%q comes after %q", order[i], name)
		}
	}
	gradient := trace.Tensors[at("gradient of 1.weight")].Values
	if !slices.Equal(gradient, first.Tensors[at("gradient of 1.weight")].Values) {
		t.Error("a second recording adds to the gradients of the first")
	}
	for i, v := range trace.Tensors[at("after 1 steps: 1.weight")].Values {
		if want := before[i] - .5*gradient[i]; math.Abs(v-want) > 1e-12 {
			t.Fatalf("element %d is %v after a step, want %v", i, v, want)
		}
	}

	trace.Tensors[2].Name = "other"
	if _, err := Compare(first, trace, 0); err == nil {
		t.Error("traces of different names are compared")
	}
	trace.Tensors = trace.Tensors[:len(first.Tensors)]
	if _, err := Compare(first, trace, 0); err == nil || !strings.Contains(err.Error(), "tensor 2 is other") {
		t.Errorf("traces of different names: %v", err)
	}
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
