package esn

import (
	"fmt"

	"elegans/autograd/nn"
	"elegans/tensor"
)

// Layer returns the reservoir as a layer of a network that is trained by gradient, frozen at first:
// see nn.EchoState. It has copies of the weights. A reservoir with feedback is no layer: append
// the outputs of the step before to its input.
func (r *Reservoir[T]) Layer() (*nn.EchoState[T], error) {
	if r.Feedback != nil {
		return nil, fmt.Errorf("esn: a reservoir with feedback as a layer, expected one without")
	}
	clone := func(t *tensor.Tensor[T]) *tensor.Tensor[T] {
		if t == nil {
			return nil
		}
		return t.Contiguous().Clone()
	}
	w := r.W // NewEchoState copies sparse values
	if w.Dense != nil {
		w.Dense = clone(w.Dense)
	}
	act := tensor.Activation{Op: r.Activation, A: float64(r.Slope)}
	for _, a := range tensor.Activations() {
		if a.Op == r.Activation && a.FromResult {
			act.FromResult = true
		}
	}
	return nn.NewEchoState(w, clone(r.Input), clone(r.Bias), clone(r.Leak), act), nil
}

// ReservoirOf returns a layer, perhaps trained, as a reservoir with copies of its weights, to be
// run over long sequences or in closed loop.
func ReservoirOf[T tensor.Float](l *nn.EchoState[T]) (*Reservoir[T], error) {
	if l.Activation.B != 0 {
		return nil, fmt.Errorf("esn: activation %q of two parameters, expected at most one", l.Activation.Name)
	}
	r := &Reservoir[T]{Activation: l.Activation.Op, Slope: T(l.Activation.A)}
	if l.Activation.Identity {
		r.Activation, r.Slope = tensor.OpMulScalar, 1
	}
	w, input, bias, leak := l.Values()
	r.Input, r.Bias, r.Leak = input, bias, leak
	if s := l.Pattern; s != nil {
		r.W.Sparse = tensor.NewCSR(s.Rows, s.Cols, s.RowPtr, s.Col, w.Data())
	} else {
		r.W.Dense = w
	}
	return r, nil
}
