package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/data"
	"elegans/data/safetensors"
	"elegans/tensor"
)

// newTrainer returns a run on the digits that uses everything that has state: shuffling,
// augmentation, dropout, batch normalisation, Adam, a schedule, clipping, an average.
func newTrainer(dir string, epochs int) *train.Trainer[float32] {
	k := tensor.NewKey(1, "init")
	sets := data.Digits()
	rest, valid := sets.Train.Split(0.25, 1, true)
	model := nn.Sequential[float32]{
		nn.Flatten[float32](),
		nn.NewLinear[float32](k.Sub("0"), 64, 24, true),
		nn.NewBatchNorm[float32](24),
		nn.Func[float32](func(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
			return tp.Dropout(tp.Tanh(x), 0.1)
		}),
		nn.NewLinear[float32](k.Sub("1"), 24, 10, true),
	}
	options := optim.AdamDefaults()
	options.LR = 0.01
	opt := optim.Adam(nn.Trainable(model), options)
	return &train.Trainer[float32]{
		Config: train.Config{Epochs: epochs, Seed: 3, ClipNorm: 1, EMA: 0.9, Dir: dir, Describe: []byte(`{"test":true}`), StepLog: 2, Save: 5 * time.Millisecond},
		Model:  model, Objective: train.Classifier[float32]{Model: model, LabelSmoothing: 0.05}, Optimizer: opt,
		Schedule: &optim.Cosine{Base: 0.01, Steps: epochs * 20},
		Train:    train.FromLoader[float32](data.NewLoader(rest, data.LoaderConfig{BatchSize: 50, Seed: 5, Shuffle: true, Augment: []data.Augment{data.Shift{Max: 1}}})),
		Valid:    train.FromLoader[float32](data.NewLoader(valid, data.LoaderConfig{BatchSize: 100})),
	}
}

func run(t testing.TB, tr *train.Trainer[float32]) train.Result {
	t.Helper()
	r, err := tr.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLearnsTheDigits(t *testing.T) {
	dir := t.TempDir()
	epochs, steps := 0, 0
	tr := newTrainer(dir, 12)
	tr.OnEpoch = func(train.Epoch) { epochs++ }
	tr.OnStep = func(train.Progress) { steps++ }
	r := run(t, tr)
	if r.Last.Valid["accuracy"] < 0.8 {
		t.Errorf("validation accuracy %v after %d epochs, want at least 0.8", r.Last.Valid["accuracy"], r.Epochs)
	}
	if epochs != 12 || steps != r.Steps || r.Epochs != 12 || r.BestEpoch < 1 {
		t.Errorf("%d epochs and %d steps reported, result %+v", epochs, steps, r)
	}
	log, err := os.ReadFile(filepath.Join(dir, "epochs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(log)), "\n"); len(lines) != 13 || !strings.HasPrefix(lines[1], "1,") || !strings.HasPrefix(lines[12], "12,") || lines[0] != "epoch,train_accuracy,train_loss,valid_accuracy,valid_loss,lr" {
		t.Errorf("epochs.csv has %d lines, the first is %q", len(lines), lines[0])
	}
	best := newTrainer("", 1)
	if err := train.Load(filepath.Join(dir, train.BestFile), nn.Params[float32](best.Model), false); err != nil {
		t.Fatal(err)
	}
	m, err := best.Evaluate(best.Valid)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := m.Mean("accuracy"); a != r.BestValue {
		t.Errorf("the best checkpoint has accuracy %v, the run reported %v", a, r.BestValue)
	}
}

func TestStopSavesAndResumeIsExact(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	run(t, newTrainer(whole, 3))

	for at := 5; ; at += 17 {
		tr := newTrainer(parts, 3)
		if train.HasRun(parts) {
			if err := tr.Resume(); err != nil {
				t.Fatal(err)
			}
		}
		ctx, stop := context.WithCancel(context.Background())
		tr.OnStep = func(p train.Progress) {
			if p.Step == at {
				stop()
			}
		}
		_, err := tr.Run(ctx)
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, train.ErrStopped) {
			t.Fatal(err)
		}
	}
	same(t, whole, parts)
}

// same compares everything that two runs left behind, but the time they took.
func same(t testing.TB, a, b string) {
	t.Helper()
	for _, name := range []string{"epochs.csv", "steps.csv", train.ConfigFile} {
		x, err1 := os.ReadFile(filepath.Join(a, name))
		y, err2 := os.ReadFile(filepath.Join(b, name))
		if err1 != nil || err2 != nil || string(x) != string(y) {
			t.Errorf("%s differs: %v %v\n%s\n---\n%s", name, err1, err2, x, y)
		}
	}
	for _, name := range []string{train.LastFile, train.BestFile} {
		x, y := open(t, filepath.Join(a, name)), open(t, filepath.Join(b, name))
		if fmt.Sprint(x.Names()) != fmt.Sprint(y.Names()) || len(x.Names()) == 0 {
			t.Fatalf("%s: %v and %v", name, x.Names(), y.Names())
		}
		for _, n := range x.Names() {
			u, err1 := safetensors.Get[float32](x, n)
			v, err2 := safetensors.Get[float32](y, n)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			for i := range u.Data() {
				if math.Float32bits(u.Data()[i]) != math.Float32bits(v.Data()[i]) {
					t.Fatalf("%s: %s[%d] is %v and %v", name, n, i, u.Data()[i], v.Data()[i])
				}
			}
		}
	}
}

func open(t testing.TB, path string) *safetensors.File {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestNonFiniteIsNamed(t *testing.T) {
	for _, c := range []struct {
		spoil func(tr *train.Trainer[float32])
		want  string
	}{
		{func(tr *train.Trainer[float32]) { nn.Params(tr.Model)[0].Value.Data()[7] = float32(math.NaN()) }, "step 1 (epoch 1): parameter 1.weight[7] is NaN"},
		{func(tr *train.Trainer[float32]) { tr.Objective = infinite{nn.Params(tr.Model)[0].Var, 0} }, "step 1 (epoch 1): loss is +Inf"},
		{func(tr *train.Trainer[float32]) { tr.Objective = infinite{nn.Params(tr.Model)[0].Var, 1} }, "step 1 (epoch 1): gradient of 1.weight[0] is +Inf"},
	} {
		tr := newTrainer(t.TempDir(), 1)
		c.spoil(tr)
		_, err := tr.Run(context.Background())
		var nf *train.NonFiniteError
		if !errors.As(err, &nf) || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

// TestParametersStayFinite lets a finite gradient drive a parameter to infinity in the last step of
// a run: no checkpoint may hold it.
func TestParametersStayFinite(t *testing.T) {
	dir := t.TempDir()
	tr := newTrainer(dir, 1)
	steps := tr.Train.Steps()
	tr.Schedule, tr.EMA = nil, 0
	tr.OnStep = func(p train.Progress) {
		if p.Batch == steps-1 {
			tr.Optimizer.SetLR(math.MaxFloat64)
		}
	}
	_, err := tr.Run(context.Background())
	var nf *train.NonFiniteError
	if !errors.As(err, &nf) || nf.What != "parameter" || nf.Step != steps {
		t.Errorf("error %v, want one that names a parameter and step %d", err, steps)
	}
	params := nn.Params(newTrainer("", 1).Model)
	if err := train.Load(filepath.Join(dir, train.LastFile), params, false); err != nil {
		t.Fatal(err)
	}
	for _, p := range params {
		if !tensor.AllFinite(p.Value) {
			t.Errorf("the checkpoint holds a %s that is not finite", p.Path)
		}
	}
}

// TestNonFiniteValidationIsNamed: a metric that is not a number would be the best one for ever.
func TestNonFiniteValidationIsNamed(t *testing.T) {
	tr := newTrainer(t.TempDir(), 2)
	tr.Monitor = "odd"
	tr.Objective = oddMetric{tr.Objective}
	_, err := tr.Run(context.Background())
	var nf *train.NonFiniteError
	if !errors.As(err, &nf) || !strings.Contains(err.Error(), "validation odd is NaN") {
		t.Errorf("error %v", err)
	}
}

// oddMetric adds a metric that is not a number in validation.
type oddMetric struct{ train.Objective[float32] }

func (o oddMetric) Loss(tp *autograd.Tape[float32], b train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	if !tp.Training {
		m.Add("odd", math.NaN(), 1)
	}
	return o.Objective.Loss(tp, b, m)
}

// TestResumeWithoutDescription: Describe is optional, and so is what it says on resumption.
func TestResumeWithoutDescription(t *testing.T) {
	dir := t.TempDir()
	tr := newTrainer(dir, 1)
	tr.Describe = nil
	run(t, tr)
	tr = newTrainer(dir, 2)
	tr.Describe = nil
	if err := tr.Resume(); err != nil {
		t.Fatal(err)
	}
	if r := run(t, tr); r.Epochs != 2 {
		t.Errorf("%d epochs, want 2", r.Epochs)
	}
}

// infinite is a loss that is infinite (kind 0), or finite with an infinite gradient (kind 1).
type infinite struct {
	p    *autograd.Var[float32]
	kind int
}

func (o infinite) Loss(tp *autograd.Tape[float32], b train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	zero := tp.Sum(tp.MulScalar(o.p, 0))
	if o.kind == 0 {
		return tp.AddScalar(zero, math.Inf(1))
	}
	// the derivative of the root at 0
	return tp.Sqrt(tp.Sum(tp.Sub(o.p, tp.Input(o.p.Value.Clone()))))
}

func TestEarlyStopping(t *testing.T) {
	tr := newTrainer("", 50)
	tr.Optimizer.SetLR(0)
	tr.Schedule, tr.EMA, tr.Patience = nil, 0, 2
	nn.Params(tr.Model)[2].SetRequiresGrad(false)
	tr.Objective = constant{}
	r := run(t, tr)
	if !r.StoppedEarly || r.Epochs != 3 || r.BestEpoch != 1 {
		t.Errorf("%+v, want an early stop after 3 epochs", r)
	}
}

type constant struct{}

func (constant) Loss(tp *autograd.Tape[float32], b train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	m.Add("accuracy", 1, 1)
	return tp.Input(tensor.Scalar[float32](1))
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	run(t, newTrainer(dir, 1))
	tr := newTrainer(dir, 1)
	tr.Describe = []byte(`{}`)
	if err := tr.Resume(); err == nil || !strings.Contains(err.Error(), "another configuration") {
		t.Errorf("resuming another run: %v", err)
	}
	other := nn.NewLinear[float32](tensor.NewKey(1, "test"), 3, 4, true)
	if err := train.Load(filepath.Join(dir, train.BestFile), nn.Params[float32](other), false); err == nil || !strings.Contains(err.Error(), `"weight"`) {
		t.Errorf("loading into another model: %v", err)
	}
	damaged := filepath.Join(dir, train.LastFile)
	if err := os.Truncate(damaged, 1000); err != nil {
		t.Fatal(err)
	}
	if err := newTrainer(dir, 1).Resume(); err == nil || !strings.Contains(err.Error(), train.LastFile) {
		t.Errorf("resuming from a damaged checkpoint: %v", err)
	}
}

// TestStepAllocatesNothing counts the allocations of the whole process, the loader's goroutine
// included, during the steps of an epoch.
func TestStepAllocatesNothing(t *testing.T) {
	old := tensor.Workers()
	tensor.SetWorkers(2)
	defer tensor.SetWorkers(old)
	tr := newTrainer("", 8)
	tr.StepLog, tr.Save = 0, 0
	var m runtime.MemStats
	least, before := uint64(math.MaxUint64), uint64(0)
	tr.OnStep = func(p train.Progress) {
		switch p.Batch {
		case 5:
			runtime.ReadMemStats(&m)
			before = m.Mallocs
		case p.Steps - 2:
			runtime.ReadMemStats(&m)
			least = min(least, m.Mallocs-before)
		}
	}
	run(t, tr)
	if least != 0 {
		t.Errorf("%d allocations in the steps of an epoch, at least", least)
	}
}
