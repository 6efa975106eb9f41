package train

import (
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// NonFiniteError says that a number of a training run became NaN or infinite.
type NonFiniteError struct {
	Epoch, Step int // both from 1; the step counts from the start of the run
	// "loss", "added loss NAME", "gradient", "parameter" or, for a metric that is monitored,
	// "validation NAME"
	What      string
	Parameter string // its path; empty for the loss when all parameters are finite
	Index     int    // first offending element of the parameter or gradient
	Value     float64
}

// Error reads like "step 120 (epoch 3): gradient of encoder.weight[17] is NaN".
func (e *NonFiniteError) Error() string {
	s := fmt.Sprintf("step %d (epoch %d): %s", e.Step, e.Epoch, e.What)
	switch {
	case e.What == "gradient":
		s += fmt.Sprintf(" of %s[%d]", e.Parameter, e.Index)
	case e.Parameter != "":
		s += fmt.Sprintf(" %s[%d]", e.Parameter, e.Index)
	}
	return fmt.Sprintf("%s is %v", s, e.Value)
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// checkLosses returns an error if the loss, or one of those that the model adds, is not finite,
// naming the parameter to blame if one is not finite either.
func checkLosses[T tensor.Float](epoch, step int, loss float64, added []autograd.AddedLoss[T], params []nn.Named[T]) error {
	what, value := "loss", loss
	for i := 0; isFinite(value) && i < len(added); i++ {
		what, value = "added loss "+added[i].Name, float64(added[i].Var.Value.Item())
	}
	if isFinite(value) {
		return nil
	}
	if err := checkParameters(epoch, step, params); err != nil {
		return err
	}
	return &NonFiniteError{Epoch: epoch, Step: step, What: what, Value: value}
}

// checkParameters returns an error that names the first parameter that is not finite.
func checkParameters[T tensor.Float](epoch, step int, params []nn.Named[T]) error {
	for _, p := range params {
		if i, v := tensor.FirstNonFinite(p.Value); i >= 0 {
			return &NonFiniteError{epoch, step, "parameter", p.Path, i, float64(v)}
		}
	}
	return nil
}

// checkGradients returns an error that names the first parameter whose gradient is not finite.
func checkGradients[T tensor.Float](epoch, step int, params []nn.Named[T]) error {
	for _, p := range params {
		if g := p.Grad(); g != nil {
			if i, v := tensor.FirstNonFinite(g); i >= 0 {
				return &NonFiniteError{epoch, step, "gradient", p.Path, i, float64(v)}
			}
		}
	}
	return nil
}
