package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// Run is one trained network.
type Run struct {
	Network    string  `json:"network"`
	Seed       uint64  `json:"seed"`
	Parameters int     `json:"parameters"`
	Steps      int     `json:"steps"`
	Accuracy   float64 `json:"accuracy"` // on the test set
	Loss       float64 `json:"loss"`     // on the test set
	Valid      float64 `json:"valid_accuracy"`
	Seconds    float64 `json:"seconds"` // of training, with the other runs beside it

	Curve []Point             `json:"-"`
	Test  *recipe.Predictions `json:"-"`

	config recipe.Config
	model  nn.Module[float32]
}

// Point is what is known after an epoch.
type Point struct {
	Epoch               int // from 1
	TrainLoss, TrainAcc float64
	ValidLoss, ValidAcc float64
}

// Result is what the main job finds.
type Result struct {
	Options     Options
	Networks    []Network
	Runs        []Run // by network, then seed
	Comparisons []Comparison
	Images      struct{ Train, Valid, Test int }
	StepsPerRun int
	Seconds     float64
	Sets        *recipe.Sets

	claim  string // first words of the finding, with a place for the percentage
	Digits int    // decimals of a percentage that are worth printing
	// of every neuron of the first worm: mean size of its state after the last round, over the test
	// images
	Activation []float64
}

// Hooks tell a caller about the progress; they are called from several goroutines, one at a time.
type Hooks struct {
	Start func(steps int)    // before the first run: steps of all runs together
	Step  func()             // after each step
	Skip  func(steps int)    // instead of that, for steps that were made before
	Done  func(r Run, n int) // after each run, with the number of runs done
}

// Check returns what is wrong with the sizes of the networks.
func (o *Options) Check() error {
	for _, n := range Networks() {
		c, err := o.config(n.Name, o.Seed)
		if err == nil {
			_, err = zoo.Build[float32](c.Model)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n.Title, err)
		}
	}
	return nil
}

// digitsClaim begins the finding of the main job.
const digitsClaim = "The worm reads %s %% of the test digits"

// Do runs the main job.
func Do(ctx context.Context, o Options, hooks Hooks) (*Result, error) {
	start := time.Now()
	res := &Result{Options: o, Networks: Networks(), Digits: 2, claim: digitsClaim}
	var plans []recipe.Config
	for _, n := range res.Networks {
		for i := range o.Seeds {
			seed := o.Seed + uint64(i)
			c, err := o.config(n.Name, seed)
			if err != nil {
				return nil, err
			}
			plans = append(plans, c)
			res.Runs = append(res.Runs, Run{Network: n.Name, Seed: seed})
		}
	}
	first := plans[0]
	sets, err := first.Open(ctx, recipe.Source{})
	if err != nil {
		return nil, err
	}
	res.Sets = sets
	res.Images.Train, res.Images.Valid, res.Images.Test = sets.Train.Len(), sets.Valid.Len(), sets.Test.Len()
	res.StepsPerRun = o.Epochs * (sets.Train.Len() / min(o.Batch, sets.Train.Len()))
	if hooks.Start != nil {
		hooks.Start(res.StepsPerRun * len(plans))
	}

	done := 0
	err = sideBySide(ctx, len(plans), o.Jobs, func(ctx context.Context, i int, locked func(func())) error {
		r, err := one(ctx, plans[i], sets, func() {
			if hooks.Step != nil {
				locked(hooks.Step)
			}
		})
		if err != nil {
			return fmt.Errorf("%s, seed %d: %w", res.Runs[i].Network, res.Runs[i].Seed, err)
		}
		locked(func() {
			r.Network, r.Seed = res.Runs[i].Network, res.Runs[i].Seed
			res.Runs[i] = r
			done++
			if hooks.Done != nil {
				hooks.Done(r, done)
			}
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if res.Activation, err = activation(&res.Runs[0], sets); err != nil {
		return nil, err
	}
	res.compare()
	res.Seconds = time.Since(start).Seconds()
	return res, nil
}

// compare tests the first network against each of the others.
func (res *Result) compare() {
	worm := res.accuracies(res.Networks[0].Name)
	for _, n := range res.Networks[1:] {
		c := welch(worm, res.accuracies(n.Name))
		c.Control = n.Name
		res.Comparisons = append(res.Comparisons, c)
	}
	holm(res.Comparisons)
}

// one trains a network and reads the test set.
func one(ctx context.Context, c recipe.Config, shared *recipe.Sets, step func()) (Run, error) {
	sets, err := c.Open(ctx, recipe.Source{})
	if err != nil {
		return Run{}, err
	}
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		return Run{}, err
	}
	t, err := c.NewRun(model, sets)
	if err != nil {
		return Run{}, err
	}
	defer t.Close()
	r := Run{Parameters: t.Parameters, config: c, model: model}
	t.OnStep = func(train.Progress) { step() }
	t.OnEpoch = func(e train.Epoch) {
		r.Curve = append(r.Curve, Point{e.Number + 1, e.Train["loss"], e.Train["accuracy"], e.Valid["loss"], e.Valid["accuracy"]})
	}
	res, err := t.Run(ctx)
	if err != nil {
		if errors.Is(err, train.ErrStopped) {
			err = ctx.Err()
		}
		return r, err
	}
	r.Steps, r.Seconds, r.Valid = res.Steps, res.Seconds, res.Last.Valid["accuracy"]
	if r.Test, err = c.Predict(model, shared.Test); err != nil {
		return r, err
	}
	r.Accuracy, r.Loss = r.Test.Accuracy(), r.Test.Loss
	return r, nil
}

// Of returns the runs of a network.
func (res *Result) Of(network string) []Run {
	return slices.DeleteFunc(slices.Clone(res.Runs), func(r Run) bool { return r.Network != network })
}

func (res *Result) accuracies(network string) []float64 {
	var x []float64
	for _, r := range res.Of(network) {
		x = append(x, r.Accuracy)
	}
	return x
}

// Accuracy returns the estimate of a network's accuracy.
func (res *Result) Accuracy(network string) Estimate { return NewEstimate(res.accuracies(network)) }

// SaveWorm writes the checkpoint of the first worm.
func (res *Result) SaveWorm(path string) error {
	r := &res.Runs[0]
	return train.Save(path, nn.Params(r.model), r.config.JSON())
}

// StepsPerEpoch returns the number of optimiser steps of an epoch.
func (res *Result) StepsPerEpoch() int { return res.StepsPerRun / res.Options.Epochs }
