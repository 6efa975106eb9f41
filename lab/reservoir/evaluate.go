package reservoir

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"time"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/lab/jobs"
	"elegans/lab/stats"
	"elegans/tensor"
)

// Run is one network on the problem of one seed.
type Run struct {
	// Seed of the weights and of the problem.
	Seed uint64 `json:"seed"`
	// Neurons of all layers, and features that the readout sees.
	Neurons  int `json:"neurons"`
	Features int `json:"features"`
	// Penalty of a ridge readout, chosen on the validation part.
	Penalty  *float64   `json:"penalty,omitempty"`
	Valid    task.Score `json:"validate"`
	Test     task.Score `json:"test"`
	Baseline Baseline   `json:"baseline"`
	// Network is the file that keeps it, in the folder of the result.
	Network string `json:"network,omitempty"`
	// Shown is a piece of the test part, of the first run alone.
	Shown *Shown `json:"-"`
	// Data is the SHA-256 of all numbers of the problem.
	Data    string  `json:"data_sha256"`
	Seconds float64 `json:"seconds"` // of everything, beside the other runs
}

// Result is what a recipe reaches on a task.
type Result struct {
	Task   *task.Task `json:"task"`
	Recipe Recipe     `json:"recipe"`
	Runs   []Run      `json:"runs"` // by seed
	// Means over the runs with Student's intervals.
	Valid    stats.Estimate `json:"validate"`
	Test     stats.Estimate `json:"test"`
	Baseline stats.Estimate `json:"baseline"`
	Seconds  float64        `json:"seconds"`
	// Notes say what the reader should know of the data and the choice.
	Notes []string `json:"notes,omitempty"`
}

// Options of Evaluate.
type Options struct {
	// Path is the file of a task that reads one.
	Path string
	// Seeds is the number of runs; 0 stands for 10. The first has the seed of the recipe.
	Seeds int
	// Dir is a folder that is there, in which each run keeps its network and what it reached; a
	// call that was stopped goes on when it is made again. Empty keeps nothing.
	Dir string
	// Jobs is how many runs are made at a time; 0 stands for the number of workers.
	Jobs int
	// Show keeps Run.Shown of the first run.
	Show bool
	// NoBaseline leaves out what stands beside the networks.
	NoBaseline bool
	// Kept is called once with the number of runs that the folder has already, Done after each
	// further one, both by one goroutine at a time.
	Kept func(runs int)
	Done func(r Run, finished int)
}

// Evaluate trains a recipe on a task, once for each seed.
func Evaluate(ctx context.Context, r Recipe, t *task.Task, o Options) (*Result, error) {
	if o.Seeds == 0 {
		o.Seeds = 10
	}
	if o.Seeds < 0 {
		return nil, fmt.Errorf("%d seeds, expected at least 1", o.Seeds)
	}
	if o.Jobs == 0 {
		o.Jobs = tensor.Workers()
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	ledger, done, err := openRuns(r, t, &o)
	if err != nil {
		return nil, err
	}
	var missing []int
	for i, d := range done {
		if d == nil {
			missing = append(missing, i)
		}
	}
	finished := o.Seeds - len(missing)
	if o.Kept != nil {
		o.Kept(finished)
	}
	err = jobs.Run(ctx, len(missing), o.Jobs, func(ctx context.Context, j int, locked func(func())) error {
		i := missing[j]
		run, notes, err := evaluate(ctx, r, t, &o, r.Reservoir.Seed+uint64(i))
		if err != nil {
			return fmt.Errorf("seed %d: %w", r.Reservoir.Seed+uint64(i), err)
		}
		locked(func() {
			done[i] = &doneRun{run, run.Shown, notes}
			if ledger != nil {
				if err = ledger.Add(done[i]); err != nil {
					return
				}
			}
			finished++
			if o.Done != nil {
				o.Done(run, finished)
			}
		})
		return err
	})
	if ledger != nil {
		err = cmp.Or(err, ledger.Close())
	}
	if err != nil {
		return nil, err
	}
	res := &Result{Task: t, Recipe: r, Runs: make([]Run, o.Seeds), Notes: done[0].Notes}
	for i, d := range done {
		res.Runs[i] = d.Run
		res.Runs[i].Shown = d.Shown
	}
	var valid, test, baseline []float64
	for _, run := range res.Runs {
		valid, test, baseline = append(valid, run.Valid.Value), append(test, run.Test.Value), append(baseline, run.Baseline.Score.Value)
	}
	res.Valid, res.Test, res.Baseline = stats.NewEstimate(valid), stats.NewEstimate(test), stats.NewEstimate(baseline)
	res.Notes = append(res.Notes, res.edge()...)
	res.Seconds = time.Since(began).Seconds()
	return res, nil
}

// edge says that the best penalty may lie outside those that were tried.
func (res *Result) edge() []string {
	readout, err := esn.DecodeReadout(res.Recipe.Readout)
	if err != nil || res.Runs[0].Penalty == nil {
		return nil
	}
	penalties := res.Recipe.penalties(*penaltyOf(readout))
	if len(penalties) < 2 {
		return nil
	}
	least, most := penalties[0], penalties[0]
	for _, p := range penalties {
		least, most = min(least, p), max(most, p)
	}
	low, high := 0, 0
	for _, r := range res.Runs {
		if *r.Penalty == least && least > 0 {
			low++
		}
		if *r.Penalty == most {
			high++
		}
	}
	note := func(n int, which string, p float64) []string {
		if 2*n <= len(res.Runs) {
			return nil
		}
		return []string{fmt.Sprintf("%d of %d runs chose the %s penalty, %.3g: a still %s one may be better",
			n, len(res.Runs), which+"est", p, which+"er")}
	}
	return append(note(low, "small", least), note(high, "larg", most)...)
}

// evaluate is one run.
func evaluate(ctx context.Context, r Recipe, t *task.Task, o *Options, seed uint64) (Run, []string, error) {
	began := time.Now()
	p, err := t.Make(task.Options{Seed: seed, Path: o.Path})
	if err != nil {
		return Run{}, nil, err
	}
	if err := ctx.Err(); err != nil {
		return Run{}, nil, err
	}
	run := Run{Seed: seed, Data: sum(&p)}
	show := o.Show && seed == r.Reservoir.Seed
	r.Reservoir.Seed, r.Reservoir.Washout = seed, p.Washout
	if t.Kind == task.Classification && r.Reservoir.ReadoutTimes == 0 {
		return Run{}, nil, fmt.Errorf("task %s classifies whole sequences, expected readout_times of at least 1", t.Name)
	}
	if r.Precision == Float32 {
		err = train[float32](&run, r, &p, o.Dir, show)
	} else {
		err = train[float64](&run, r, &p, o.Dir, show)
	}
	if errors.Is(err, esn.ErrNotFinite) {
		return run, nil, &DivergedError{seed, t.Metric}
	}
	if err != nil {
		return run, nil, err
	}
	if !o.NoBaseline {
		if run.Baseline, err = baseline(&p, run.Features); err != nil {
			return run, nil, err
		}
	}
	for _, s := range []task.Score{run.Valid, run.Test} {
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			return run, nil, &DivergedError{seed, s.Metric}
		}
	}
	run.Seconds = time.Since(began).Seconds()
	return run, p.Notes, nil
}

// DivergedError says that the outputs of a network have no finite score.
type DivergedError struct {
	Seed   uint64
	Metric task.Metric
}

// Error implements error.
func (e *DivergedError) Error() string {
	return fmt.Sprintf("the %s is not a finite number: the states or the outputs of the network of seed %d grow without bound", e.Metric, e.Seed)
}

// fitError says why a readout could not be fitted, as to states that have grown without bound.
type fitError struct{ err error }

func (e *fitError) Error() string { return e.err.Error() }
func (e *fitError) Unwrap() error { return e.err }

// fit fits a network, with the penalty that the validation part chooses.
func fit[T tensor.Float](run *Run, r Recipe, p *task.Problem) (*esn.Network[T], error) {
	readout, err := esn.DecodeReadout(r.Readout)
	if err != nil {
		return nil, err
	}
	n, err := esn.NewNetwork[T](r.Reservoir, p.Train[0].Input.Dim(1), p.Train[0].Target.Dim(1), readout)
	if err != nil {
		return nil, err
	}
	run.Neurons, run.Features = n.Reservoir().Size(), n.Features()
	if err := n.Fit(p.Train); err != nil {
		return nil, &fitError{err}
	}
	penalty := penaltyOf(readout)
	if penalty == nil {
		run.Valid, err = task.Evaluate(p, n, p.Validate)
		return n, err
	}
	predict, err := predictor(n, p, p.Validate)
	if err != nil {
		return nil, err
	}
	if run.Valid, err = choosePenalty(readout, penalty, p, r.penalties(*penalty), predict); err != nil {
		return nil, &fitError{err}
	}
	chosen := *penalty
	run.Penalty = &chosen
	return n, nil
}

// train fits a network, scores it and keeps it.
func train[T tensor.Float](run *Run, r Recipe, p *task.Problem, dir string, show bool) error {
	n, err := fit[T](run, r, p)
	if err != nil {
		return err
	}
	if p.Refit {
		if err := n.FitMore(p.Validate); err != nil {
			return err
		}
	}
	if run.Test, err = task.Evaluate(p, n, p.Test); err != nil {
		return err
	}
	if show {
		if run.Shown, err = shown(n, p); err != nil {
			return err
		}
	}
	if dir == "" {
		return nil
	}
	run.Network = networkFile(run.Seed)
	return keepNetwork(n, p, filepath.Join(dir, run.Network))
}

// predictor returns a function that predicts a part with the weights that the readout has then.
// Without feedback and closed loops, states do not depend on them and are computed once.
func predictor[T tensor.Float](n *esn.Network[T], p *task.Problem, part []esn.Sequence) (func() ([]*tensor.Tensor[float64], error), error) {
	if p.Task.Kind == task.Generation || n.Config().FeedbackScale > 0 {
		return func() ([]*tensor.Tensor[float64], error) { return task.PredictAll(p, n, part) }, nil
	}
	inputs := make([]*tensor.Tensor[float64], len(part))
	for i, s := range part {
		inputs[i] = s.Input
	}
	features, err := n.SeenAll(inputs)
	if err != nil {
		return nil, err
	}
	return ofFeatures(n.Readout(), n.Outputs(), features), nil
}

// ofFeatures returns a function that predicts from features with the weights that the readout has
// then.
func ofFeatures(r esn.Readout, outputs int, features []*tensor.Tensor[float64]) func() ([]*tensor.Tensor[float64], error) {
	return func() ([]*tensor.Tensor[float64], error) {
		var all []*tensor.Tensor[float64]
		for _, x := range features {
			y := tensor.New[float64](x.Dim(0), outputs)
			r.Predict(y, x)
			all = append(all, y)
		}
		return all, nil
	}
}

// penaltyOf returns the option "penalty" of a readout, or nil.
func penaltyOf(r esn.Readout) *float64 {
	v := reflect.ValueOf(r).Elem()
	for f := range fields(v.Type()) {
		if p, ok := v.FieldByIndex(f.Index).Addr().Interface().(*float64); ok && tag(f) == "penalty" {
			return p
		}
	}
	return nil
}

// choosePenalty leaves the readout with the penalty whose predictions of the validation part are
// best, and returns their score. Of several that are as good, as those of a classification often
// are, it is the one in the middle, which is farthest from where the score falls.
func choosePenalty(
	r esn.Readout, penalty *float64, p *task.Problem, penalties []float64, predict func() ([]*tensor.Tensor[float64], error),
) (best task.Score, err error) {
	type tried struct {
		number int
		score  task.Score
	}
	var equals []tried
	for i, v := range penalties {
		*penalty = v
		if err := r.Solve(); err != nil {
			return best, err
		}
		y, err := predict()
		if err != nil {
			return best, err
		}
		s, err := p.Score(p.Validate, y)
		if err != nil {
			return best, err
		}
		switch {
		case len(equals) == 0 || better(s, equals[0].score):
			equals = []tried{{i, s}}
		case !better(equals[0].score, s):
			equals = append(equals, tried{i, s})
		}
	}
	chosen := equals[len(equals)/2]
	if *penalty = penalties[chosen.number]; chosen.number < len(penalties)-1 {
		err = r.Solve()
	}
	return chosen.score, err
}

// better reports whether a score is better than another; NaN is the worst.
func better(a, b task.Score) bool {
	if math.IsNaN(b.Value) {
		return !math.IsNaN(a.Value)
	}
	if a.Metric.HigherIsBetter() {
		return a.Value > b.Value
	}
	return a.Value < b.Value
}

// sum returns the SHA-256 of the shapes and numbers of a problem, in hexadecimal digits.
func sum(p *task.Problem) string {
	h := sha256.New()
	var buf []byte
	for _, part := range [][]esn.Sequence{p.Train, p.Validate, p.Test} {
		for _, s := range part {
			for _, x := range []*tensor.Tensor[float64]{s.Input, s.Target} {
				buf = binary.LittleEndian.AppendUint64(buf[:0], uint64(x.Dim(0)))
				buf = binary.LittleEndian.AppendUint64(buf, uint64(x.Dim(1)))
				for _, v := range x.Contiguous().Data() {
					buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
				}
				h.Write(buf)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
