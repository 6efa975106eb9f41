package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/program"
)

// programCase is a program with the shape of its operands.
type programCase struct {
	name                   string
	p                      *program.Program
	inputs, outputs, units int
	rows, width            int
}

func programCases() []programCase {
	const linear, act, add, mul = program.Linear, program.Act, program.Add, program.Mul
	steps := []program.Step{
		{Kind: linear, A: 0, Unit: 0}, // value 2
		{Kind: act, A: 2, Unit: 0, Norm: true},
		{Kind: linear, A: 1, Unit: 1}, // 4: a second step of the first level
		{Kind: act, A: 4, Unit: 1},
		{Kind: add, A: 3, B: 5, Unit: 1, Norm: true}, // 6
		{Kind: linear, A: 6, Unit: 0},                // 7: a unit's second step
		{Kind: linear, A: 6, Unit: 2},                // 8: the same operand
		{Kind: mul, A: 7, B: 8, Unit: 2, Norm: true}, // 9
		{Kind: mul, A: 9, B: 9, Unit: 3},             // 10: both operands are one value
		{Kind: add, A: 10, B: 0, Unit: 3},            // 11: an input
		{Kind: act, A: 1, Unit: 3, Norm: true},       // 12: of an input
		{Kind: act, A: 0, Unit: 3},                   // 13
	}
	p := program.New(2, steps, []int{11, 12, 6, 11, 0, 13}, 5) // no step uses the last unit
	return []programCase{
		{"small", p, 2, 6, 5, 3, 5}, {"several tiles", p, 2, 6, 5, 70, 40}, {"many columns", p, 2, 6, 5, 2, 300},
		{"many rows", p, 2, 6, 5, 300, 3}, {"one number", p, 2, 6, 5, 1, 1},
		{"no linear steps", program.New(1, []program.Step{{Kind: act, A: 0}}, []int{1, 1}, 1), 1, 2, 1, 4, 6},
		{"only linear steps", program.New(1, []program.Step{{Kind: linear, A: 0}, {Kind: linear, A: 1}}, []int{2, 2}, 1), 1, 2, 1, 4, 6},
	}
}

func programChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	activations := map[string]program.Activation[T]{
		"tanh": {Op: tensor.OpTanh}, "ELU": {Op: tensor.OpELU, A: 0.5}, "GELU": {Op: tensor.OpGELU},
		"softmax": {Kind: program.Softmax}, "PReLU": {Kind: program.PReLU, Slope: []T{0.25}},
	}
	cases := programCases()
	for i := range cases {
		c := &cases[i]
		for name, act := range activations {
			if c.name != "small" && name != "ELU" && (c.name != "many columns" || name != "softmax") {
				continue
			}
			var kernels []string
			for _, k := range []string{"rows", "rows_grad", "linear", "source_grad"} {
				if c.name == "no linear steps" && (k == "linear" || k == "source_grad") || c.name == "only linear steps" && k[:4] == "rows" {
					continue
				}
				kernels = append(kernels, "program_"+k)
			}
			kernels = append(kernels, "program_gather", "program_scatter", "program_unit_grad", "program_unit_sums")
			checks = append(checks, check[T]{name: c.name + ", " + name, kernels: kernels, tol: programTolerance[T](), run: func() tensors {
				return runProgram(c, act)
			}})
		}
	}
	slopes := program.Activation[T]{Kind: program.RReLU, Key: tensor.NewKey(3, "slopes")}
	checks = append(checks, check[T]{name: "random slopes stay", run: func() tensors {
		return runProgram(&cases[0], slopes)
	}})
	return checks
}

// programTolerance allows for the gradients of normalisations over short rows, which are divided by
// small deviations.
func programTolerance[T tensor.Float]() float64 {
	if _, ok := any(*new(T)).(float32); ok {
		return 2e-5
	}
	return 1e-13
}

// runProgram runs a program forward, with and without memory for the way back, and backward, with
// all gradients and with some.
func runProgram[T tensor.Float](c *programCase, act program.Activation[T]) []*tensor.Tensor[T] {
	const eps = 0.1
	p := c.p
	x := normal[T]("x", c.inputs, c.rows, c.width)
	parameters := func(name string) (list []program.Unit[T], all []*tensor.Tensor[T]) {
		for u := range c.units {
			of := func(part string, shape ...int) []T {
				v := normal[T](fmt.Sprint(name, part, u), shape...)
				all = append(all, v)
				return v.Data()
			}
			list = append(list, program.Unit[T]{Weight: of("weight", c.width, c.width), Bias: of("bias", c.width), Gain: of("gain", c.width), Shift: of("shift", c.width)})
		}
		return list, all
	}
	weights, _ := parameters("")
	forward := func(keep bool) (*tensor.Tensor[T], program.Memory[T]) {
		m := program.Memory[T]{Values: tensor.New[T](p.Slots(keep), c.rows, c.width)}
		if keep {
			m.Mean, m.Rstd = tensor.New[T](p.Steps(), c.rows), tensor.New[T](p.Steps(), c.rows)
		}
		y := tensor.New[T](2, c.rows, c.outputs/2, c.width)
		program.Run(p, y, x, weights, act, eps, m)
		return y, m
	}
	y, _ := forward(false)
	kept, m := forward(true)

	dy := normal[T]("dy", kept.Shape()...)
	to, all := parameters("d")
	g := program.Grads[T]{X: normal[T]("dx", x.Shape()...), Units: to, Overwrite: make([]bool, len(to))}
	slope := normal[T]("slope", 1)
	if act.Kind == program.PReLU {
		g.Slope = slope.Data()
	}
	backward := func() {
		// Whoever comes first to a gradient writes it.
		grads := tensor.Full(T(math.NaN()), p.GradSlots(), c.rows, c.width)
		program.Backward(p, g, dy, x, weights, act, eps, m, grads)
	}
	backward()
	// Once more, without the gradient of x and some others.
	some, rest := parameters("e")
	g.X, g.Units = nil, some
	some[0].Weight, some[len(some)-1].Bias, some[0].Gain, some[0].Shift = nil, nil, nil, nil
	for u := range g.Overwrite {
		g.Overwrite[u] = u%2 == 0
	}
	backward()
	return append(append(all, rest...), y, kept, m.Values, m.Mean, m.Rstd, slope)
}

func TestProgram(t *testing.T) {
	compare(t, programChecks[float32]())
	compare(t, programChecks[float64]())
}
