package recipe

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"runtime"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/data"
	"elegans/tensor"
)

// Sets are the parts of a data set that a run uses.
type Sets struct {
	Train, Valid, Test *data.Dataset // Valid is nil without a validation part
	Notes              []string      // see data.Sets
}

// Sum returns the SHA-256 of all images and labels, in hexadecimal: it tells files of the same form
// apart.
func (s *Sets) Sum() string {
	h := sha256.New()
	for _, d := range []*data.Dataset{s.Train, s.Valid, s.Test} {
		if d == nil {
			continue
		}
		c, height, w := d.Shape()
		pixels := make([]float32, c*height*w)
		var b []byte
		for i := range d.Len() {
			d.Pixels(pixels, i)
			b = binary.LittleEndian.AppendUint32(b[:0], uint32(d.Label(i)))
			for _, p := range pixels {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p))
			}
			h.Write(b)
		}
		fmt.Fprintf(h, "%d of %d %d %d;", d.Len(), c, height, w)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Source adjusts where the data of a Config come from without being part of the description.
type Source struct {
	Dir      string // replaces Config.Data.Dir
	Download bool
	Progress func(file string, done, total int64) // of downloads
	Reading  func(file string, done, total int64) // of large files
}

// Open loads the data and fills in what follows from them: form of the images, names of the
// classes, normalisation.
func (c *Config) Open(ctx context.Context, from Source) (*Sets, error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	o := data.Options{
		Dir: c.Data.Dir, Download: from.Download, Progress: from.Progress, Reading: from.Reading, Height: c.Data.Size[0], Width: c.Data.Size[1], Gray: c.Data.Gray, Invert: c.Data.Invert,
		LabelColumn: c.Data.LabelColumn, Shape: c.Data.Shape, TestFraction: c.Data.TestFraction, Seed: c.Data.SplitSeed,
	}
	if from.Dir != "" {
		o.Dir = from.Dir
	}
	if o.Dir != "" && c.Data.Name == "digits" {
		return nil, fmt.Errorf("data.dir %q: the digits are embedded and read from nowhere, expected none", o.Dir)
	}
	all, err := data.Load(ctx, c.Data.Name, o)
	if err != nil {
		return nil, err
	}
	s := &Sets{Train: all.Train, Valid: all.Valid, Test: all.Test, Notes: all.Notes}
	if c.Data.Limit > 0 {
		s.Train = s.Train.Take(c.Data.Limit)
	}
	if c.Data.ValidFraction > 0 && s.Valid == nil {
		s.Train, s.Valid = s.Train.Split(c.Data.ValidFraction, c.Data.SplitSeed, true)
		if s.Train.Len() == 0 || s.Valid.Len() == 0 {
			return nil, fmt.Errorf("data.valid_fraction %v leaves %d images for training and %d for validation, expected at least 1 of each", c.Data.ValidFraction, s.Train.Len(), s.Valid.Len())
		}
	}
	ch, h, w := s.Train.Shape()
	if c.Model.Input != [3]int{} && c.Model.Input != [3]int{ch, h, w} {
		return nil, fmt.Errorf("the model reads images of %v (channels, height, width), data set %s has %v", c.Model.Input, c.Data.Name, [3]int{ch, h, w})
	}
	classes := s.Train.Classes()
	if !c.Model.Task().HasClasses() { // such a model looks at the images alone
		classes = nil
	}
	if c.Model.Classes != 0 && c.Model.Classes != len(classes) {
		return nil, fmt.Errorf("the model tells %d classes apart, data set %s has %d", c.Model.Classes, c.Data.Name, len(classes))
	}
	c.Model.Input, c.Model.Classes, c.Data.Classes = [3]int{ch, h, w}, len(classes), classes
	if c.Data.Normalize && len(c.Data.Mean) == 0 {
		n := data.NewNormalize(s.Train)
		c.Data.Mean, c.Data.Std = n.Mean, n.Std
	}
	if n := len(c.Data.Mean); n > 1 && n != ch {
		return nil, fmt.Errorf("data.mean has %d numbers, expected one for each of the %d channels", n, ch)
	}
	if err := c.Model.Complete(); err != nil {
		return nil, err
	}
	// the sum of the graph becomes part of the description
	_, err = c.Model.LoadGraph()
	return s, err
}

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
	batch := min(c.Train.Batch, s.Train.Len())
	source := loader(s.Train, data.LoaderConfig{BatchSize: batch, Seed: c.Train.Seed, Shuffle: true, DropLast: true, Augment: append(augment, c.prepare()...)})
	optimizer, err := optim.New(c.Train.Optimizer, nn.Trainable(model), c.optimizerOptions())
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("train.optimizer: %w", err)
	}
	schedule, err := c.schedule(c.Train.Epochs * source.Steps())
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("train.schedule: %w", err)
	}
	r.Trainer = &train.Trainer[float32]{
		Config: train.Config{Epochs: c.Train.Epochs, Seed: c.Train.Seed, ClipNorm: c.Train.Clip, EMA: c.Train.EMA, Patience: c.Train.Patience, Describe: c.JSON(), Rewrite: rewrite},
		Model:  model, Objective: Objective(c, model), Optimizer: optimizer, Schedule: schedule, Train: source,
	}
	if s.Valid != nil {
		r.Valid = loader(s.Valid, data.LoaderConfig{BatchSize: c.evalBatch(), Augment: c.prepare()})
	}
	return r, nil
}

// rewrite puts a configuration that a former program wrote into the form of Config.JSON.
func rewrite(stored []byte) ([]byte, error) {
	var c Config
	if err := c.Parse(stored, "configuration"); err != nil {
		return nil, err
	}
	if err := c.Complete(); err != nil {
		return nil, err
	}
	return c.JSON(), nil
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
