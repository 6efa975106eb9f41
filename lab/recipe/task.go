package recipe

import (
	"context"
	"fmt"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// task is what a run owes to what its model is trained for.
type task interface {
	// defaults returns data and training of a run whose model has no recipe of its own.
	defaults() (Data, Train)
	// check returns what in a configuration does not go with the task.
	check(c *Config) error
	// evalBatch returns the batch size of validation and evaluation.
	evalBatch(c *Config) int
	// score runs a model, without training, over a set.
	score(ctx context.Context, c *Config, model nn.Module[float32], d *data.Dataset) (Score, error)
	// digits is the number of decimals in which losses and accuracies are worth showing.
	digits() int
	// show writes what is to be seen of a run in its folder: after an epoch, with the validation
	// part, or at the end, with the test part. d is nil without such a part.
	show(c *Config, model nn.Module[float32], dir string, d *data.Dataset, end bool) error
}

// tasks are the tasks of package zoo.
var tasks = map[zoo.Task]task{zoo.Classification: classification{}, zoo.Reconstruction: reconstruction{}}

// task returns the task of the model; of an unknown one, classification.
func (c *Config) task() task { return tasks[c.Model.Task()] }

// Digits is the number of decimals in which the losses and accuracies of a run are worth showing.
func (c *Config) Digits() int { return c.task().digits() }

// Show writes what is to be seen of a run beside its checkpoints and its log: after an epoch, with
// the validation part, and at the end, with the test part. For models that reconstruct images these
// are the log with the published columns and pictures; for others there is nothing.
func (c *Config) Show(r *Run, d *data.Dataset, end bool) error {
	return c.task().show(c, r.Model, r.Dir, d, end)
}

// Objective returns what a model is trained for: that of its method Objective, if it has one, else
// that of its task.
func Objective[T tensor.Float](c *Config, model nn.Module[T]) train.Objective[T] {
	if own, ok := model.(interface{ Objective() train.Objective[T] }); ok {
		return own.Objective()
	}
	if c.Model.Task() == zoo.Reconstruction {
		return Reconstructor[T]{Model: model}
	}
	return train.Classifier[T]{Model: model, LabelSmoothing: c.Train.LabelSmoothing}
}

// classification is the task of models that tell classes apart.
type classification struct{}

func (classification) defaults() (Data, Train) {
	return Data{Name: "digits", ValidFraction: 0.1, SplitSeed: 1998, Normalize: true},
		Train{Epochs: 20, Batch: 64, Seed: 1, Optimizer: "adamw", LR: 3e-3, WeightDecay: 0.01, Schedule: "one_cycle", Warmup: 0.2}
}

func (classification) check(*Config) error { return nil }

// evalBatch has no influence on what comes out.
func (classification) evalBatch(*Config) int { return 256 }

func (classification) score(ctx context.Context, c *Config, model nn.Module[float32], d *data.Dataset) (Score, error) {
	p, err := c.Predict(ctx, model, d)
	if err != nil {
		return Score{}, err
	}
	return Score{Accuracy: p.Accuracy(), Loss: p.Loss, Images: len(p.Labels)}, nil
}

func (classification) digits() int { return 4 }

func (classification) show(*Config, nn.Module[float32], string, *data.Dataset, bool) error {
	return nil
}

// checkImages returns an error if a set has other images than the model reads.
func (c *Config) checkImages(d *data.Dataset) error {
	if d.Len() == 0 {
		return fmt.Errorf("data set %s: no images to evaluate", d.Name())
	}
	if ch, h, w := d.Shape(); c.Model.Input != [3]int{ch, h, w} {
		return fmt.Errorf("data set %s has images of %v (channels, height, width), this model expects %v", d.Name(), [3]int{ch, h, w}, c.Model.Input)
	}
	return nil
}
