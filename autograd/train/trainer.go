package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/tensor"
)

// ErrStopped is returned by Run when its context was cancelled; a checkpoint has then been saved.
var ErrStopped = errors.New("stopped before the end of training")

// Config says how long and how carefully to train. The zero value of a field switches it off,
// unless its comment says otherwise.
type Config struct {
	Epochs int    // passes over the training source
	Seed   uint64 // of everything random within steps (dropout)

	ClipNorm float64 // largest Euclidean norm of all gradients together
	// EMA is the decay of an exponential moving average of the parameters, which then is what is
	// validated and kept as best; 0 stands for none.
	EMA float64

	// Monitor is the metric of validation that decides what is best: "accuracy" if empty. Larger
	// is better, but "loss" is minimised.
	Monitor  string
	Patience int // epochs without a better value after which training stops

	Dir string // folder for logs and checkpoints; nothing is written if empty
	// Describe is the configuration of model and data as JSON, stored in config.json and in the
	// checkpoints; empty stands for {}.
	Describe []byte
	// Rewrite puts the configuration of a checkpoint, which a former program may have written, into
	// the form of Describe, before Resume compares them; nil leaves it as it is.
	Rewrite func(stored []byte) ([]byte, error)
	// Save is the time between checkpoints within an epoch. It is longer where saving takes more
	// than a thirtieth of it. Checkpoints are saved after every epoch in any case.
	Save    time.Duration
	StepLog int // a line of steps.csv every so many steps
}

// Trainer runs the loop. Set the exported fields, then call Run, or Resume and Run.
type Trainer[T tensor.Float] struct {
	Config
	Model     nn.Module[T]
	Objective Objective[T]
	Optimizer *optim.Optimizer[T]
	Schedule  optim.Schedule // of the learning rate, by step; nil keeps the optimiser's
	Train     Source[T]
	Valid     Source[T] // nil: no validation
	OnStep    func(Progress)
	OnEpoch   func(Epoch)

	params []nn.Named[T] // with buffers
	paths  map[*autograd.Var[T]]string
	tape   *autograd.Tape[T]
	ema    *optim.EMA[T]
	at     position
	// stepped says that this session has made a step, and without lists the parameters that had no
	// gradient after its first.
	stepped bool
	without []string
	logs    struct{ steps, epochs *csvLog }
}

// Progress is reported after every step.
type Progress struct {
	Epoch, Epochs int // the current one, from 1, of how many
	Batch, Steps  int // batches of the epoch that are done, of how many
	Step          int // steps done in all
	Loss, LR      float64
	Seen          int     // examples in all
	Seconds       float64 // spent training, over all sessions
}

// Epoch is reported after every epoch.
type Epoch struct {
	Number       int // from 1
	Train, Valid map[string]float64
	LR           float64
	Seconds      float64 // since the start of training, over all sessions
	Best         bool    // whether this epoch is the best so far
}

// Result is what a finished run amounts to.
type Result struct {
	Epochs, Steps int
	// Last is the last epoch that was run: the zero value if none was, as when a finished run is
	// resumed.
	Last         Epoch
	BestEpoch    int // from 1; 0 without validation
	BestValue    float64
	StoppedEarly bool
	Seconds      float64
}

// better reports whether value a of the monitored metric beats b.
func (c *Config) better(a, b float64) bool {
	if c.Monitor == "loss" {
		return a < b
	}
	return a > b
}

func (c *Config) monitor() string {
	if c.Monitor == "" {
		return "accuracy"
	}
	return c.Monitor
}

// prepare makes what Run and Resume need. The names of the parameters are settled here.
func (t *Trainer[T]) prepare() error {
	if t.tape != nil {
		return nil
	}
	if len(t.Describe) == 0 {
		t.Describe = []byte("{}")
	}
	params, err := nn.Walk[T](t.Model)
	if err != nil {
		return err
	}
	t.params, t.paths = params, nn.Paths(params)
	if t.Optimizer != nil { // there is none where models are only evaluated
		if err := t.checkReached(t.Optimizer.Params(), "is updated by the optimiser"); err != nil {
			return err
		}
	}
	t.tape = autograd.NewTape[T]()
	if t.EMA > 0 {
		t.ema = optim.NewEMA(nn.Vars(params), t.EMA)
	}
	return nil
}

// checkReached returns an error if one of the parameters is to be trained but does not belong to
// the model, so that no checkpoint would hold it.
func (t *Trainer[T]) checkReached(params []*autograd.Var[T], what string) error {
	for _, p := range params {
		if _, reached := t.paths[p]; reached || !p.RequiresGrad() {
			continue
		}
		label := ""
		if p.Label != "" {
			label = fmt.Sprintf(" (%q)", p.Label)
		}
		return fmt.Errorf("a parameter%s of shape %v %s but is not reached from the model's fields: see nn.Walk", label, p.Shape(), what)
	}
	return nil
}

// Run trains until the configured number of epochs is reached, early stopping strikes, the context
// is cancelled or something fails.
func (t *Trainer[T]) Run(ctx context.Context) (res Result, err error) {
	if err := t.prepare(); err != nil {
		return res, err
	}
	if err := t.begin(); err != nil {
		return res, err
	}
	if err := t.openLogs(); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, t.closeLogs()) }()
	if t.Dir != "" && t.at.Step == 0 {
		if err := t.save(); err != nil {
			return res, err
		}
	}
	var last Epoch
	for t.at.Epochs < t.Epochs && !t.at.Stopped {
		if err := t.epoch(ctx); err != nil {
			return res, err
		}
		if last, err = t.finishEpoch(ctx); err != nil {
			return res, err
		}
	}
	res = Result{Epochs: t.at.Epochs, Steps: t.at.Step, Last: last, StoppedEarly: t.at.Stopped, Seconds: t.at.Seconds}
	if t.at.Best != nil {
		res.BestEpoch, res.BestValue = t.at.Best.Epoch, t.at.Best.Value
	}
	return res, nil
}

// epochNumber returns the number of the current epoch, from 1.
func (t *Trainer[T]) epochNumber() int { return t.at.Epochs + 1 }

// epoch runs the rest of the current epoch.
func (t *Trainer[T]) epoch(ctx context.Context) error {
	steps := t.Train.Steps()
	t.Train.Start(t.at.Epochs, t.at.Batch)
	t.at.noteKernels()
	saved, cost := time.Now(), time.Duration(0)
	for t.at.Batch < steps {
		if ctx.Err() != nil {
			return t.stop()
		}
		b, ok := t.Train.Next()
		if !ok {
			return fmt.Errorf("the training data of epoch %d ended after %d batches, expected %d", t.epochNumber(), t.at.Batch, steps)
		}
		start := time.Now()
		loss, err := t.step(b)
		if err != nil {
			return err
		}
		t.at.Batch++
		t.at.Step++
		t.at.Seen += b.Len()
		t.at.Seconds += time.Since(start).Seconds()
		if t.StepLog > 0 && t.at.Step%t.StepLog == 0 && t.logs.steps != nil {
			if err := t.logs.steps.write(stepHeader, t.at.Step, float64(t.epochNumber()), loss, t.Optimizer.LR()); err != nil {
				return err
			}
		}
		if t.OnStep != nil {
			t.OnStep(Progress{t.epochNumber(), t.Epochs, t.at.Batch, steps, t.at.Step, loss, t.Optimizer.LR(), t.at.Seen, t.at.Seconds})
		}
		if t.Save > 0 && time.Since(saved) >= max(t.Save, 30*cost) {
			begin := time.Now()
			if err := t.save(); err != nil {
				return err
			}
			saved = time.Now()
			cost = saved.Sub(begin)
		}
	}
	return nil
}

// stop saves a checkpoint and returns ErrStopped, or why there is none.
func (t *Trainer[T]) stop() error {
	if err := t.save(); err != nil {
		return fmt.Errorf("stopped, and no checkpoint was saved: %w", err)
	}
	return ErrStopped
}

var stepHeader = []string{"step", "epoch", "loss", "lr"}

// step trains on one batch and returns its loss, to which the model's own (Tape.AddLoss) are not
// counted: validation has none.
func (t *Trainer[T]) step(b Batch[T]) (float64, error) {
	if t.Schedule != nil {
		optim.Apply(t.Optimizer, t.Schedule, t.at.Step)
	}
	t.tape.Reset()
	t.tape.SetKey(tensor.NewKey(t.Seed, "step", uint64(t.at.Step)))
	t.Optimizer.ZeroGrad()
	loss := t.Objective.Loss(t.tape, b, &t.at.Sums)
	value := float64(loss.Value.Item())
	if err := checkLosses(t.epochNumber(), t.at.Step+1, value, t.tape.AddedLosses(), t.params); err != nil {
		return value, err
	}
	t.at.Sums.Add("loss", value*float64(b.Len()), float64(b.Len()))
	for i, a := range t.tape.AddedLosses() {
		weight := 0.0 // of the batch, once
		if i == 0 {
			weight = float64(b.Len())
		}
		t.at.Sums.Add("added_loss", float64(a.Var.Value.Item())*float64(b.Len()), weight)
	}
	t.tape.Backward(t.tape.WithAddedLosses(loss))
	if !t.stepped {
		if err := t.inspectFirst(); err != nil {
			return value, err
		}
	}
	if err := checkGradients(t.epochNumber(), t.at.Step+1, t.params); err != nil {
		return value, err
	}
	if t.ClipNorm > 0 {
		optim.ClipNorm(t.Optimizer.Params(), t.ClipNorm, 2)
	}
	t.Optimizer.Step()
	if err := checkParameters(t.epochNumber(), t.at.Step+1, t.params); err != nil {
		return value, err
	}
	if t.ema != nil {
		t.ema.Update()
	}
	return value, nil
}

// inspectFirst looks at what the first step of a session took part in.
func (t *Trainer[T]) inspectFirst() error {
	t.stepped = true
	reached := slices.DeleteFunc(t.tape.Params(), func(p *autograd.Var[T]) bool { return p.Grad() == nil })
	if err := t.checkReached(reached, "takes part in the loss"); err != nil {
		return err
	}
	for _, p := range t.params {
		if p.RequiresGrad() && p.Grad() == nil {
			t.without = append(t.without, p.Path)
		}
	}
	return nil
}

// WithoutGradient returns the paths of the parameters that are trainable but received no gradient
// in the first step of this session. That is no error: a published model may have many.
func (t *Trainer[T]) WithoutGradient() []string { return slices.Clone(t.without) }

// finishEpoch validates, logs, keeps the best and saves. When ctx ends during the validation, the
// checkpoint stands before it, and the next session validates.
func (t *Trainer[T]) finishEpoch(ctx context.Context) (Epoch, error) {
	e := Epoch{Number: t.epochNumber(), Train: t.at.Sums.means(), LR: t.Optimizer.LR(), Seconds: t.at.Seconds}
	row := epochRow{header: []string{"epoch"}}
	row.add("train_", &t.at.Sums, e.Train)
	if t.Valid != nil {
		m, err := t.Evaluate(untilDone[T]{t.Valid, ctx})
		if ctx.Err() != nil {
			return e, t.stop()
		}
		if err != nil {
			return e, err
		}
		e.Valid = m.means()
		row.add("valid_", &m, e.Valid)
		if err := t.judge(&e, m.Names); err != nil {
			return e, err
		}
	}
	row.header, row.values = append(row.header, "lr"), append(row.values, e.LR)
	if t.logs.epochs != nil {
		if err := t.logs.epochs.write(row.header, e.Number, row.values...); err != nil {
			return e, err
		}
	}
	if e.Best {
		if err := t.saveBest(); err != nil {
			return e, err
		}
	}
	t.at.Epochs++
	t.at.Batch = 0
	t.at.Sums.Reset()
	if err := t.save(); err != nil {
		return e, err
	}
	if t.OnEpoch != nil {
		t.OnEpoch(e)
	}
	return e, nil
}

// epochRow is a row of epochs.csv without its number.
type epochRow struct {
	header []string // "epoch" first
	values []float64
}

func (r *epochRow) add(prefix string, m *Metrics, means map[string]float64) {
	for _, n := range m.Names {
		r.header, r.values = append(r.header, prefix+n), append(r.values, means[n])
	}
}

// judge compares a validated epoch with the best so far, and tells early stopping and a schedule
// that waits for a plateau.
func (t *Trainer[T]) judge(e *Epoch, names []string) error {
	value, ok := e.Valid[t.monitor()]
	if !ok {
		return fmt.Errorf("no metric %q to monitor, found %v", t.monitor(), names)
	}
	for _, n := range []string{t.monitor(), "loss"} {
		// an accuracy can be finite where nothing else is
		if v := e.Valid[n]; !isFinite(v) {
			return &NonFiniteError{Epoch: e.Number, Step: t.at.Step, What: "validation " + n, Value: v}
		}
	}
	if t.at.Best == nil || t.better(value, t.at.Best.Value) {
		t.at.Best, t.at.Stale, e.Best = &best{e.Number, value}, 0, true
	} else {
		t.at.Stale++
	}
	t.at.Stopped = t.Patience > 0 && t.at.Stale >= t.Patience
	if p, ok := t.Schedule.(*optim.Plateau); ok {
		p.Report(value)
	}
	return nil
}

// Evaluate runs the objective over a source without training, on the averaged parameters if there
// is an average, and returns the metrics, "loss" among them.
func (t *Trainer[T]) Evaluate(s Source[T]) (Metrics, error) {
	var m Metrics
	err := t.Averaged(func() (err error) {
		t.tape.SetNoGrad(true) // on the tape of training, whose memory it finds free
		t.tape.Training = false
		defer func() {
			t.tape.SetNoGrad(false)
			t.tape.Training = true
		}()
		m, err = Evaluate(t.tape, t.Objective, s)
		return err
	})
	return m, err
}

// Averaged calls f while the parameters have the values that are validated: the averaged ones, if
// there is an average.
func (t *Trainer[T]) Averaged(f func() error) error {
	if err := t.prepare(); err != nil {
		return err
	}
	if t.ema != nil {
		t.ema.Swap()
		defer t.ema.Swap()
	}
	return f()
}

// Evaluate runs an objective over the first epoch of a source on a tape that does not record, and
// returns the metrics, "loss" among them.
func Evaluate[T tensor.Float](tp *autograd.Tape[T], o Objective[T], s Source[T]) (Metrics, error) {
	var m Metrics
	s.Start(0, 0)
	for range s.Steps() {
		b, ok := s.Next()
		if !ok {
			return m, fmt.Errorf("the data ended before %d batches", s.Steps())
		}
		tp.Reset()
		loss := o.Loss(tp, b, &m)
		m.Add("loss", float64(loss.Value.Item())*float64(b.Len()), float64(b.Len()))
	}
	return m, nil
}

// untilDone is a source that ends when its context does.
type untilDone[T tensor.Float] struct {
	Source[T]
	ctx context.Context
}

// Next implements Source.
func (s untilDone[T]) Next() (Batch[T], bool) {
	if s.ctx.Err() != nil {
		return Batch[T]{}, false
	}
	return s.Source.Next()
}

// StepsDone returns the number of steps that have been made, over all sessions.
func (t *Trainer[T]) StepsDone() int { return t.at.Step }

func (t *Trainer[T]) openLogs() (err error) {
	if t.Dir == "" {
		return nil
	}
	if t.logs.epochs, err = openLog(filepath.Join(t.Dir, EpochsFile), t.at.Epochs, renumberEpochs); err != nil {
		return err
	}
	if t.StepLog > 0 {
		t.logs.steps, err = openLog(filepath.Join(t.Dir, stepsFile), t.at.Step, renumberSteps(t.Train.Steps()))
	}
	return err
}

func (t *Trainer[T]) closeLogs() error {
	var errs []error
	for _, l := range []*csvLog{t.logs.epochs, t.logs.steps} {
		if l != nil {
			errs = append(errs, l.close())
		}
	}
	t.logs.epochs, t.logs.steps = nil, nil
	return errors.Join(errs...)
}
