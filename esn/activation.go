package esn

import (
	"fmt"
	"maps"
	"slices"

	"elegans/internal/choice"
	"elegans/tensor"
)

// activation is a function that a Config can name.
type activation struct {
	op    tensor.UnaryOp
	slope float64 // the default of Config.Slope, 0 if the function has no parameter
}

var activations = map[string]activation{
	"tanh":       {op: tensor.OpTanh},
	"sigmoid":    {op: tensor.OpSigmoid},
	"relu":       {op: tensor.OpReLU},
	"leaky_relu": {op: tensor.OpLeakyReLU, slope: .01},
	"elu":        {op: tensor.OpELU, slope: 1},
	"softsign":   {op: tensor.OpSoftsign},
	"sin":        {op: tensor.OpSin},
	"linear":     {op: tensor.OpMulScalar, slope: 1},
}

// Activations returns the names of the activations.
func Activations() []string { return slices.Sorted(maps.Keys(activations)) }

// activationOf returns the function of a Config and its parameter.
func (c *Config) activationOf() (op tensor.UnaryOp, slope float64, err error) {
	name := c.Activation
	if name == "" {
		name = "tanh"
	}
	a, ok := activations[name]
	if !ok {
		return 0, 0, fmt.Errorf("activation %q, expected one of %s", name, choice.List(Activations()))
	}
	if c.Slope == 0 {
		return a.op, a.slope, nil
	}
	if a.slope == 0 {
		return 0, 0, fmt.Errorf("slope %v for the activation %s, which has none", c.Slope, name)
	}
	return a.op, c.Slope, nil
}
