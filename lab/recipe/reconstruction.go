package recipe

import (
	"context"
	"fmt"
	"path/filepath"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome/m2"
	"elegans/data"
	"elegans/tensor"
)

// inkThreshold is the grey value from which the published program takes a pixel for ink.
const inkThreshold = 0.3

// Files in the folder of a run that reconstructs images: the first images of a part of the data
// with their reconstructions below.
const (
	validPicture = "reconstructions.png"      // validation part, after every epoch
	testPicture  = "reconstructions-test.png" // test part, after the last
)

// reconstruction is the task of models that give back their own images of ink and paper.
type reconstruction struct{}

func (reconstruction) defaults() (Data, Train) {
	return Data{Name: "mnist", ValidFraction: 1. / 12, SplitSeed: 1998, Binarize: inkThreshold},
		Train{Epochs: 16, Batch: 64, Seed: 1, Optimizer: "adamw", LR: 1.5e-3, WeightDecay: 1e-4, Schedule: "one_cycle", Warmup: 0.2, Clip: 1, EMA: 0.999}
}

func (reconstruction) check(c *Config) error {
	switch {
	case c.Data.Normalize:
		return fmt.Errorf("data.normalize: model %q reconstructs pixels between 0 and 1, expected false", c.Model.Model)
	case c.Data.Binarize == 0:
		return fmt.Errorf("data.binarize 0: model %q reconstructs images of 0 and 1, expected a threshold above 0", c.Model.Model)
	case c.Train.LabelSmoothing != 0:
		return fmt.Errorf("train.label_smoothing %v: model %q has no labels, expected 0", c.Train.LabelSmoothing, c.Model.Model)
	}
	return nil
}

// evalBatch is the batch size of training: the F1 scores are means over batches.
// a bound of memory
func (reconstruction) evalBatch(c *Config) int { return min(c.Train.Batch, 1024) }

// digits counts pixels, of which a set has a million.
func (reconstruction) digits() int { return 5 }

func (reconstruction) score(ctx context.Context, c *Config, model nn.Module[float32], d *data.Dataset) (s Score, err error) {
	if err := c.checkImages(d); err != nil {
		return s, err
	}
	l := data.NewLoader(d, data.LoaderConfig{BatchSize: c.evalBatch(), Augment: c.prepare()})
	defer l.Close()
	source := untilDone{train.FromLoader[float32](l), ctx}
	m, err := train.Evaluate(inferenceTape(), Objective(c, model), train.Source[float32](source))
	if ctx.Err() != nil {
		return s, ctx.Err()
	}
	if err != nil {
		return s, err
	}
	s = Score{M0: new(float64), M1: new(float64), Images: d.Len()}
	for _, v := range []struct {
		name string
		to   *float64
	}{{"accuracy", &s.Accuracy}, {"loss", &s.Loss}, {"m0", s.M0}, {"m1", s.M1}} {
		*v.to, _ = m.Mean(v.name)
	}
	return s, nil
}

// show writes the log with the published columns and pictures of reconstructions.
func (reconstruction) show(c *Config, model nn.Module[float32], dir string, d *data.Dataset, end bool) error {
	file := validPicture
	if end {
		file = testPicture
	}
	if err := WriteLog(dir); err != nil || d == nil {
		return err
	}
	return WritePNG(filepath.Join(dir, file), c.Pictures(model, d, 16, 3))
}

// untilDone is a source that ends when its context does.
type untilDone struct {
	train.Source[float32]
	ctx context.Context
}

// Next implements train.Source.
func (s untilDone) Next() (train.Batch[float32], bool) {
	if s.ctx.Err() != nil {
		return train.Batch[float32]{}, false
	}
	return s.Source.Next()
}

// Reconstructor is the objective of models that give back their images: the binary cross entropy of
// the logits of the pixels, measured as by m2.Objective.
type Reconstructor[T tensor.Float] struct{ Model nn.Module[T] }

// Loss implements train.Objective.
func (o Reconstructor[T]) Loss(tp *autograd.Tape[T], b train.Batch[T], m *train.Metrics) *autograd.Var[T] {
	logits := o.Model.Forward(tp, tp.Input(b.X))
	m2.Measure(logits.Value, b.X).AddTo(m, b.Len())
	return tp.BCEWithLogits(logits, tp.Input(b.X), autograd.BCEOptions[T]{Reduction: autograd.Mean})
}
