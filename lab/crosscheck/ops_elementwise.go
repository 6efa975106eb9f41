package crosscheck

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// opsElementwise registers the functions of one and two variables.
func opsElementwise[T tensor.Float](r registry[T]) {
	type tape = autograd.Tape[T]
	r.add("neg", unary((*tape).Neg))
	r.add("abs", unary((*tape).Abs))
	r.add("square", unary((*tape).Square))
	r.add("sqrt", unary((*tape).Sqrt))
	r.add("rsqrt", unary((*tape).Rsqrt))
	r.add("reciprocal", unary((*tape).Reciprocal))
	r.add("exp", unary((*tape).Exp))
	r.add("expm1", unary((*tape).Expm1))
	r.add("log", unary((*tape).Log))
	r.add("log1p", unary((*tape).Log1p))
	r.add("sin", unary((*tape).Sin))
	r.add("cos", unary((*tape).Cos))
	r.add("erf", unary((*tape).Erf))
	r.add("tanh", unary((*tape).Tanh))
	r.add("sigmoid", unary((*tape).Sigmoid))
	r.add("relu", unary((*tape).ReLU))
	r.add("relu6", unary((*tape).ReLU6))
	r.add("hardswish", unary((*tape).Hardswish))
	r.add("hardsigmoid", unary((*tape).Hardsigmoid))
	r.add("selu", unary((*tape).SELU))
	r.add("silu", unary((*tape).SiLU))
	r.add("mish", unary((*tape).Mish))
	r.add("softsign", unary((*tape).Softsign))
	r.add("log_sigmoid", unary((*tape).LogSigmoid))
	r.add("hardtanh", func(c *Case[T]) {
		c.Out(c.Tape.Clamp(c.VarAt(0), c.Float("min_val", -1), c.Float("max_val", 1)))
	})
	r.add("clamp", func(c *Case[T]) {
		c.Out(c.Tape.Clamp(c.VarAt(0), c.Float("min", math.Inf(-1)), c.Float("max", math.Inf(1))))
	})
	r.add("leaky_relu", func(c *Case[T]) { c.Out(c.Tape.LeakyReLU(c.VarAt(0), c.Float("negative_slope", 0.01))) })
	r.add("elu", func(c *Case[T]) { c.Out(c.Tape.ELU(c.VarAt(0), c.Float("alpha", 1))) })
	r.add("celu", func(c *Case[T]) { c.Out(c.Tape.CELU(c.VarAt(0), c.Float("alpha", 1))) })
	r.add("softplus", func(c *Case[T]) {
		c.Out(c.Tape.Softplus(c.VarAt(0), c.Float("beta", 1), c.Float("threshold", 20)))
	})
	r.add("gelu", func(c *Case[T]) {
		if c.Choice("approximate", "none", "tanh") == "tanh" {
			c.Out(c.Tape.GELUTanh(c.VarAt(0)))
		} else {
			c.Out(c.Tape.GELU(c.VarAt(0)))
		}
	})
	r.add("pow_scalar", func(c *Case[T]) { c.Out(c.Tape.PowScalar(c.VarAt(0), c.Float("exponent", 1))) })
	r.add("add_scalar", func(c *Case[T]) { c.Out(c.Tape.AddScalar(c.VarAt(0), c.Float("value", 0))) })
	r.add("mul_scalar", func(c *Case[T]) { c.Out(c.Tape.MulScalar(c.VarAt(0), c.Float("value", 1))) })

	r.add("add", binary((*tape).Add))
	r.add("sub", binary((*tape).Sub))
	r.add("mul", binary((*tape).Mul))
	r.add("div", binary((*tape).Div))
	r.add("pow", binary((*tape).Pow))
	r.add("maximum", binary((*tape).Maximum))
	r.add("minimum", binary((*tape).Minimum))
	r.add("where", func(c *Case[T]) { c.Out(c.Tape.Where(c.Tensor("cond"), c.Var("a"), c.Var("b"))) })
	r.add("dropout", func(c *Case[T]) { // what is not random of it
		c.Tape.Training = c.Bool("training", false)
		defer func() { c.Tape.Training = false }()
		c.Out(c.Tape.Dropout(c.VarAt(0), c.Float("p", 0.5)))
	})
	r.add("prelu", func(c *Case[T]) { c.Out(c.Tape.PReLU(c.Var("x"), c.Var("weight"))) })
	r.add("glu", func(c *Case[T]) { c.Out(c.Tape.GLU(c.VarAt(0), c.AttrInt("dim", -1))) })
}
