package tensor

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Activation is a function of one variable that the units of networks apply: UnaryOp Op with its
// parameters A and B. Its derivative is that of MapGrad.
type Activation struct {
	Name string
	Op   UnaryOp
	A, B float64
	// Identity says that the function returns its argument; Op is not applied.
	Identity bool
	// FromResult says that the derivative can be told from the result alone: MapGrad may be given y
	// in the place of x, which then need not be kept.
	FromResult bool
	// Gain is the factor on the standard deviation 1/sqrt(n) of weights that preserves the variance
	// of signals: sqrt(2) for rectifiers (He et al. 2015), 5/3 for tanh, as in PyTorch's
	// calculate_gain, 1 where none is known.
	Gain float64
}

// activations is the one table of activations, in the order of their names, with PyTorch's default
// parameters. Whatever offers activations by name reads it.
var activations = []Activation{
	{Name: "celu", Op: OpCELU, A: 1, Gain: 1},
	{Name: "elu", Op: OpELU, A: 1, Gain: math.Sqrt2},
	{Name: "gelu", Op: OpGELU, Gain: math.Sqrt2},
	{Name: "gelu_tanh", Op: OpGELUTanh, Gain: math.Sqrt2},
	{Name: "hardsigmoid", Op: OpHardsigmoid, Gain: 1},
	{Name: "hardswish", Op: OpHardswish, Gain: 1},
	{Name: "hardtanh", Op: OpClamp, A: -1, B: 1, Gain: 1},
	{Name: "identity", Identity: true, Gain: 1},
	{Name: "leaky_relu", Op: OpLeakyReLU, A: 0.01, Gain: math.Sqrt2},
	{Name: "mish", Op: OpMish, Gain: 1},
	{Name: "relu", Op: OpReLU, FromResult: true, Gain: math.Sqrt2},
	{Name: "relu6", Op: OpClamp, A: 0, B: 6, Gain: math.Sqrt2},
	{Name: "selu", Op: OpSELU, Gain: 1},
	{Name: "sigmoid", Op: OpSigmoid, FromResult: true, Gain: 1},
	{Name: "silu", Op: OpSiLU, Gain: math.Sqrt2},
	{Name: "softplus", Op: OpSoftplus, A: 1, B: 20, Gain: 1},
	{Name: "softsign", Op: OpSoftsign, Gain: 1},
	{Name: "tanh", Op: OpTanh, FromResult: true, Gain: 5.0 / 3},
}

// Activations lists all activations in the order of their names.
func Activations() []Activation { return slices.Clone(activations) }

// ActivationOf returns the activation of a name. The error lists the names that there are.
func ActivationOf(name string) (Activation, error) {
	var known []string
	for _, a := range activations {
		if a.Name == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return Activation{}, fmt.Errorf("unknown activation %q, expected one of %s", name, strings.Join(known, ", "))
}
