package esn

import (
	"fmt"
	"math"

	"elegans/internal/choice"
	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewRidgeReadout() })
}

// RidgeReadout is a linear readout fitted by ridge regression on the moments of all rows, which is
// all that it keeps of them. See Moments.Ridge.
type RidgeReadout struct {
	// Penalty on the squared weights: 1e-8.
	Penalty float64 `json:"penalty"`
	// Absolute takes the penalty as it is. Otherwise it is multiplied by the mean over the features
	// of their sum of squares about the mean, so that it does not depend on the number of rows and
	// the size of the states.
	Absolute bool `json:"absolute,omitempty"`
	// Intercept is centred, none or penalised: centred.
	Intercept InterceptName `json:"intercept,omitempty"`

	linear  *Linear
	moments *Moments
}

// InterceptName is an Intercept in JSON.
type InterceptName string

var intercepts = map[InterceptName]Intercept{"": Centred, "centred": Centred, "none": None, "penalised": Penalised}

// NewRidgeReadout returns a readout with the default options.
func NewRidgeReadout() *RidgeReadout { return &RidgeReadout{Penalty: 1e-8} }

// Kind is ridge.
func (r *RidgeReadout) Kind() string { return "ridge" }

// Begin forgets all rows.
func (r *RidgeReadout) Begin(features, outputs int) error {
	name := r.Intercept
	if err := choice.Complete(choice.Of("intercept", &name, "centred", "none", "penalised")); err != nil {
		return fmt.Errorf("esn: a ridge readout: %w", err)
	}
	if !(r.Penalty >= 0) {
		return fmt.Errorf("esn: a ridge readout with the penalty %v, expected at least 0", r.Penalty)
	}
	f, m := float64(features), float64(outputs)
	if err := memory.Need(fmt.Sprintf("the moments of %d features", features), 8*f*(f+2*m)); err != nil {
		return err
	}
	r.moments = NewMoments(features, outputs)
	r.linear = &Linear{Weight: tensor.New[float64](features, outputs), Bias: tensor.New[float64](outputs)}
	return nil
}

// Add adds rows to the moments.
func (r *RidgeReadout) Add(x, y *tensor.Tensor[float64]) error { return r.moments.Add(x, y, 0) }

// Solve fits the readout to all rows so far.
func (r *RidgeReadout) Solve() error {
	scale, err := r.scale()
	if err != nil {
		return err
	}
	l, err := r.moments.Ridge(r.Penalty*scale, intercepts[r.Intercept])
	if err == nil {
		r.linear = l
	}
	return err
}

// Path fits readouts to all rows so far with several penalties, as Penalty states them, from one
// factorisation; the readout stays as it is. Path.Best and Path.LeaveOneOut say which is best
// without rows to validate on, and Take takes it.
func (r *RidgeReadout) Path(penalties []float64) (*Path, error) {
	if r.moments == nil {
		return nil, fmt.Errorf("esn: no rows to fit a readout to")
	}
	scale, err := r.scale()
	if err != nil {
		return nil, err
	}
	absolute := make([]float64, len(penalties))
	for i, p := range penalties {
		absolute[i] = p * scale
	}
	return r.moments.Path(absolute, intercepts[r.Intercept])
}

// Take makes penalty number i of a path, which is of this readout and its present rows, its own.
func (r *RidgeReadout) Take(p *Path, i int) error {
	if p.moments != r.moments {
		return fmt.Errorf("esn: a path of another readout, or of one that began anew since")
	}
	scale, err := r.scale()
	if err != nil {
		return err
	}
	l, err := p.Readout(i)
	if err != nil {
		return err
	}
	r.linear, r.Penalty = l, p.Points[i].Penalty
	if scale > 0 {
		r.Penalty /= scale
	}
	return nil
}

// scale returns what penalties are multiplied by.
func (r *RidgeReadout) scale() (float64, error) {
	if r.Absolute {
		return 1, nil
	}
	scale := r.moments.Scale(Centred)
	if math.IsNaN(scale) || math.IsInf(scale, 0) {
		return 0, ErrNotFinite
	}
	return scale, nil
}

// Predict writes x Weight + Bias.
func (r *RidgeReadout) Predict(y, x *tensor.Tensor[float64]) { r.linear.predict(y, x) }

// predict is Predict without an allocation.
func (l *Linear) predict(y, x *tensor.Tensor[float64]) {
	tensor.MatMul(y, x, l.Weight)
	tensor.Add(y, y, l.Bias)
}

// Linear returns the weights.
func (r *RidgeReadout) Linear() *Linear { return r.linear }

// Arrays returns weight [F, M] and bias [M], and the moments, with which more rows can be added
// later.
func (r *RidgeReadout) Arrays() map[string]*tensor.Tensor[float64] {
	if r.linear == nil {
		return nil
	}
	m := r.moments
	return map[string]*tensor.Tensor[float64]{
		"weight": r.linear.Weight, "bias": r.linear.Bias,
		"rows": tensor.FromSlice([]float64{float64(m.rows)}, 1),
		"mx":   tensor.FromSlice(m.mx, len(m.mx)), "my": tensor.FromSlice(m.my, len(m.my)), "xx": m.products(), "xy": m.xy(), "yy": tensor.FromSlice(m.yy, len(m.yy)),
	}
}

// SetArrays takes what Arrays returned.
func (r *RidgeReadout) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	if err := arraysOf(r.Kind(), arrays, r.Arrays()); err != nil {
		return err
	}
	rows := arrays["rows"].At(0)
	if !(rows >= 0) || rows > 1<<53 || rows != float64(int(rows)) {
		return fmt.Errorf("esn: a ridge readout fitted to %v rows, expected a whole number", rows)
	}
	r.linear = &Linear{Weight: arrays["weight"], Bias: arrays["bias"]}
	r.moments = &Moments{rows: int(rows), mx: arrays["mx"].Data(), my: arrays["my"].Data(), xx: arrays["xx"], yx: arrays["xy"].T().Contiguous(), yy: arrays["yy"].Data()}
	return nil
}
