package recipe

import (
	"context"
	"fmt"

	"elegans/autograd/nn"
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

// Score runs a model, without training, over a set, until ctx ends.
func (c *Config) Score(ctx context.Context, model nn.Module[float32], d *data.Dataset) (Score, error) {
	return c.task().score(ctx, c, model, d)
}
