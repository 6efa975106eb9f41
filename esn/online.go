package esn

import (
	"fmt"

	"elegans/tensor"
)

// RLS is a readout trained by recursive least squares with forgetting, one row at a time (S.
// Haykin, Adaptive Filter Theory, chapter 10): it minimises the sum of squared errors in which a
// row of k steps ago counts forgetting^k, plus alpha times the squared weights, forgotten as well.
type RLS struct {
	Weight *tensor.Tensor[float64] // [N, M]
	P      *tensor.Tensor[float64] // [N, N], the inverse of the accumulated products
	// Forgetting in (0, 1] is the weight of the row before.
	Forgetting float64

	gain, state *tensor.Tensor[float64] // P x and x, [N]
	column, row *tensor.Tensor[float64] // views of gain, [N, 1] and [1, N]
}

// NewRLS returns a readout of n states, a constant among them if one is wanted, and m outputs. P
// begins as I/alpha and the weights as 0.
func NewRLS(n, m int, alpha, forgetting float64) (*RLS, error) {
	if !(alpha > 0) || !(forgetting > 0 && forgetting <= 1) {
		return nil, fmt.Errorf("esn: alpha %v and forgetting %v, expected alpha above 0 and forgetting in (0, 1]", alpha, forgetting)
	}
	r := &RLS{Weight: tensor.New[float64](n, m), P: tensor.New[float64](n, n), Forgetting: forgetting}
	for i := range n {
		r.P.Set(1/alpha, i, i)
	}
	return r, nil
}

// Predict writes the outputs [M] for a state [N] to y.
func (r *RLS) Predict(y, x []float64) { product(y, r.Weight, x) }

// Update learns one row: state x [N] and target [M]. It returns the error of the prediction before
// the update.
func (r *RLS) Update(x, target []float64) []float64 {
	e := make([]float64, r.Weight.Dim(1))
	r.update(e, x, target)
	return e
}

// update is Update that writes the error to e [M] and allocates nothing.
func (r *RLS) update(e, x, target []float64) {
	n, m := r.Weight.Dim(0), r.Weight.Dim(1)
	if r.gain == nil {
		r.gain, r.state = tensor.New[float64](n), tensor.New[float64](n)
		r.column, r.row = r.gain.Reshape(n, 1), r.gain.Reshape(1, n)
	}
	gain, w := r.gain.Data(), r.Weight.Data()
	copy(r.state.Data(), x)
	tensor.MatMul(r.gain, r.P, r.state)
	norm := r.Forgetting
	for i, v := range x[:n] {
		norm += v * gain[i]
	}
	r.Predict(e, x)
	for j := range e {
		e[j] = target[j] - e[j]
	}
	for i, g := range gain {
		k := g / norm
		for j := range m {
			w[i*m+j] += k * e[j]
		}
	}
	tensor.Gemm(r.P, r.column, r.row, -1/(norm*r.Forgetting), 1/r.Forgetting)
}

// LMS is a readout trained by least mean squares (B. Widrow and M. Hoff, 1960): a step against the
// gradient of the squared error of one row.
type LMS struct {
	Weight *tensor.Tensor[float64] // [N, M]
	Bias   []float64               // [M], nil without a constant
	Rate   float64
}

// NewLMS returns a readout whose weights are 0.
func NewLMS(n, m int, rate float64, bias bool) *LMS {
	l := &LMS{Weight: tensor.New[float64](n, m), Rate: rate}
	if bias {
		l.Bias = make([]float64, m)
	}
	return l
}

// Predict writes the outputs [M] for a state [N] to y.
func (l *LMS) Predict(y, x []float64) {
	product(y, l.Weight, x)
	for j, b := range l.Bias {
		y[j] += b
	}
}

// Update learns one row and returns the error of the prediction before the update.
func (l *LMS) Update(x, target []float64) []float64 {
	e := make([]float64, l.Weight.Dim(1))
	l.update(e, x, target)
	return e
}

// update is Update that writes the error to e [M] and allocates nothing.
func (l *LMS) update(e, x, target []float64) {
	m := l.Weight.Dim(1)
	w := l.Weight.Data()
	l.Predict(e, x)
	for j := range e {
		e[j] = target[j] - e[j]
	}
	for i, v := range x {
		for j := range m {
			w[i*m+j] += l.Rate * v * e[j]
		}
	}
	for j := range l.Bias {
		l.Bias[j] += l.Rate * e[j]
	}
}

// product sets y [M] to the product of a matrix [N, M], transposed, with x [N].
func product(y []float64, w *tensor.Tensor[float64], x []float64) {
	clear(y)
	m := w.Dim(1)
	for i, v := range x {
		for j, c := range w.Data()[i*m : (i+1)*m] {
			y[j] += v * c
		}
	}
}
