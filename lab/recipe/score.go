package recipe

import (
	"context"
	"fmt"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome/m2"
	"elegans/data"
)

// Score is what a model achieves on a set.
type Score struct {
	// share of the images that are told right; of the pixels, for an autoencoder
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"`
	// of an autoencoder: F1 scores of the pixels, see m2.Objective
	M0     *float64 `json:"m0,omitempty"`
	M1     *float64 `json:"m1,omitempty"`
	Images int      `json:"images"`
}

// String is the score in a line.
func (s Score) String() string {
	if s.M0 != nil {
		return fmt.Sprintf("pixel accuracy %.5f, loss %.5f, F1 %.4f at .252 and %.4f at .25 (%d images)", s.Accuracy, s.Loss, *s.M0, *s.M1, s.Images)
	}
	return fmt.Sprintf("accuracy %.4f (%.0f of %d wrong), loss %.4f", s.Accuracy, (1-s.Accuracy)*float64(s.Images), s.Images, s.Loss)
}

// Score runs a model, without training, over a set. Cancelling ctx ends it early for autoencoders,
// which can take minutes.
func (c *Config) Score(ctx context.Context, model nn.Module[float32], d *data.Dataset) (Score, error) {
	if a, ok := model.(*m2.Autoencoder[float32]); ok {
		return c.scoreAutoencoder(ctx, a, d)
	}
	p, err := c.Predict(model, d)
	if err != nil {
		return Score{}, err
	}
	return Score{Accuracy: p.Accuracy(), Loss: p.Loss, Images: len(p.Labels)}, nil
}

func (c *Config) scoreAutoencoder(ctx context.Context, a *m2.Autoencoder[float32], d *data.Dataset) (s Score, err error) {
	if d.Len() == 0 {
		return s, fmt.Errorf("data set %s: no images to evaluate", d.Name())
	}
	if ch, h, w := d.Shape(); c.Model.Input != [3]int{ch, h, w} {
		return s, fmt.Errorf("data set %s has images of %v (channels, height, width), this model expects %v", d.Name(), [3]int{ch, h, w}, c.Model.Input)
	}
	l := data.NewLoader(d, data.LoaderConfig{BatchSize: c.evalBatch(), Augment: c.prepare()})
	defer l.Close()
	m, err := train.Evaluate(inferenceTape(), train.Objective[float32](m2.Objective[float32]{Model: a}), train.Source[float32](untilDone{train.FromLoader[float32](l), ctx}))
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
