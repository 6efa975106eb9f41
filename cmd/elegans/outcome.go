package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/internal/memory"
	"elegans/lab/recipe"
)

// outcome is the result of a training run.
type outcome struct {
	Dir        string             `json:"dir"`
	Parameters int                `json:"parameters"`
	Epochs     int                `json:"epochs"`
	Steps      int                `json:"steps"`
	Seconds    float64            `json:"seconds"`
	Early      bool               `json:"stopped_early"`
	Valid      map[string]float64 `json:"valid,omitempty"`
	BestEpoch  int                `json:"best_epoch,omitempty"` // from 1; 0 without validation
	Last       recipe.Score       `json:"test"`                 // of the last epoch
	Best       *recipe.Score      `json:"test_of_best,omitempty"`
	PeakMemory int64              `json:"peak_memory_bytes"`
	Config     *recipe.Config     `json:"config"`
}

// finish reads the test set: the parameters of the last epoch (averaged, if there is an average),
// and those of the best on the validation part, where they are others.
func finish(ctx context.Context, cfg *recipe.Config, r *recipe.Run, sets *recipe.Sets, res train.Result) (*outcome, error) {
	o := &outcome{Dir: r.Dir, Parameters: r.Parameters, Epochs: res.Epochs, Steps: res.Steps, Seconds: res.Seconds, Early: res.StoppedEarly, Valid: res.Last.Valid, BestEpoch: res.BestEpoch, Config: cfg}
	r.Rest()
	read := func(file string) (recipe.Score, error) {
		path := filepath.Join(r.Dir, file)
		if err := train.Load(path, nn.Params(r.Model), true); err != nil {
			return recipe.Score{}, err
		}
		return cfg.Score(ctx, r.Model, sets.Test)
	}
	if o.BestEpoch != 0 && o.BestEpoch != o.Epochs {
		best, err := read(train.BestFile)
		if err != nil {
			return nil, err
		}
		o.Best = &best
	}
	var err error
	if o.Last, err = read(train.LastFile); err != nil {
		return nil, err
	}
	if o.BestEpoch == o.Epochs {
		o.Best = &o.Last
	}
	o.PeakMemory, _ = memory.Peak()
	return o, cfg.Show(r, sets.Test, true)
}

// write prints the outcome.
func (o *outcome) write(w io.Writer) {
	fmt.Fprintf(w, "test, last epoch:  %s\n", o.Last)
	if o.Best != nil {
		fmt.Fprintf(w, "test, best epoch:  %s (epoch %d, chosen on the validation part)\n", *o.Best, o.BestEpoch)
	}
	fmt.Fprintf(w, "%d epochs, %d steps, %d parameters, %.1f s of training, %s; in %s\n", o.Epochs, o.Steps, o.Parameters, o.Seconds, memory.Line(), o.Dir)
}
