package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/lab/jobs"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// Run is one trained network.
type Run struct {
	Arm        string  `json:"network"`
	Seed       uint64  `json:"seed"`
	Parameters int     `json:"parameters"` // that are trained
	Steps      int     `json:"steps"`
	Accuracy   float64 `json:"accuracy"` // on the test set, see recipe.Score
	Loss       float64 `json:"loss"`     // on the test set
	Valid      float64 `json:"valid_accuracy"`
	Seconds    float64 `json:"seconds"` // of training, with the other runs beside it

	Curve []Point `json:"-"`
	// Test has what a classifier says of every test image; nil for models that reconstruct.
	Test     *recipe.Predictions `json:"-"`
	Config   recipe.Config       `json:"-"`
	Recalled bool                `json:"-"` // made by an earlier call, whose result was read

	// Model has the parameters that were tested. It is kept for the first run of each arm. For the
	// others it is nil, and their memory is given back.
	Model nn.Module[float32] `json:"-"`
}

// Point is what is known after an epoch.
type Point struct {
	Epoch               int // from 1
	TrainLoss, TrainAcc float64
	ValidLoss, ValidAcc float64
}

// Run makes the runs, or what is left of them in Dir, and compares them. An error is a *SetupError,
// a *FolderError, that of ctx, or one of training or of the file system.
func (c Comparison) Run(ctx context.Context) (*Result, error) {
	start := time.Now()
	err := c.complete()
	var res *Result
	if err == nil {
		res, err = c.check(ctx)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &SetupError{err}
	}
	release, err := c.claimFolder(res)
	if err != nil {
		return nil, err
	}
	defer release()
	total := 0
	for _, steps := range res.Steps {
		total += steps * c.Seeds
	}
	if c.Hooks.Note != nil {
		for _, line := range res.Configs[0].Notes(res.Sets) {
			c.Hooks.Note(line)
		}
	}
	if c.Hooks.Start != nil {
		c.Hooks.Start(total, c.Jobs)
	}
	res.Runs = make([]Run, len(c.Arms)*c.Seeds)
	done := 0
	err = jobs.Run(ctx, len(res.Runs), c.Jobs, func(ctx context.Context, i int, locked func(func())) error {
		// First seeds come first, so that a comparison that is stopped has runs of every arm.
		arm, k := i%len(c.Arms), i/len(c.Arms)
		r := Run{Arm: c.Arms[arm].Name, Seed: c.Seed + uint64(k)}
		err := c.one(ctx, &c.Arms[arm], &r, progress{
			step: func() {
				if c.Hooks.Step != nil {
					locked(c.Hooks.Step)
				}
			},
			skip: func(steps int) {
				if c.Hooks.Skip != nil {
					locked(func() { c.Hooks.Skip(steps) })
				}
			},
			note: func(text string) {
				if c.Hooks.Note != nil {
					locked(func() { c.Hooks.Note(text) })
				}
			},
		})
		if err != nil {
			return fmt.Errorf("%s, seed %d: %w", r.Arm, r.Seed, err)
		}
		if k > 0 {
			r.Model = nil
		}
		locked(func() {
			res.Runs[arm*c.Seeds+k] = r
			done++
			if c.Hooks.Done != nil {
				c.Hooks.Done(r, done)
			}
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	res.compare()
	for _, part := range c.Parts {
		if err := part(ctx, res); err != nil {
			return nil, err
		}
	}
	res.Seconds = time.Since(start).Seconds()
	return res, nil
}

// progress is told what a run does.
type progress struct {
	step func()
	skip func(steps int)
	note func(text string)
}

// one makes a run, in its folder if the comparison has one.
func (c *Comparison) one(ctx context.Context, a *Arm, r *Run, p progress) error {
	config, sets, err := a.open(ctx, c.From, r.Seed)
	if err != nil {
		return err
	}
	r.Config = config
	if r.Model, err = zoo.Build[float32](config.Model); err != nil {
		return err
	}
	if c.Dir != "" {
		return c.kept(ctx, r, sets, p)
	}
	t, err := config.NewRun(r.Model, sets)
	if err != nil {
		return err
	}
	defer t.Close()
	t.OnEpoch = func(e train.Epoch) {
		r.Curve = append(r.Curve, Point{
			Epoch:     e.Number,
			TrainLoss: e.Train["loss"], TrainAcc: e.Train["accuracy"],
			ValidLoss: e.Valid["loss"], ValidAcc: e.Valid["accuracy"],
		})
	}
	if err := r.finish(ctx, t, sets, p); err != nil {
		return err
	}
	r.Valid = lastValid(r.Curve)
	return nil
}

// lastValid returns the accuracy on the validation part at the last epoch, 0 without one.
func lastValid(curve []Point) float64 {
	if len(curve) == 0 {
		return 0
	}
	return curve[len(curve)-1].ValidAcc
}

// finish trains what is left of a run and reads the test set, with the averaged parameters if there
// is an average.
func (r *Run) finish(ctx context.Context, t *recipe.Run, sets *recipe.Sets, p progress) error {
	t.OnStep = func(train.Progress) { p.step() }
	result, err := t.Run(ctx)
	if err != nil {
		if errors.Is(err, train.ErrStopped) && ctx.Err() != nil {
			err = ctx.Err()
		}
		return err
	}
	if err := keepAverage(t, r.Model); err != nil {
		return err
	}
	t.Rest()
	r.Parameters, r.Steps, r.Seconds = t.Parameters, result.Steps, result.Seconds
	return r.read(ctx, sets)
}

// keepAverage gives a model the values that are validated, for good.
func keepAverage(t *recipe.Run, model nn.Module[float32]) error {
	if t.EMA == 0 {
		return nil
	}
	params := nn.Params(model)
	values := make([]*tensor.Tensor[float32], len(params))
	err := t.Averaged(func() error {
		for i, p := range params {
			values[i] = p.Value.Clone()
		}
		return nil
	})
	for i, p := range params {
		tensor.Copy(p.Value, values[i])
	}
	return err
}

// read scores the model on the test set. A score that is not a number, which finite weights can
// give, is an error.
func (r *Run) read(ctx context.Context, sets *recipe.Sets) error {
	if err := r.score(ctx, sets); err != nil {
		return err
	}
	for name, v := range map[string]float64{"accuracy": r.Accuracy, "loss": r.Loss} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the %s on the test set is %v, expected a finite number", name, v)
		}
	}
	return nil
}

func (r *Run) score(ctx context.Context, sets *recipe.Sets) (err error) {
	if r.Config.Model.Task().HasClasses() {
		if r.Test, err = r.Config.Predict(ctx, r.Model, sets.Test); err == nil {
			r.Accuracy, r.Loss = r.Test.Accuracy(), r.Test.Loss
		}
		return err
	}
	score, err := r.Config.Score(ctx, r.Model, sets.Test)
	r.Accuracy, r.Loss = score.Accuracy, score.Loss
	return err
}
