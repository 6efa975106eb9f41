package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// Activation returns the activation of a name as a module: one of tensor.Activations.
func Activation[T tensor.Float](name string) (Func[T], error) {
	f, err := tensor.ActivationOf(name)
	if err != nil {
		return nil, err
	}
	return func(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] { return tp.Map(f, x) }, nil
}

// Dropout zeroes elements with probability P while Tape.Training is set; see autograd.Tape.Dropout.
type Dropout[T tensor.Float] struct{ P float64 }

// Forward drops elements of x.
func (d Dropout[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Dropout(x, d.P)
}
