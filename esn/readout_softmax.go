package esn

import (
	"fmt"
	"math"

	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewSoftmaxReadout() })
}

// SoftmaxReadout is multinomial logistic regression, for targets that are probabilities of classes:
// rows of one 1 and zeros, or any that sum to 1. With one output it is logistic regression on a
// target between 0 and 1. Its outputs are probabilities. It minimises
//
//	penalty/2 |W|² - sum over rows and classes of y log(p),  p = softmax(x W + b)
//
// which is scikit-learn's LogisticRegression with C = 1/penalty. The bias is not penalised. All
// rows are kept until Begin.
type SoftmaxReadout struct {
	// Penalty on the squared weights: 1.
	Penalty float64 `json:"penalty"`
	// Standardise takes every feature about its mean and over its standard deviation, so that the
	// penalty weighs them alike: true.
	Standardise bool `json:"standardise"`
	// Tolerance is the largest derivative, over the number of rows, of a solution: 1e-9.
	Tolerance float64 `json:"tolerance"`
	// Iterations of Newton's method after which to give up: 200.
	Iterations int `json:"iterations"`

	rows   rowStore
	linear *Linear
}

// NewSoftmaxReadout returns a readout with the default options.
func NewSoftmaxReadout() *SoftmaxReadout {
	return &SoftmaxReadout{Penalty: 1, Standardise: true, Tolerance: 1e-9, Iterations: 200}
}

// Kind is softmax.
func (r *SoftmaxReadout) Kind() string { return "softmax" }

// Begin forgets all rows.
func (r *SoftmaxReadout) Begin(features, outputs int) error {
	if !(r.Penalty >= 0) || math.IsInf(r.Penalty, 0) || !(r.Tolerance > 0) || r.Iterations < 1 {
		return fmt.Errorf("esn: a softmax readout of penalty %v, tolerance %v and %d iterations, expected at least 0, above 0 and at least 1", r.Penalty, r.Tolerance, r.Iterations)
	}
	// the weights, and the moments and gradients of a step of Newton's method
	if err := memory.Need(fmt.Sprintf("the weights of %d features", features), 8*8*float64(features+1)*float64(outputs)); err != nil {
		return err
	}
	r.rows.begin(features, outputs)
	r.linear = &Linear{Weight: tensor.New[float64](features, outputs), Bias: tensor.New[float64](outputs)}
	return nil
}

// Add keeps a copy of rows. Their targets must be probabilities.
func (r *SoftmaxReadout) Add(x, y *tensor.Tensor[float64]) error {
	if err := checkProbabilities(y); err != nil {
		return err
	}
	return r.rows.add(r.Kind(), x, y)
}

// checkProbabilities refuses targets that are not.
func checkProbabilities(y *tensor.Tensor[float64]) error {
	for t := range y.Dim(0) {
		sum := 0.0
		for j := range y.Dim(1) {
			v := y.At(t, j)
			if !(v >= 0 && v <= 1) {
				return fmt.Errorf("esn: row %d of the target is %v at output %d, expected a probability", t, v, j)
			}
			sum += v
		}
		if y.Dim(1) > 1 && math.Abs(sum-1) > 1e-6 {
			return fmt.Errorf("esn: row %d of the target sums to %v, expected probabilities that sum to 1", t, sum)
		}
	}
	return nil
}

// Solve fits the readout to all rows so far.
func (r *SoftmaxReadout) Solve() error {
	x, y := r.rows.tensors()
	if x.Dim(0) == 0 {
		return fmt.Errorf("esn: no rows to fit a readout to")
	}
	d, mean, scale := design(x, r.Standardise)
	p := &logistic{x: d, y: y, penalty: r.Penalty}
	theta, err := p.newton(r.Tolerance, r.Iterations)
	if err != nil {
		return err
	}
	r.linear = fold(theta, mean, scale)
	return nil
}

// design returns the features, standardised on request, with a constant 1 as last column, and what
// was subtracted from and divided by.
func design(x *tensor.Tensor[float64], standardise bool) (d *tensor.Tensor[float64], mean, scale []float64) {
	rows, n := x.Dim(0), x.Dim(1)
	if standardise {
		mean, scale = standardOf(x)
	} else {
		mean, scale = make([]float64, n), tensor.Full(1.0, n).Data()
	}
	d = tensor.Full(1.0, rows, n+1)
	in := d.Slice(1, 0, n, 1)
	tensor.Sub(in, x, tensor.FromSlice(mean, n))
	tensor.Div(in, in, tensor.FromSlice(scale, n))
	return d, mean, scale
}

// standardOf returns the mean and the standard deviation of every feature; the latter is 1 for one
// that is constant.
func standardOf(x *tensor.Tensor[float64]) (mean, scale []float64) {
	n := x.Dim(1)
	m, s := tensor.New[float64](n), tensor.New[float64](n)
	tensor.ReduceMean(m, x, 0)
	tensor.ReduceStd(s, x, 0, 0)
	mean, scale = m.Data(), s.Data()
	for i, v := range scale {
		if !(v > 1e-12*math.Abs(mean[i])) {
			scale[i] = 1
		}
	}
	return mean, scale
}

// fold returns weights [N+1, M] of standardised features and a constant as weights of the features
// themselves.
func fold(theta *tensor.Tensor[float64], mean, scale []float64) *Linear {
	n, m := len(mean), theta.Dim(1)
	l := &Linear{Weight: tensor.New[float64](n, m), Bias: tensor.New[float64](m)}
	for j := range m {
		bias := theta.At(n, j)
		for i := range n {
			w := theta.At(i, j) / scale[i]
			l.Weight.Set(w, i, j)
			bias -= mean[i] * w
		}
		l.Bias.Set(bias, j)
	}
	return l
}

// Predict writes probabilities.
func (r *SoftmaxReadout) Predict(y, x *tensor.Tensor[float64]) {
	r.linear.predict(y, x)
	if y.Dim(1) == 1 {
		tensor.Sigmoid(y, y)
	} else {
		tensor.Softmax(y, y, 1)
	}
}

// Linear returns the weights of the logits.
func (r *SoftmaxReadout) Linear() *Linear { return r.linear }

// Arrays returns weight [F, M] and bias [M].
func (r *SoftmaxReadout) Arrays() map[string]*tensor.Tensor[float64] { return arraysOfLinear(r.linear) }

// SetArrays takes what Arrays returned. No more rows can be added then.
func (r *SoftmaxReadout) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	if err := arraysOf(r.Kind(), arrays, r.Arrays()); err != nil {
		return err
	}
	r.linear = &Linear{Weight: arrays["weight"], Bias: arrays["bias"]}
	r.rows.loaded = true
	return nil
}

// arraysOfLinear returns the arrays of a readout that has learnt weights and a bias.
func arraysOfLinear(l *Linear) map[string]*tensor.Tensor[float64] {
	if l == nil {
		return nil
	}
	return map[string]*tensor.Tensor[float64]{"weight": l.Weight, "bias": l.Bias}
}
