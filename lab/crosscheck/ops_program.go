package crosscheck

import (
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

// opsProgram registers the expressions that the manifests spell out in words; they test variables
// used more than once and long chains.
func opsProgram[T tensor.Float](r registry[T]) {
	r.add("program", func(c *Case[T]) {
		expr := c.String("expr", "")
		var steps int
		var scale, shift float64
		tp := c.Tape
		switch {
		case expr == "sum_0(x*x + x) * x[0]":
			x := c.Var("x")
			first := tp.Reshape(tp.Slice(x, 0, 0, 1, 1), x.Shape()[1:]...)
			c.Out(tp.Mul(tp.Sum(tp.Add(tp.Mul(x, x), x), 0), first))
		case expr == "tanh(x)*sigmoid(x) + tanh(x)^2":
			x := c.Var("x")
			t := tp.Tanh(x)
			c.Out(tp.Add(tp.Mul(t, tp.Sigmoid(x)), tp.Square(t)))
		case scan(expr, "%d times x <- tanh(%g x + %g)", &steps, &scale, &shift) && steps <= 1e6:
			x := c.Var("x")
			for range steps {
				x = affineTanh(tp, x, scale, shift)
			}
			c.Out(x)
		default:
			skip("unknown expression %q", expr)
		}
	})
}

// scan reads values out of an expression of the given format.
func scan(expr, format string, values ...any) bool {
	n, err := fmt.Sscanf(expr, format, values...)
	return err == nil && n == len(values)
}

func affineTanh[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], scale, shift float64) *autograd.Var[T] {
	return tp.Tanh(tp.AddScalar(tp.MulScalar(x, scale), shift))
}
