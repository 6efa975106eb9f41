package esn

import (
	"fmt"
	"math"

	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewLMSReadout() })
}

// LMSReadout is a linear readout that learns online by least mean squares: see LMS. A row costs F M
// operations, where RLSReadout needs F² and learns from far fewer rows.
type LMSReadout struct {
	// Rate of learning: 0.001. It diverges above 2 over the largest eigenvalue of the mean of x x'.
	Rate float64 `json:"rate"`
	// NoConstant leaves the constant out.
	NoConstant bool `json:"no_constant,omitempty"`

	lms    *LMS
	linear online
}

// NewLMSReadout returns a readout with the default options.
func NewLMSReadout() *LMSReadout { return &LMSReadout{Rate: 1e-3} }

// Kind is lms.
func (r *LMSReadout) Kind() string { return "lms" }

// Begin sets the weights to 0.
func (r *LMSReadout) Begin(features, outputs int) error {
	if !(r.Rate > 0) || math.IsInf(r.Rate, 0) {
		return fmt.Errorf("esn: an lms readout with the rate %v, expected a finite number above 0", r.Rate)
	}
	size := features
	if !r.NoConstant {
		size++
	}
	if err := memory.Need(fmt.Sprintf("the weights of %d features", features), 8*2*float64(size)*float64(outputs)); err != nil {
		return err
	}
	r.lms = NewLMS(size, outputs, r.Rate, false)
	r.linear = newOnline(r.lms.Weight, features)
	return nil
}

// Add learns row after row.
func (r *LMSReadout) Add(x, y *tensor.Tensor[float64]) error { return learnRows(r, x, y) }

// Solve does nothing, since every row was learnt when it came.
func (r *LMSReadout) Solve() error { return nil }

// Learn learns one row.
func (r *LMSReadout) Learn(x, target []float64) {
	r.lms.update(r.linear.e, r.linear.with(x), target)
}

// Predict writes the outputs.
func (r *LMSReadout) Predict(y, x *tensor.Tensor[float64]) { r.linear.predict(y, x) }

// Arrays returns weight [F+1, M], of which the last row is the constant unless there is none.
func (r *LMSReadout) Arrays() map[string]*tensor.Tensor[float64] {
	if r.lms == nil {
		return nil
	}
	return map[string]*tensor.Tensor[float64]{"weight": r.lms.Weight}
}

// SetArrays takes what Arrays returned.
func (r *LMSReadout) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	if err := arraysOf(r.Kind(), arrays, r.Arrays()); err != nil {
		return err
	}
	copy(r.lms.Weight.Data(), arrays["weight"].Data())
	return nil
}
