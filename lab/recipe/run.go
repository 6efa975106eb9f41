package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/data"
	"elegans/internal/memory"
	"elegans/tensor"
)

// prepare returns the augmentations that every image passes, in training and evaluation.
func (c *Config) prepare() (list []data.Augment) {
	if c.Data.Binarize > 0 {
		list = append(list, data.Binarize{Threshold: float32(c.Data.Binarize)})
	}
	if c.Data.Normalize {
		list = append(list, data.Normalize{Mean: c.Data.Mean, Std: c.Data.Std})
	}
	return list
}

// FirstBatch returns the first batch of a set in a shuffled order, as training would see it but
// without augmentation; it has all images if there are fewer.
func FirstBatch[T tensor.Float](c *Config, d *data.Dataset, size int, seed uint64) (train.Batch[T], error) {
	return firstBatch[T](c, d, data.LoaderConfig{BatchSize: size, Seed: seed, Shuffle: true})
}

// InOrder is FirstBatch without the shuffling.
func InOrder[T tensor.Float](c *Config, d *data.Dataset, size int) (train.Batch[T], error) {
	return firstBatch[T](c, d, data.LoaderConfig{BatchSize: size})
}

func firstBatch[T tensor.Float](c *Config, d *data.Dataset, o data.LoaderConfig) (train.Batch[T], error) {
	if d.Len() == 0 {
		return train.Batch[T]{}, fmt.Errorf("data set %s: no images", d.Name())
	}
	o.BatchSize, o.Prefetch, o.Augment = min(o.BatchSize, d.Len()), 1, c.prepare()
	l := data.NewLoader(d, o)
	defer l.Close()
	source := train.FromLoader[T](l)
	source.Start(0, 0)
	b, _ := source.Next()
	return b, nil
}

// Run is a trainer with what belongs to it.
type Run struct {
	*train.Trainer[float32]
	Parameters int
	loaders    []*data.Loader
}

// Close stops the loaders.
func (r *Run) Close() {
	for _, l := range r.loaders {
		l.Close()
	}
}

// Rest lets go of gradients, optimiser and working memory, so that an evaluation finds their memory
// free. The run cannot go on afterwards.
func (r *Run) Rest() {
	for _, p := range nn.Params(r.Model) {
		p.SetRequiresGrad(false)
	}
	r.Trainer = &train.Trainer[float32]{Config: r.Config, Model: r.Model}
	runtime.GC() // not later, when the evaluation has taken memory of its own
}

// batch returns the number of images of a batch, and how many of n images are left out of every
// epoch because they do not fill one.
func (c *Config) batch(n int) (size, left int) {
	size = min(c.Train.Batch, n)
	if c.Train.KeepLast {
		return size, 0
	}
	return size, n % size
}

// Steps returns the number of optimiser steps of a run.
func (c *Config) Steps(s *Sets) int {
	batch, left := c.batch(s.Train.Len())
	return c.Train.Epochs * ((s.Train.Len() - left + batch - 1) / batch)
}

// NewOptimizer returns the optimiser that a Config describes, of the parameters of a model that
// train.
func NewOptimizer[T tensor.Float](c *Config, model nn.Module[T]) (*optim.Optimizer[T], error) {
	o, err := optim.New(c.Train.Optimizer, nn.Trainable(model), c.optimizerOptions())
	if err != nil {
		return nil, fmt.Errorf("train.optimizer: %w", err)
	}
	return o, nil
}

// NewRun makes the trainer of an opened Config. The caller adds folder and callbacks, and closes
// it.
func (c *Config) NewRun(model nn.Module[float32], s *Sets) (*Run, error) {
	augment, err := ParseAugment(c.Train.Augment)
	if err != nil {
		return nil, err
	}
	if s.Train.Len() == 0 {
		return nil, fmt.Errorf("data set %s has no images to train on", c.Data.Name)
	}
	r := &Run{Parameters: nn.Count(model)}
	loader := func(d *data.Dataset, cfg data.LoaderConfig) train.Source[float32] {
		l := data.NewLoader(d, cfg)
		r.loaders = append(r.loaders, l)
		return train.FromLoader[float32](l)
	}
	batch, _ := c.batch(s.Train.Len())
	if m, ok := model.(interface{ StepBytes(batch int) float64 }); ok {
		if err := memory.Need(fmt.Sprintf("a training step with batches of %d images", batch), m.StepBytes(batch)); err != nil {
			return nil, err
		}
	}
	source := loader(s.Train, data.LoaderConfig{
		BatchSize: batch, Seed: c.Train.Seed, Shuffle: true, DropLast: !c.Train.KeepLast, Augment: append(augment, c.prepare()...),
	})
	optimizer, err := NewOptimizer(c, model)
	if err != nil {
		r.Close()
		return nil, err
	}
	schedule, err := c.schedule(c.Train.Epochs * source.Steps())
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("train.schedule: %w", err)
	}
	r.Trainer = &train.Trainer[float32]{
		Config: train.Config{Epochs: c.Train.Epochs, Seed: c.Train.Seed, ClipNorm: c.Train.Clip, EMA: c.Train.EMA, Patience: c.Train.Patience, Describe: c.JSON(), Rewrite: c.rewrite},
		Model:  model, Objective: Objective(c, model), Optimizer: optimizer, Schedule: schedule, Train: source,
	}
	if s.Valid != nil {
		r.Valid = loader(s.Valid, data.LoaderConfig{BatchSize: c.evalBatch(), Augment: c.prepare()})
	}
	return r, nil
}

// rewrite puts a configuration that a former program wrote into the form of Config.JSON. What the
// data were, which it did not record, is taken to be what they are.
func (c *Config) rewrite(stored []byte) ([]byte, error) {
	var former Config
	if err := former.Parse(stored, "configuration"); err != nil {
		return nil, err
	}
	if err := former.Complete(); err != nil {
		return nil, err
	}
	if former.Data.Record == nil {
		former.Data.Record = c.Data.Record
	}
	return former.JSON(), nil
}

// options returns a JSON object of the given options, with those of more in their place.
func options(given map[string]any, more json.RawMessage) json.RawMessage {
	if len(more) > 0 {
		var over map[string]json.RawMessage
		if json.Unmarshal(more, &over) != nil {
			return more // not an object: the optimiser or schedule says so
		}
		for k, v := range over {
			given[k] = v
		}
	}
	b, err := json.Marshal(given)
	if err != nil { // numbers that are not finite were refused by Complete
		panic(err)
	}
	return b
}

func (c *Config) optimizerOptions() json.RawMessage {
	given := map[string]any{"lr": c.Train.LR}
	if c.Train.Optimizer != "rprop" { // it has none
		given["weight_decay"] = c.Train.WeightDecay
	}
	return options(given, c.Train.OptimizerMore)
}

// schedule returns the schedule for a number of steps, nil for none.
func (c *Config) schedule(steps int) (optim.Schedule, error) {
	given := map[string]any{}
	switch c.Train.Schedule {
	case "none":
		return nil, nil
	case "one_cycle":
		if steps < 4 { // too few to rise and fall
			return nil, nil
		}
		rise := min(max(c.Train.Warmup, 1.5/float64(steps)), 1-1/float64(steps))
		given = map[string]any{"max_lr": c.Train.LR, "total_steps": steps, "pct_start": rise, "cycle_momentum": false}
	case "cosine":
		given = map[string]any{"T_max": steps}
	case "linear", "polynomial", "constant":
		given = map[string]any{"total_iters": steps}
	case "warmup_linear":
		given = map[string]any{"steps": max(1, int(math.Round(c.Train.Warmup*float64(steps))))}
	case "warmup_cosine":
		given = map[string]any{"warmup": int(math.Round(c.Train.Warmup * float64(steps))), "total": steps}
	case "plateau":
		given = map[string]any{"mode": "max"}
	}
	return optim.NewSchedule(c.Train.Schedule, c.Train.LR, options(given, c.Train.ScheduleMore))
}
