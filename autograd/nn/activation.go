package nn

import (
	"fmt"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/tensor"
)

// Activations lists the names that Activation knows.
var Activations = []string{"identity", "relu", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh", "silu", "mish", "softplus", "tanh", "sigmoid"}

// Activation returns the activation of a name in Activations, with PyTorch's default coefficients.
func Activation[T tensor.Float](name string) (Func[T], error) {
	type tape = autograd.Tape[T]
	type variable = autograd.Var[T]
	switch name {
	case "identity":
		return func(_ *tape, x *variable) *variable { return x }, nil
	case "relu":
		return (*tape).ReLU, nil
	case "leaky_relu":
		return func(tp *tape, x *variable) *variable { return tp.LeakyReLU(x, 0.01) }, nil
	case "elu":
		return func(tp *tape, x *variable) *variable { return tp.ELU(x, 1) }, nil
	case "selu":
		return (*tape).SELU, nil
	case "gelu":
		return (*tape).GELU, nil
	case "gelu_tanh":
		return (*tape).GELUTanh, nil
	case "silu":
		return (*tape).SiLU, nil
	case "mish":
		return (*tape).Mish, nil
	case "softplus":
		return func(tp *tape, x *variable) *variable { return tp.Softplus(x, 1, 20) }, nil
	case "tanh":
		return (*tape).Tanh, nil
	case "sigmoid":
		return (*tape).Sigmoid, nil
	}
	known := slices.Sorted(slices.Values(Activations))
	return nil, fmt.Errorf("unknown activation %q, want one of %s", name, strings.Join(known, ", "))
}

// Dropout zeroes elements with probability P while Tape.Training is set; see autograd.Tape.Dropout.
type Dropout[T tensor.Float] struct{ P float64 }

// Forward drops elements of x.
func (d Dropout[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return tp.Dropout(x, d.P)
}
