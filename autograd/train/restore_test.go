package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/data/safetensors"
	"elegans/tensor"
)

// scripted is an objective whose validation accuracies are given, one an epoch; the loss is that of
// a parameter that moves towards 0.
type scripted struct {
	w        *autograd.Var[float32]
	accuracy []float64
	epochs   *int
}

func (o scripted) Loss(tp *autograd.Tape[float32], b train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	if !tp.Training {
		m.Add("accuracy", o.accuracy[*o.epochs], 1)
		*o.epochs++
	}
	return tp.Sum(tp.Mul(o.w, o.w))
}

// single is a model of one parameter.
type single struct{ W *autograd.Var[float32] }

func (s *single) Forward(*autograd.Tape[float32], *autograd.Var[float32]) *autograd.Var[float32] {
	return s.W
}

// newScripted returns a run of two steps an epoch whose validation accuracies are given.
func newScripted(t *testing.T, dir string, from int, accuracy ...float64) *train.Trainer[float32] {
	t.Helper()
	model := &single{autograd.NewParam("w", tensor.Full[float32](1, 3))}
	x := tensor.New[float32](4, 1)
	o := optim.SGDDefaults()
	o.LR, o.Momentum = .1, .5
	return &train.Trainer[float32]{
		Config: train.Config{Epochs: len(accuracy), Dir: dir},
		Model:  model, Objective: scripted{model.W, accuracy, &from}, Optimizer: optim.SGD(nn.Trainable[float32](model), o),
		Train: train.FromTensors(x, nil, nil, 2), Valid: train.FromTensors(x, nil, nil, 4),
	}
}

// stopAfter runs a trainer until an epoch is complete.
func stopAfter(t *testing.T, tr *train.Trainer[float32], epoch int) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	tr.OnEpoch = func(e train.Epoch) {
		if e.Number == epoch {
			stop()
		}
	}
	if _, err := tr.Run(ctx); !errors.Is(err, train.ErrStopped) {
		t.Fatalf("stopped after epoch %d: %v", epoch, err)
	}
}

// TestResumeRestoresTheCount: a run that is stopped and resumed has waited for a better value as
// long as one that is not.
func TestResumeRestoresTheCount(t *testing.T) {
	accuracy := []float64{.5, .4, .4, .4, .4, .4, .4}
	whole := newScripted(t, "", 0, accuracy...)
	whole.Patience = 3
	want := run(t, whole)
	if !want.StoppedEarly || want.Epochs != 4 || want.BestEpoch != 1 {
		t.Fatalf("%+v, expected an early stop after 4 epochs", want)
	}
	for _, at := range []int{1, 2, 3} {
		dir := t.TempDir()
		first := newScripted(t, dir, 0, accuracy...)
		first.Patience = 3
		stopAfter(t, first, at)
		second := newScripted(t, dir, at, accuracy...)
		second.Patience = 3
		if err := second.Resume(); err != nil {
			t.Fatal(err)
		}
		if got := run(t, second); got.Epochs != want.Epochs || !got.StoppedEarly || got.BestEpoch != 1 || got.BestValue != .5 {
			t.Errorf("resumed after epoch %d: %+v, uninterrupted %+v", at, got, want)
		}
	}
}

// TestResumeOfAStoppedRun: a run that stopped early is complete, and resuming it trains nothing.
func TestResumeOfAStoppedRun(t *testing.T) {
	accuracy := []float64{.5, .4, .4, .4, .4}
	dir := t.TempDir()
	first := newScripted(t, dir, 0, accuracy...)
	first.Patience = 1
	run(t, first)
	second := newScripted(t, dir, 2, accuracy...)
	second.Patience = 1
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	steps := 0
	second.OnStep = func(train.Progress) { steps++ }
	if got := run(t, second); steps != 0 || got.Epochs != 2 || !got.StoppedEarly {
		t.Errorf("%d steps after an early stop: %+v", steps, got)
	}
}

// TestResumeRestoresTheBest: an epoch that is worse than one before the stop is not the best.
func TestResumeRestoresTheBest(t *testing.T) {
	accuracy := []float64{.3, .9, .5, .6}
	dir := t.TempDir()
	stopAfter(t, newScripted(t, dir, 0, accuracy...), 2)
	second := newScripted(t, dir, 2, accuracy...)
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	var best []int
	second.OnEpoch = func(e train.Epoch) {
		if e.Best {
			best = append(best, e.Number)
		}
	}
	if got := run(t, second); got.BestEpoch != 2 || got.BestValue != .9 || len(best) > 0 {
		t.Errorf("best epoch %d of %v, epochs %v after the resume called the best", got.BestEpoch, got.BestValue, best)
	}
}

// TestResumeRestoresPlateau: a schedule with a state goes on where it was, in the middle of its
// patience as well as of its cooldown.
func TestResumeRestoresPlateau(t *testing.T) {
	accuracy := []float64{.5, .4, .4, .4, .4, .4, .4, .4}
	plateau := func() optim.Schedule {
		s, err := optim.NewSchedule("plateau", .1, []byte(`{"mode": "max", "patience": 1, "factor": 0.5, "cooldown": 2}`))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	rates := func(tr *train.Trainer[float32]) (lr []float64) {
		tr.Schedule = plateau()
		if train.HasRun(tr.Dir) && tr.Dir != "" {
			if err := tr.Resume(); err != nil {
				t.Fatal(err)
			}
		}
		tr.OnEpoch = func(e train.Epoch) { lr = append(lr, e.LR) }
		run(t, tr)
		return lr
	}
	want := rates(newScripted(t, "", 0, accuracy...))
	if len(slices.Compact(slices.Clone(want))) < 3 {
		t.Fatalf("learning rates %v, expected two reductions", want)
	}
	for at := 1; at < len(accuracy); at++ {
		dir := t.TempDir()
		first := newScripted(t, dir, 0, accuracy...)
		first.Schedule = plateau()
		stopAfter(t, first, at)
		if got := rates(newScripted(t, dir, at, accuracy...)); !slices.Equal(got, want[at:]) {
			t.Errorf("resumed after epoch %d: learning rates %v, uninterrupted %v", at, got, want[at:])
		}
	}
}

// TestResumeRestoresMomentum: a momentum that was set by hand is the optimiser's state.
func TestResumeRestoresMomentum(t *testing.T) {
	accuracy := []float64{.1, .2, .3, .4}
	last := func(tr *train.Trainer[float32]) []float32 { return nn.Params(tr.Model)[0].Value.Data() }
	whole := newScripted(t, "", 0, accuracy...)
	whole.Optimizer.SetMomentum(.9)
	run(t, whole)
	dir := t.TempDir()
	first := newScripted(t, dir, 0, accuracy...)
	first.Optimizer.SetMomentum(.9)
	stopAfter(t, first, 2)
	second := newScripted(t, dir, 2, accuracy...)
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	run(t, second)
	if !slices.Equal(last(second), last(whole)) {
		t.Errorf("the parameter is %v, uninterrupted %v", last(second), last(whole))
	}
}

// TestResumeRestoresTime: seconds and examples count over all sessions.
func TestResumeRestoresTime(t *testing.T) {
	dir := t.TempDir()
	var seconds float64
	first := newScripted(t, dir, 0, .1, .2, .3)
	first.OnStep = func(p train.Progress) { seconds = p.Seconds }
	stopAfter(t, first, 2)
	second := newScripted(t, dir, 2, .1, .2, .3)
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	var p train.Progress
	second.OnStep = func(now train.Progress) { p = now }
	res := run(t, second)
	if seconds <= 0 || p.Seconds <= seconds || res.Seconds != p.Seconds {
		t.Errorf("%v s before the stop, %v s at the last step, %v s in all", seconds, p.Seconds, res.Seconds)
	}
	if p.Seen != 3*4 || p.Step != 6 {
		t.Errorf("%d examples in %d steps, expected 12 in 6", p.Seen, p.Step)
	}
}

// TestLogDropsRowsAfterTheCheckpoint: what was written after the checkpoint is made again.
func TestLogDropsRowsAfterTheCheckpoint(t *testing.T) {
	dir := t.TempDir()
	stopAfter(t, newScripted(t, dir, 0, .1, .2, .3, .4), 2)
	path := filepath.Join(dir, "epochs.csv")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.SplitAfter(strings.TrimSpace(string(b)), "\n")
	_, rest, _ := strings.Cut(rows[2], ",")
	if err := os.WriteFile(path, []byte(string(b)+"3,"+rest+"\n4,"+rest+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	second := newScripted(t, dir, 2, .1, .2, .3, .4)
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	run(t, second)
	if b, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, row := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		n, _, _ := strings.Cut(row, ",")
		numbers = append(numbers, n)
	}
	if got := strings.Join(numbers, " "); got != "1 2 3 4" {
		t.Errorf("epochs.csv has the epochs %s, expected 1 2 3 4", got)
	}
}

// TestTensorsOfAnotherModel: a checkpoint with a tensor that the model has no place for is refused,
// and nothing is changed.
func TestTensorsOfAnotherModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.safetensors")
	arrays := map[string]safetensors.Array{
		"w":     safetensors.Of(tensor.Full[float32](2, 3)),
		"other": safetensors.Of(tensor.Full[float32](2, 3)),
	}
	if err := safetensors.Write(path, arrays, map[string]string{"config": "{}"}); err != nil {
		t.Fatal(err)
	}
	model := &single{autograd.NewParam("w", tensor.Full[float32](1, 3))}
	err := train.Load(path, nn.Params[float32](model), false)
	if err == nil || !strings.Contains(err.Error(), `"other"`) {
		t.Errorf("error %v, expected one that names the tensor", err)
	}
	if w := model.W.Value.Data(); w[0] != 1 {
		t.Errorf("the parameter became %v", w)
	}
}

// TestNewRunRemovesTheBest: a run without validation leaves no best parameters of the one before.
func TestNewRunRemovesTheBest(t *testing.T) {
	dir := t.TempDir()
	run(t, newScripted(t, dir, 0, .5))
	best := filepath.Join(dir, train.BestFile)
	if _, err := os.Stat(best); err != nil {
		t.Fatal(err)
	}
	second := newScripted(t, dir, 0, .5)
	second.Valid = nil
	run(t, second)
	if _, err := os.Stat(best); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s of the run before is still there: %v", train.BestFile, err)
	}
}

// TestMonitoredLoss: with the loss as the metric, less is better.
func TestMonitoredLoss(t *testing.T) {
	tr := newScripted(t, "", 0, .1, .1, .1)
	tr.Monitor = "loss"
	if got := run(t, tr); got.BestEpoch != 3 || math.IsNaN(got.BestValue) {
		t.Errorf("best epoch %d with the loss %v; it falls, so the last of 3 is the best", got.BestEpoch, got.BestValue)
	}
}
