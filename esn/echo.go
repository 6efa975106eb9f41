package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// EchoStates says whether a stack has the echo state property: that after enough input its state
// depends on the input alone, and not on how it began. Numbers of a stack are the largest of its
// layers.
type EchoStates struct {
	// Radius is the spectral radius of (1-a) I + a f'(0) W, the update linearised about the zero
	// state. Where there is no bias it must be at most 1: otherwise the zero state is unstable
	// under the zero input (H. Jaeger, GMD report 148, 2001, proposition 3b; with the leak Jaeger,
	// Lukoševičius, Popovici and Siewert, Neural Networks 20, 2007, proposition 2). It is not
	// sufficient, and a strong input can make a network forget that has a larger one.
	Radius float64
	// Norm is L times the spectral norm of W, where L is the largest slope of f. Below 1 it is
	// sufficient, whatever the input, if all neurons have one leak (Jaeger 2001, proposition 3a).
	Norm float64
	// Absolute is L times the spectral radius of |W|. Below 1 it is sufficient, whatever input and
	// leaks: the update is then a contraction in a weighted maximum norm (I. Yildiz, H. Jaeger and
	// S. Kiebel, Re-visiting the echo state property, Neural Networks 35, 2012, gives it as a case
	// of diagonal Schur stability).
	Absolute float64
	// Guaranteed says that one of the sufficient conditions holds in every layer.
	Guaranteed bool
	// Distance is the largest difference of a state, after the last row of the input that was
	// given, among runs from the zero state and from random ones. It is what is left of the
	// beginning under this input. Infinite or NaN, states have overflown.
	Distance float64
}

// largestSlope returns the largest modulus of the derivative of a function.
func largestSlope(op tensor.UnaryOp, slope float64) (float64, error) {
	switch op {
	case tensor.OpTanh, tensor.OpReLU, tensor.OpSoftsign, tensor.OpSin:
		return 1, nil
	case tensor.OpSigmoid:
		return .25, nil
	case tensor.OpLeakyReLU, tensor.OpELU:
		return max(1, math.Abs(slope)), nil
	case tensor.OpMulScalar:
		return math.Abs(slope), nil
	}
	return 0, fmt.Errorf("esn: the largest slope of activation %d is not known, expected one of Activations", op)
}

// EchoStates examines the stack under the input u [T, K], which says how fast it forgets, with so
// many random starts in [-1, 1] of a seed.
func (d *Deep[T]) EchoStates(u *tensor.Tensor[T], starts int, seed uint64) (e EchoStates, err error) {
	layers, err := d.dynamicsOf(u)
	if err != nil {
		return e, err
	}
	e.Guaranteed = true
	for _, m := range layers {
		slope, err := largestSlope(m.op, m.slope)
		if err != nil {
			return e, err
		}
		norm, err := largestSingular(m.w.n, m.w.n, len(m.w.val), m.w.multiply, m.w.multiplyTransposed)
		if err != nil {
			return e, err
		}
		absolute := &sparse{n: m.w.n, ptr: m.w.ptr, col: m.w.col, val: make([]float64, len(m.w.val))}
		for k, v := range m.w.val {
			absolute.val[k] = math.Abs(v)
		}
		rho, err := absolute.spectralRadius()
		if err != nil {
			return e, err
		}
		radius, err := m.jacobian().spectralRadius()
		if err != nil {
			return e, err
		}
		e.Radius, e.Norm, e.Absolute = max(e.Radius, radius), max(e.Norm, slope*norm), max(e.Absolute, slope*rho)
		e.Guaranteed = e.Guaranteed && (slope*rho < 1 || slope*norm < 1 && m.oneLeak())
	}
	e.Distance, err = d.distance(u, starts, seed)
	return e, err
}

// oneLeak reports whether all neurons have the same leak.
func (m *dynamics) oneLeak() bool {
	for _, a := range m.leak {
		if a != m.leak[0] {
			return false
		}
	}
	return true
}

// distance returns the largest difference of the last states of runs from other starts.
func (d *Deep[T]) distance(u *tensor.Tensor[T], starts int, seed uint64) (float64, error) {
	if u.Dim(0) == 0 || starts < 1 {
		return 0, fmt.Errorf("esn: %d rows of input and %d starts, expected at least 1 of both", u.Dim(0), starts)
	}
	var zero *tensor.Tensor[float64]
	largest := 0.0
	for s := range starts + 1 {
		states, err := d.run(u, d.starts(seed, "esn.echo", s))
		if err != nil {
			return 0, err
		}
		last := tensor.Convert[float64](states.Slice(0, u.Dim(0)-1, u.Dim(0), 1))
		if s == 0 {
			zero = last
			continue
		}
		tensor.Sub(last, last, zero)
		for _, v := range last.Data() {
			if v = math.Abs(v); !(v <= largest) { // true for NaN
				largest = v
			}
		}
	}
	return largest, nil
}

// starts returns options that begin every layer in random states in [-1, 1], or in 0 for number 0.
func (d *Deep[T]) starts(seed uint64, purpose string, number int) []Options[T] {
	each := make([]Options[T], len(d.Layers))
	if number > 0 {
		for l, r := range d.Layers {
			each[l].Start = tensor.Uniform[T](tensor.NewKey(seed, purpose, uint64(number), uint64(l)), -1, 1, r.Size())
		}
	}
	return each
}
