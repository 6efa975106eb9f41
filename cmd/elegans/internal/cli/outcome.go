package cli

import (
	"fmt"
	"io"

	"elegans/internal/memory"
	"elegans/lab/recipe"
)

// outcome is the result of a training run as JSON.
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

func newOutcome(t *recipe.Training, o *recipe.Outcome) *outcome {
	peak, _ := memory.Peak()
	return &outcome{
		Dir: t.Dir, Parameters: t.Parameters, Epochs: o.Epochs, Steps: o.Steps, Seconds: o.Seconds, Early: o.StoppedEarly, Valid: o.Result.Last.Valid,
		BestEpoch: o.BestEpoch, Last: o.Last, Best: o.Best, PeakMemory: peak, Config: t.Config,
	}
}

// write prints the outcome.
func (o *outcome) write(w io.Writer) {
	fmt.Fprintf(w, "test, last epoch:  %s\n", o.Last)
	if o.Best != nil {
		fmt.Fprintf(w, "test, best epoch:  %s (epoch %d, chosen on the validation part)\n", *o.Best, o.BestEpoch)
	}
	fmt.Fprintf(w, "%d epochs, %d steps, %d parameters, %.1f s of training, %s; in %s\n", o.Epochs, o.Steps, o.Parameters, o.Seconds, memory.Line(), o.Dir)
}
