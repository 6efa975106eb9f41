package bench

import (
	"context"
	"fmt"
	"math"
	"runtime/metrics"
	"strings"
	"time"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/connectome/m2"
	"elegans/data"
	"elegans/internal/memory"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// Starts lists the initial weights of a model that can be measured: its own, or those that the
// published autoencoder's recorded values were made with, where gamma of s_init scatters around 0.5
// (no softmax is saturated) or around 1 as in its own start (every one is).
var Starts = []string{"own", "gamma05", "gamma1"}

// Quantities lists what Model.Measure measures.
//
//	step      a training step on the same batch again: forward, loss, backward, optimiser
//	forward   the model on the batch, without gradients
//	forward1  the same for one image
//	read      all parameters read once by the fastest loop there is, and nothing done with them:
//	          the floor of forward1 where they do not fit in a cache
//	memory    the peak memory of the process so far
var Quantities = []string{"step", "forward", "forward1", "read", "memory"}

// ModelOptions say what is measured.
type ModelOptions struct {
	Model string // of zoo.Names
	Start string // one of Starts
	Seed  uint64 // of the start "own"
	Batch int
	Data  string // folder of MNIST, of which the first images are taken; if empty, random images
}

// ModelResult is one measurement of a model.
type ModelResult struct {
	Program string  `json:"program"`
	Model   string  `json:"model"`
	Kernels string  `json:"kernels"`
	Threads int     `json:"threads"`
	GOGC    uint64  `json:"gogc"` // of the garbage collector, in percent
	Start   string  `json:"start"`
	Batch   int     `json:"batch"`
	What    string  `json:"what"` // one of Quantities, or "built"
	Seconds float64 `json:"seconds,omitempty"`
	// billion operations a second, a multiply-accumulate of the model's definition counted as two
	// and a step as three forward passes
	GFLOPS    float64 `json:"gflops,omitempty"`
	PeakShare float64 `json:"peak_share,omitempty"`
	// size of the parameters over the time, in 1e9 bytes a second
	GBPS float64 `json:"gb_s,omitempty"`
	MiB  float64 `json:"mib,omitempty"`
	Loss float64 `json:"loss,omitempty"` // before the step
	Mean float64 `json:"mean,omitempty"` // of the model's results
}

// Model is a model ready to be measured.
type Model struct {
	ModelOptions
	model      nn.Module[float32]
	objective  train.Objective[float32]
	optimizer  *optim.Optimizer[float32]
	batch, one train.Batch[float32]
	tape       *autograd.Tape[float32]
	metrics    train.Metrics
	params     []nn.Named[float32]
	task       zoo.Task
}

// NewModel builds a model with the objective and the optimiser that it is trained with.
func NewModel(ctx context.Context, o ModelOptions) (*Model, error) {
	images, err := imagesOf(ctx, o.Data, o.Batch)
	if err != nil {
		return nil, err
	}
	c := recipe.Default(o.Model)
	c.Train.Batch, c.Data.Normalize = o.Batch, false
	c.Model.Seed, c.Model.Input = o.Seed, [3]int{1, m2.Side, m2.Side}
	if c.Model.Task().HasClasses() {
		c.Model.Classes = len(images.Classes())
	}
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		return nil, err
	}
	m := &Model{ModelOptions: o, model: model, tape: autograd.NewTape[float32](), params: nn.Params(model), task: c.Model.Task()}
	if err := m.fill(); err != nil {
		return nil, err
	}
	run, err := c.NewRun(model, &recipe.Sets{Train: images})
	if err != nil {
		return nil, err
	}
	defer run.Close()
	m.objective, m.optimizer = run.Objective, run.Optimizer
	b, err := recipe.InOrder[float32](&c, images, o.Batch)
	if err != nil {
		return nil, err
	}
	m.batch = b
	m.one = train.Batch[float32]{X: m.batch.X.Slice(0, 0, 1, 1).Clone(), Labels: m.batch.Labels[:1]}
	return m, nil
}

// imagesOf returns the first images of MNIST in a folder, or random ones.
func imagesOf(ctx context.Context, folder string, n int) (*data.Dataset, error) {
	if folder == "" {
		labels, classes := make([]int, n), make([]string, 10)
		for i := range labels {
			labels[i] = i % len(classes)
		}
		for i := range classes {
			classes[i] = fmt.Sprint(i)
		}
		pixels := tensor.Uniform[float32](tensor.NewKey(1, "images"), 0, 1, n, 1, m2.Side, m2.Side)
		return data.FromTensor("random", "made for measurements", classes, pixels, labels)
	}
	sets, err := data.Load(ctx, "mnist", data.Options{Dir: folder})
	if err != nil {
		return nil, err
	}
	if sets.Train.Len() < n {
		return nil, fmt.Errorf("%s: %d images, expected at least the %d of a batch", folder, sets.Train.Len(), n)
	}
	return sets.Train.Take(n), nil
}

// fill sets the weights of a start that is not the model's own.
func (m *Model) fill() error {
	f := m2.Fill{Seed: fillSeed, SInit: 1, Gamma: 1, Spread: 0.01}
	switch m.Start {
	case "own":
		return nil
	case "gamma05":
		f.SInit = 0.5
	case "gamma1":
	default:
		return fmt.Errorf("start %q: unknown, expected one of %s", m.Start, strings.Join(Starts, ", "))
	}
	a, ok := m.model.(*m2.Autoencoder[float32])
	if ok {
		_, ok = a.Core.(*m2.Published[float32])
	}
	if !ok {
		return fmt.Errorf("--start %s: model %q has no recorded weights, expected --start own", m.Start, m.Model)
	}
	return a.FillWeights(f)
}

// fillSeed is that of the recorded values of the published autoencoder.
const fillSeed = 6386

// Built returns a result that says what was built and what memory that took.
func (m *Model) Built() ModelResult {
	return m.result(ModelResult{What: "built", MiB: peakMiB()})
}

// result fills in what all results have in common.
func (m *Model) result(r ModelResult) ModelResult {
	r.Program, r.Model, r.Kernels, r.Threads, r.GOGC, r.Start, r.Batch = "elegans", m.Model, set(), tensor.Workers(), gogc(), m.Start, m.Batch
	return r
}

func peakMiB() float64 {
	bytes, _ := memory.Peak()
	return float64(bytes) / (1 << 20)
}

// gogc returns how many percent the heap may grow before the garbage collector runs.
func gogc() uint64 {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// Measure measures one of Quantities once. The first measurement of each also pays for memory that
// later ones find in place.
func (m *Model) Measure(what string) (ModelResult, error) {
	r := ModelResult{What: what}
	var run func()
	var passes int // forward passes that the work amounts to
	switch what {
	case "step":
		run, passes = func() { r.Loss = m.step() }, 3
	case "forward":
		run, passes = func() { r.Mean = m.forward(m.batch) }, 1
	case "forward1":
		run, passes = func() { r.Mean = m.forward(m.one) }, 1
	case "read":
		run = m.read
	case "memory":
		r.MiB = peakMiB()
		return m.result(r), nil
	default:
		return r, fmt.Errorf("quantity %q: unknown, expected one of %s", what, strings.Join(Quantities, ", "))
	}
	peak := tensor.PeakGFLOPS[float32](set())
	start := time.Now()
	run()
	r.Seconds = time.Since(start).Seconds()
	peak = max(peak, tensor.PeakGFLOPS[float32](set())) // the clock of a core varies
	if v := r.Loss + r.Mean; math.IsNaN(v) || math.IsInf(v, 0) {
		return r, fmt.Errorf("%s: the result is %v, expected a finite number", what, v)
	}
	if passes > 0 {
		r.GFLOPS = 2e-9 * float64(passes) * float64(m.tape.MACs()) / r.Seconds
		r.PeakShare = r.GFLOPS / (peak * float64(tensor.Workers()))
	}
	if what == "read" || what == "forward1" {
		r.GBPS = 1e-9 * m.bytes() / r.Seconds
	}
	return m.result(r), nil
}

// begin prepares the tape for a pass.
func (m *Model) begin(training bool) {
	m.tape.Reset()
	m.tape.SetNoGrad(!training)
	m.tape.Training = training
}

// step trains on the batch and returns the loss before.
func (m *Model) step() float64 {
	m.metrics.Reset()
	m.begin(true)
	m.optimizer.ZeroGrad()
	loss := m.objective.Loss(m.tape, m.batch, &m.metrics)
	m.tape.Backward(m.tape.WithAddedLosses(loss))
	m.optimizer.Step()
	return float64(loss.Value.Item())
}

// forward runs the model, for an autoencoder up to the probabilities of ink, and returns the mean
// of what comes out.
func (m *Model) forward(b train.Batch[float32]) float64 {
	m.begin(false)
	y := m.model.Forward(m.tape, m.tape.Input(b.X))
	if m.task == zoo.Reconstruction {
		y = m.tape.Sigmoid(y)
	}
	return tensor.Sum(y.Value) / float64(y.Value.Len())
}

// read loads every parameter once.
func (m *Model) read() {
	for _, p := range m.params {
		tensor.AllFinite(p.Value)
	}
}

// bytes returns the size of the parameters.
func (m *Model) bytes() float64 {
	n := 0
	for _, p := range m.params {
		n += p.Value.Len()
	}
	return 4 * float64(n)
}
