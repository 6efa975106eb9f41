package esn

import (
	"math"

	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewRidgeClassifier() })
}

// RidgeClassifier is a ridge regression on one-hot targets, with an intercept that is not
// penalised. Its outputs are scores, of which the largest names the class. It keeps moments of the
// rows and not the rows.
type RidgeClassifier struct {
	// Penalty on the squared weights, for targets of 0 and 1: 1. It is scikit-learn's alpha: the
	// targets -1 and 1 of RidgeClassifier there double weights and errors alike.
	Penalty float64 `json:"penalty"`
	// Standardise takes every feature about its mean and over its standard deviation, so that the
	// penalty weighs them alike: true.
	Standardise bool `json:"standardise"`

	ridge RidgeReadout // whose moments and weights these are
}

// NewRidgeClassifier returns a readout with the default options.
func NewRidgeClassifier() *RidgeClassifier { return &RidgeClassifier{Penalty: 1, Standardise: true} }

// Kind is ridge_classifier.
func (r *RidgeClassifier) Kind() string { return "ridge_classifier" }

// Begin forgets all rows.
func (r *RidgeClassifier) Begin(features, outputs int) error {
	r.ridge = RidgeReadout{Penalty: r.Penalty, Absolute: true}
	return r.ridge.Begin(features, outputs)
}

// Add adds rows to the moments.
func (r *RidgeClassifier) Add(x, y *tensor.Tensor[float64]) error { return r.ridge.Add(x, y) }

// Solve fits the readout to all rows so far.
func (r *RidgeClassifier) Solve() error {
	if !r.Standardise {
		return r.ridge.Solve()
	}
	moments := r.ridge.moments
	z, scale := moments.standardised()
	l, err := z.Ridge(r.Penalty, Centred)
	if err != nil {
		return err
	}
	for i, s := range scale { // weights of the features themselves
		for j := range l.Weight.Dim(1) {
			w := l.Weight.At(i, j) / s
			l.Weight.Set(w, i, j)
			l.Bias.Set(l.Bias.At(j)-w*moments.mx[i], j)
		}
	}
	r.ridge.linear = l
	return nil
}

// standardised returns the moments of features about their means and over their standard
// deviations, and these deviations: 1 for a feature that is constant.
func (s *Moments) standardised() (*Moments, []float64) {
	n, m := len(s.mx), len(s.my)
	z := NewMoments(n, m)
	z.rows = s.rows
	copy(z.my, s.my)
	scale := make([]float64, n)
	for i := range scale {
		scale[i] = math.Sqrt(s.xx.At(i, i) / float64(max(s.rows, 1)))
		if !(scale[i] > 1e-12*math.Abs(s.mx[i])) {
			scale[i] = 1
		}
	}
	by := tensor.FromSlice(scale, n)
	tensor.Div(z.xx, s.xx, by)
	tensor.Div(z.xx, z.xx, by.Reshape(n, 1))
	tensor.Div(z.yx, s.yx, by)
	return z, scale
}

// Predict writes scores.
func (r *RidgeClassifier) Predict(y, x *tensor.Tensor[float64]) { r.ridge.Predict(y, x) }

// Linear returns the weights.
func (r *RidgeClassifier) Linear() *Linear { return r.ridge.linear }

// Arrays returns weight [F, M] and bias [M], and the moments, with which more rows can be added
// later.
func (r *RidgeClassifier) Arrays() map[string]*tensor.Tensor[float64] { return r.ridge.Arrays() }

// SetArrays takes what Arrays returned.
func (r *RidgeClassifier) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	return r.ridge.SetArrays(arrays)
}
