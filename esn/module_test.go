package esn_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/esn"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// xor returns rows of two features and the class of their signs, which no linear readout tells.
func xor(rows, outputs int) (x, y *tensor.Tensor[float64]) {
	x = tensor.Uniform[float64](tensor.NewKey(1, "xor"), -1, 1, rows, 2)
	labels := make([]int, rows)
	for t := range labels {
		if (x.At(t, 0) > 0) != (x.At(t, 1) > 0) {
			labels[t] = 1
		}
	}
	return x, oneHot(labels, outputs)
}

func TestModuleReadoutLearnsWhatALinearOneCannot(t *testing.T) {
	for _, c := range []struct {
		loss    esn.Loss
		outputs int
	}{{esn.CrossEntropy, 2}, {esn.CrossEntropy, 1}, {esn.Squared, 1}} {
		x, y := xor(400, c.outputs)
		r := esn.NewModuleReadout()
		r.Loss, r.LearningRate = c.loss, .01
		steps := 0
		r.OnStep = func(train.Progress) { steps++ }
		fit(t, r, x, y)
		p := tensor.New[float64](400, c.outputs)
		r.Predict(p, x)
		right := 0
		for i := range 400 {
			if (p.At(i, 0) > .5) == (y.At(i, 0) > .5) {
				right++
			}
			if c.outputs == 2 && math.Abs(p.At(i, 0)+p.At(i, 1)-1) > 1e-12 {
				t.Fatalf("probabilities of row %d sum to %v", i, p.At(i, 0)+p.At(i, 1))
			}
		}
		if right < 384 || steps != 100*13 {
			t.Errorf("%s of %d outputs: %d of 400 right after %d steps, want at least 384 and 1300", c.loss, c.outputs, right, steps)
		}
	}
}

// TestModuleReadoutPredictsRowByRow wants the same bits of a row by itself, as a stream predicts
// it.
func TestModuleReadoutPredictsRowByRow(t *testing.T) {
	x, y := xor(100, 1)
	r := esn.NewModuleReadout()
	r.Epochs = 2
	fit(t, r, x, y)
	all, one := tensor.New[float64](100, 1), tensor.New[float64](1, 1)
	r.Predict(all, x)
	for i := range 100 {
		if r.Predict(one, x.Slice(0, i, i+1, 1)); one.Item() != all.At(i, 0) {
			t.Fatalf("row %d alone gives %v, among others %v", i, one.Item(), all.At(i, 0))
		}
	}
	row := x.Slice(0, 3, 4, 1)
	if n := allocs.PerStep(5, func() { r.Predict(one, row) }); n != 0 {
		t.Errorf("%v allocations a prediction", n)
	}
}

func TestModuleReadoutIsDeterministic(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	x, y := xor(100, 1)
	var first []float64
	for _, w := range []int{1, 2, 3, 8} {
		tensor.SetWorkers(w)
		r := esn.NewModuleReadout()
		r.Epochs = 3
		fit(t, r, x, y)
		p := tensor.New[float64](100, 1)
		r.Predict(p, x)
		if first == nil {
			first = p.Data()
		}
		if !slices.Equal(first, p.Data()) {
			t.Errorf("%d workers give another readout", w)
		}
	}
}

func TestModuleReadoutStopsAndNamesNaN(t *testing.T) {
	x, y := xor(50, 1)
	ctx, cancel := context.WithCancel(context.Background())
	r := esn.NewModuleReadout()
	r.Context = ctx
	r.OnStep = func(p train.Progress) {
		if p.Step == 3 {
			cancel()
		}
	}
	if err := r.Begin(2, 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(x, y); err != nil {
		t.Fatal(err)
	}
	if err := r.Solve(); !errors.Is(err, train.ErrStopped) {
		t.Errorf("a cancelled fit returned %v", err)
	}

	r = esn.NewModuleReadout()
	if err := r.Begin(2, 1); err != nil {
		t.Fatal(err)
	}
	x = x.Clone()
	x.Set(math.NaN(), 7, 1)
	if err := r.Add(x, y); err != nil {
		t.Fatal(err)
	}
	var nan *train.NonFiniteError
	if err := r.Solve(); !errors.As(err, &nan) {
		t.Errorf("a fit to NaN returned %v", err)
	}
}

func TestModuleReadoutRefuses(t *testing.T) {
	for want, change := range map[string]func(r *esn.ModuleReadout){
		`loss "huber"`:       func(r *esn.ModuleReadout) { r.Loss = "huber" },
		"batches of 0 rows":  func(r *esn.ModuleReadout) { r.Batch = 0 },
		"unknown activation": func(r *esn.ModuleReadout) { r.Activation = "step" },
		"0 units":            func(r *esn.ModuleReadout) { r.Hidden = []int{3, 0} },
		"lr":                 func(r *esn.ModuleReadout) { r.LearningRate = -1 },
		"no parameters": func(r *esn.ModuleReadout) {
			r.Make = func(int, int, tensor.Key) (nn.Module[float64], error) { return nil, errors.New("no parameters") }
		},
	} {
		r := esn.NewModuleReadout()
		change(r)
		if err := r.Begin(2, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestModuleReadoutIsSaved gives the arrays of a readout to a new one of the same options.
func TestModuleReadoutIsSaved(t *testing.T) {
	x, y := xor(60, 1)
	a := esn.NewModuleReadout()
	a.Hidden, a.Epochs = []int{5, 4}, 2
	fit(t, a, x, y)
	text, err := esn.EncodeReadout(a)
	if err != nil {
		t.Fatal(err)
	}
	b, err := esn.DecodeReadout(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Begin(2, 1); err != nil {
		t.Fatal(err)
	}
	arrays := map[string]*tensor.Tensor[float64]{}
	for name, v := range a.Arrays() {
		arrays[name] = v.Clone()
	}
	if err := b.SetArrays(arrays); err != nil {
		t.Fatal(err)
	}
	p, q := tensor.New[float64](60, 1), tensor.New[float64](60, 1)
	a.Predict(p, x)
	b.Predict(q, x)
	if !slices.Equal(p.Data(), q.Data()) {
		t.Error("a loaded readout predicts something else")
	}
	delete(arrays, "0.bias")
	if err := b.SetArrays(arrays); err == nil || !strings.Contains(err.Error(), "0.bias") {
		t.Errorf("arrays without a bias: error %v", err)
	}
}

// A reservoir remembers, and a module of one's own computes: two bits of a stream, three steps
// apart, are joined by an exclusive or, which no linear readout of a linear reservoir tells.
func ExampleModuleReadout() {
	key := tensor.NewKey(1, "bits")
	input, target := tensor.New[float64](1000, 1), tensor.New[float64](1000, 1)
	r := key.Rand()
	for t := range 1000 {
		input.Set(float64(r.IntN(2)), t, 0)
		if t >= 3 && input.At(t, 0) != input.At(t-3, 0) {
			target.Set(1, t, 0)
		}
	}
	config := esn.Defaults()
	config.Topology, config.Neurons, config.Activation, config.Washout = "delay_line", 5, "linear", 10
	readout := esn.NewModuleReadout()
	readout.Loss, readout.LearningRate, readout.Epochs = esn.CrossEntropy, .01, 50
	readout.Make = func(features, outputs int, key tensor.Key) (nn.Module[float64], error) {
		in, out := nn.NewLinear[float64](key.Sub("in"), features, 16, true), nn.NewLinear[float64](key.Sub("out"), 16, outputs, true)
		tanh := nn.Func[float64](func(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] { return tp.Tanh(x) })
		return nn.Sequential[float64]{in, tanh, out}, nil
	}
	network, err := esn.NewNetwork[float64](config, 1, 1, readout)
	check(err)
	check(network.Fit([]esn.Sequence{{Input: input, Target: target}}))
	p, err := network.Predict(input)
	check(err)
	wrong := 0
	for t := 10; t < 1000; t++ {
		if (p.At(t, 0) > .5) != (target.At(t, 0) > .5) {
			wrong++
		}
	}
	fmt.Println(wrong, "bits wrong")
	// Output: 0 bits wrong
}
