package esn

import (
	"fmt"

	"elegans/internal/memory"
	"elegans/tensor"
)

func init() {
	RegisterReadout(func() Readout { return NewRLSReadout() })
}

// RLSReadout is a linear readout that learns online by recursive least squares: see RLS. With
// Forgetting 1 it has after every row what a ridge regression with the absolute penalty Alpha, on
// the weights and the constant, would make of all rows so far.
type RLSReadout struct {
	// Alpha is the penalty: 1e-3. A smaller one learns faster and is less stable.
	Alpha float64 `json:"alpha"`
	// Forgetting in (0, 1] is the weight of the row before against that of the present one: 1.
	// Below 1, P grows without bound where the features do not vary.
	Forgetting float64 `json:"forgetting"`
	// NoConstant leaves the constant out.
	NoConstant bool `json:"no_constant,omitempty"`

	rls    *RLS
	linear online
}

// NewRLSReadout returns a readout with the default options.
func NewRLSReadout() *RLSReadout { return &RLSReadout{Alpha: 1e-3, Forgetting: 1} }

// Kind is rls.
func (r *RLSReadout) Kind() string { return "rls" }

// Begin sets the weights to 0 and P to I/Alpha.
func (r *RLSReadout) Begin(features, outputs int) error {
	size := features
	if !r.NoConstant {
		size++
	}
	n := float64(size)
	if err := memory.Need(fmt.Sprintf("recursive least squares with %d features", features), 8*n*(n+float64(outputs))); err != nil {
		return err
	}
	rls, err := NewRLS(size, outputs, r.Alpha, r.Forgetting)
	if err == nil {
		r.rls, r.linear = rls, newOnline(rls.Weight, features)
	}
	return err
}

// Add learns row after row.
func (r *RLSReadout) Add(x, y *tensor.Tensor[float64]) error { return learnRows(r, x, y) }

// Solve does nothing, since every row was learnt when it came.
func (r *RLSReadout) Solve() error { return nil }

// Learn learns one row.
func (r *RLSReadout) Learn(x, target []float64) {
	r.rls.update(r.linear.e, r.linear.with(x), target)
}

// Predict writes the outputs.
func (r *RLSReadout) Predict(y, x *tensor.Tensor[float64]) { r.linear.predict(y, x) }

// Arrays returns weight [F+1, M], of which the last row is the constant, and p [F+1, F+1]. Without
// a constant there is no such row.
func (r *RLSReadout) Arrays() map[string]*tensor.Tensor[float64] {
	if r.rls == nil {
		return nil
	}
	return map[string]*tensor.Tensor[float64]{"weight": r.rls.Weight, "p": r.rls.P}
}

// SetArrays takes what Arrays returned.
func (r *RLSReadout) SetArrays(arrays map[string]*tensor.Tensor[float64]) error {
	if err := arraysOf(r.Kind(), arrays, r.Arrays()); err != nil {
		return err
	}
	copy(r.rls.Weight.Data(), arrays["weight"].Data())
	copy(r.rls.P.Data(), arrays["p"].Data())
	return nil
}

// online is what the readouts that learn online share: weights [F+1, M] whose last row is a
// constant, or [F, M] without one.
type online struct {
	weight   *tensor.Tensor[float64] // [F, M]
	constant *tensor.Tensor[float64] // [M] or nil
	x, e     []float64               // the features with a 1 behind them, and room for the error
}

func newOnline(w *tensor.Tensor[float64], features int) online {
	size, outputs := w.Dim(0), w.Dim(1)
	o := online{weight: w.Slice(0, 0, features, 1), x: make([]float64, size), e: make([]float64, outputs)}
	if size > features {
		o.x[features] = 1
		o.constant = w.Slice(0, features, size, 1).Reshape(outputs)
	}
	return o
}

// with returns the features with a 1 behind them if there is a constant.
func (o *online) with(x []float64) []float64 {
	copy(o.x[:o.weight.Dim(0)], x)
	return o.x
}

func (o *online) predict(y, x *tensor.Tensor[float64]) {
	tensor.MatMul(y, x, o.weight)
	if o.constant != nil {
		tensor.Add(y, y, o.constant)
	}
}

// learnRows is Readout.Add for a readout that learns online.
func learnRows(r OnlineReadout, x, y *tensor.Tensor[float64]) error {
	if x.Dims() != 2 || y.Dims() != 2 || x.Dim(0) != y.Dim(0) {
		return fmt.Errorf("esn: features of shape %v and targets of shape %v, expected [T, F] and [T, M]", x.Shape(), y.Shape())
	}
	f, m := x.Dim(1), y.Dim(1)
	xs, ys := x.Contiguous().Data(), y.Contiguous().Data()
	for t := range x.Dim(0) {
		r.Learn(xs[t*f:(t+1)*f], ys[t*m:(t+1)*m])
	}
	return nil
}
