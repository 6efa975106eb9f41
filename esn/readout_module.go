package esn

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/internal/choice"
	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewModuleReadout() })
}

// ModuleReadout is a module of package nn, a multilayer perceptron unless Make says otherwise,
// trained by AdamW on batches of rows in an order drawn anew for every epoch. All rows are kept
// until Begin. Solve begins with new parameters. The same options and rows give the same bits for
// every number of workers.
type ModuleReadout struct {
	// Hidden are the widths of the hidden layers: one of 64.
	Hidden []int `json:"hidden"`
	// Activation of the hidden layers, one of tensor.Activations: relu.
	Activation string `json:"activation"`
	// Loss is squared, the mean squared error, or cross_entropy, for targets that are probabilities
	// as those of SoftmaxReadout: squared.
	Loss Loss `json:"loss"`
	// Epochs are passes over the rows: 100; Batch is the number of rows of a step: 32.
	Epochs int `json:"epochs"`
	Batch  int `json:"batch"`
	// LearningRate falls to 0 along half a cosine: 1e-3.
	LearningRate float64 `json:"learning_rate"`
	// WeightDecay is that of AdamW: .01.
	WeightDecay float64 `json:"weight_decay"`
	// Standardise takes every feature about its mean and over its standard deviation: true.
	Standardise bool `json:"standardise"`
	// Seed of parameters and order: 1.
	Seed uint64 `json:"seed"`

	// Make returns the module, from rows [B, features] to [B, outputs], in the place of the
	// perceptron. A readout with a module of one's own is loaded into one with the same Make.
	Make func(features, outputs int, key tensor.Key) (nn.Module[float64], error) `json:"-"`
	// Context ends Solve, with train.ErrStopped, when it is cancelled; nil stands for one that is
	// not. OnStep is told of every step.
	Context context.Context      `json:"-"`
	OnStep  func(train.Progress) `json:"-"`

	rows        rowStore
	mean, scale *tensor.Tensor[float64] // [F]
	module      nn.Module[float64]
	params      []nn.Named[float64]
	// free are what Predict runs on, which callers at a time do not share.
	mu   sync.Mutex
	free []*moduleRun
}

// moduleRun is the memory of a prediction.
type moduleRun struct {
	tape *autograd.Tape[float64]
	all  *tensor.Tensor[float64] // standardised rows, filled up with zeros
	rows *tensor.Tensor[float64] // of these those that are asked for
}

// Loss names what a ModuleReadout minimises.
type Loss string

// The losses.
const (
	Squared      Loss = "squared"
	CrossEntropy Loss = "cross_entropy"
)

// NewModuleReadout returns a readout with the default options.
func NewModuleReadout() *ModuleReadout {
	return &ModuleReadout{
		Hidden: []int{64}, Activation: "relu", Loss: Squared, Epochs: 100, Batch: 32,
		LearningRate: 1e-3, WeightDecay: .01, Standardise: true, Seed: 1,
	}
}

// Kind is module.
func (r *ModuleReadout) Kind() string { return "module" }

// Begin forgets all rows and makes a new module.
func (r *ModuleReadout) Begin(features, outputs int) error {
	if err := choice.Complete(choice.Of("loss", &r.Loss, Squared, CrossEntropy)); err != nil {
		return fmt.Errorf("esn: a module readout: %w", err)
	}
	if r.Epochs < 0 || r.Batch < 1 {
		return fmt.Errorf("esn: a module readout of %d epochs of batches of %d rows, expected at least 0 and 1", r.Epochs, r.Batch)
	}
	if err := r.adam().Validate(); err != nil {
		return fmt.Errorf("esn: a module readout: %w", err)
	}
	r.rows.begin(features, outputs)
	r.mean, r.scale = tensor.New[float64](features), tensor.Full(1.0, features)
	return r.make()
}

func (r *ModuleReadout) adam() optim.AdamOptions {
	o := optim.AdamWDefaults()
	o.LR, o.WeightDecay = r.LearningRate, r.WeightDecay
	return o
}

// make sets the module to a new one.
func (r *ModuleReadout) make() (err error) {
	key := tensor.NewKey(r.Seed, "esn.module")
	if r.Make != nil {
		r.module, err = r.Make(r.rows.features, r.rows.outputs, key)
	} else {
		r.module, err = r.perceptron(key)
	}
	if err != nil {
		return fmt.Errorf("esn: a module readout: %w", err)
	}
	if r.params, err = nn.Walk[float64](r.module); err != nil {
		return fmt.Errorf("esn: a module readout: %w", err)
	}
	return nil
}

// perceptron returns the module of Hidden and Activation.
func (r *ModuleReadout) perceptron(key tensor.Key) (nn.Module[float64], error) {
	act, err := nn.Activation[float64](r.Activation)
	if err != nil {
		return nil, err
	}
	var layers nn.Sequential[float64]
	in := r.rows.features
	for i, width := range r.Hidden {
		if width < 1 {
			return nil, fmt.Errorf("a hidden layer of %d units, expected at least 1", width)
		}
		// of every weight the gradient and two moments
		if err := memory.Need(fmt.Sprintf("a hidden layer of %d units", width), 8*4*float64(in+1)*float64(width)); err != nil {
			return nil, err
		}
		layers = append(layers, nn.NewLinear[float64](key.Sub("hidden", uint64(i)), in, width, true), act)
		in = width
	}
	return append(layers, nn.NewLinear[float64](key.Sub("output"), in, r.rows.outputs, true)), nil
}

// Module returns the module, for standardised rows.
func (r *ModuleReadout) Module() nn.Module[float64] { return r.module }

// Add keeps a copy of rows.
func (r *ModuleReadout) Add(x, y *tensor.Tensor[float64]) error {
	if r.Loss == CrossEntropy {
		if err := checkProbabilities(y); err != nil {
			return err
		}
	}
	return r.rows.add(r.Kind(), x, y)
}

// Solve trains a new module on all rows so far. A number that is not finite is a
// *train.NonFiniteError, which names the step and the parameter.
func (r *ModuleReadout) Solve() error {
	x, y := r.rows.tensors()
	if x.Dim(0) == 0 {
		return fmt.Errorf("esn: no rows to fit a readout to")
	}
	if err := r.make(); err != nil {
		return err
	}
	if r.Standardise {
		mean, scale := standardOf(x)
		r.mean, r.scale = tensor.FromSlice(mean, len(mean)), tensor.FromSlice(scale, len(scale))
	}
	ctx := r.Context
	if ctx == nil {
		ctx = context.Background()
	}
	source := &rowSource{x: x, y: y, mean: r.mean, scale: r.scale, batch: r.Batch, key: tensor.NewKey(r.Seed, "esn.module.order")}
	t := train.Trainer[float64]{
		Config: train.Config{Epochs: r.Epochs, Seed: r.Seed}, Model: r.module, Objective: rowLoss{r.module, r.Loss},
		Optimizer: optim.Adam(nn.Trainable(r.module), r.adam()), Train: source, OnStep: r.OnStep,
		Schedule: &optim.Cosine{Base: r.LearningRate, Steps: max(1, r.Epochs*source.Steps())},
	}
	if _, err := t.Run(ctx); err != nil {
		return fmt.Errorf("esn: a module readout: %w", err)
	}
	return nil
}

// rowLoss is the objective of a ModuleReadout.
type rowLoss struct {
	module nn.Module[float64]
	loss   Loss
}

// Loss implements train.Objective.
func (o rowLoss) Loss(tp *autograd.Tape[float64], b train.Batch[float64], _ *train.Metrics) *autograd.Var[float64] {
	y, target := o.module.Forward(tp, tp.Input(b.X)), tp.Input(b.Target)
	switch {
	case o.loss == Squared:
		return tp.MSELoss(y, target, autograd.Mean)
	case y.Value.Dim(1) == 1:
		return tp.BCEWithLogits(y, target, autograd.BCEOptions[float64]{})
	}
	return tp.CrossEntropySoft(y, target, autograd.CrossEntropyOptions[float64]{})
}

// rowSource serves rows in batches, in an order that the epoch decides.
type rowSource struct {
	x, y, mean, scale *tensor.Tensor[float64]
	batch             int
	key               tensor.Key
	order             []int
	at                int
}

// Steps implements train.Source.
func (s *rowSource) Steps() int { return (s.x.Dim(0) + s.batch - 1) / s.batch }

// Start implements train.Source.
func (s *rowSource) Start(epochs, _ int) {
	s.order, s.at = s.key.Sub("epoch", uint64(epochs)).Rand().Perm(s.x.Dim(0)), 0
}

// Next implements train.Source.
func (s *rowSource) Next() (b train.Batch[float64], ok bool) {
	if s.at >= len(s.order) {
		return b, false
	}
	rows := s.order[s.at:min(s.at+s.batch, len(s.order))]
	s.at += len(rows)
	b.X, b.Target = tensor.New[float64](len(rows), s.x.Dim(1)), tensor.New[float64](len(rows), s.y.Dim(1))
	tensor.IndexSelect(b.X, s.x, 0, rows)
	tensor.IndexSelect(b.Target, s.y, 0, rows)
	tensor.Sub(b.X, b.X, s.mean)
	tensor.Div(b.X, b.X, s.scale)
	return b, true
}

// leastRows is the number of rows to which Predict fills up fewer: products of few rows are summed
// in another order than those of many.
const leastRows = 32

// Predict writes the outputs of the module, which are made probabilities where the loss is a cross
// entropy.
func (r *ModuleReadout) Predict(y, x *tensor.Tensor[float64]) {
	run := r.take(x.Dim(0))
	tensor.Sub(run.rows, x, r.mean)
	tensor.Div(run.rows, run.rows, r.scale)
	out := r.module.Forward(run.tape, run.tape.Input(run.all)).Value
	if y.IsContiguous() {
		copy(y.Data(), out.Data())
	} else {
		tensor.Copy(y, out.Slice(0, 0, x.Dim(0), 1))
	}
	switch {
	case r.Loss != CrossEntropy:
	case y.Dim(1) == 1:
		tensor.Sigmoid(y, y)
	default:
		tensor.Softmax(y, y, 1)
	}
	r.mu.Lock()
	r.free = append(r.free, run)
	r.mu.Unlock()
}

// take returns memory for so many rows.
func (r *ModuleReadout) take(rows int) *moduleRun {
	r.mu.Lock()
	var run *moduleRun
	if n := len(r.free); n > 0 {
		run, r.free = r.free[n-1], r.free[:n-1]
	}
	r.mu.Unlock()
	if run == nil {
		run = &moduleRun{tape: autograd.NewTape[float64]()}
		run.tape.SetNoGrad(true)
		run.tape.Training = false
	}
	run.tape.Reset()
	if f := r.rows.features; run.rows == nil || run.rows.Dim(0) != rows || run.rows.Dim(1) != f {
		run.all = tensor.New[float64](max(rows, leastRows), f)
		run.rows = run.all.Slice(0, 0, rows, 1)
	}
	return run
}

// Arrays returns the parameters of the module by their paths, and feature_mean and feature_scale
// [F], what the features are taken about and divided by.
func (r *ModuleReadout) Arrays() map[string]*tensor.Tensor[float64] {
	if r.module == nil {
		return nil
	}
	arrays := map[string]*tensor.Tensor[float64]{"feature_mean": r.mean, "feature_scale": r.scale}
	for _, p := range r.params {
		arrays[p.Path] = p.Value
	}
	return arrays
}

// SetArrays takes what Arrays returned. No more rows can be added then.
func (r *ModuleReadout) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	own := r.Arrays()
	if err := arraysOf(r.Kind(), arrays, own); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		tensor.Copy(own[name], arrays[name])
	}
	r.rows.loaded = true
	return nil
}
