package autograd

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// unary records y = f(x) elementwise. The derivative of each function stands beside it in package
// tensor (tensor.MapGrad).
func (tp *Tape[T]) unary(op tensor.UnaryOp, x *Var[T], a, b float64) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.Map(op, y.Value, x.Value, T(a), T(b))
	Record(tp, unaryOp[T]{op, x, y, T(a), T(b)})
	return y
}

// Map returns an activation of x.
func (tp *Tape[T]) Map(f tensor.Activation, x *Var[T]) *Var[T] {
	if f.Identity {
		return x
	}
	return tp.unary(f.Op, x, f.A, f.B)
}

type unaryOp[T tensor.Float] struct {
	op   tensor.UnaryOp
	x, y *Var[T]
	a, b T
}

func (o *unaryOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	dx, beta := o.x.GradTarget()
	tensor.MapGrad(o.op, dx, dy, o.x.Value, o.y.Value, o.a, o.b, beta)
}

// Neg returns -x.
func (tp *Tape[T]) Neg(x *Var[T]) *Var[T] { return tp.unary(tensor.OpNeg, x, 0, 0) }

// Abs returns |x|; the derivative at 0 is 0.
func (tp *Tape[T]) Abs(x *Var[T]) *Var[T] { return tp.unary(tensor.OpAbs, x, 0, 0) }

// Square returns x*x.
func (tp *Tape[T]) Square(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSquare, x, 0, 0) }

// Sqrt returns the square root of x.
func (tp *Tape[T]) Sqrt(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSqrt, x, 0, 0) }

// Rsqrt returns 1/sqrt(x).
func (tp *Tape[T]) Rsqrt(x *Var[T]) *Var[T] { return tp.unary(tensor.OpRsqrt, x, 0, 0) }

// Reciprocal returns 1/x.
func (tp *Tape[T]) Reciprocal(x *Var[T]) *Var[T] { return tp.unary(tensor.OpReciprocal, x, 0, 0) }

// Exp returns e^x.
func (tp *Tape[T]) Exp(x *Var[T]) *Var[T] { return tp.unary(tensor.OpExp, x, 0, 0) }

// Expm1 returns e^x - 1, accurate for small x.
func (tp *Tape[T]) Expm1(x *Var[T]) *Var[T] { return tp.unary(tensor.OpExpm1, x, 0, 0) }

// Log returns ln x.
func (tp *Tape[T]) Log(x *Var[T]) *Var[T] { return tp.unary(tensor.OpLog, x, 0, 0) }

// Log1p returns ln(1+x), accurate for small x.
func (tp *Tape[T]) Log1p(x *Var[T]) *Var[T] { return tp.unary(tensor.OpLog1p, x, 0, 0) }

// Sin returns sin x.
func (tp *Tape[T]) Sin(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSin, x, 0, 0) }

// Cos returns cos x.
func (tp *Tape[T]) Cos(x *Var[T]) *Var[T] { return tp.unary(tensor.OpCos, x, 0, 0) }

// Erf returns the error function, 2/sqrt(pi) times the integral of e^(-t*t) from 0 to x.
func (tp *Tape[T]) Erf(x *Var[T]) *Var[T] { return tp.unary(tensor.OpErf, x, 0, 0) }

// Tanh returns tanh x.
func (tp *Tape[T]) Tanh(x *Var[T]) *Var[T] { return tp.unary(tensor.OpTanh, x, 0, 0) }

// Sigmoid returns 1/(1+e^-x).
func (tp *Tape[T]) Sigmoid(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSigmoid, x, 0, 0) }

// ReLU returns max(x, 0); the derivative at 0 is 0.
func (tp *Tape[T]) ReLU(x *Var[T]) *Var[T] { return tp.unary(tensor.OpReLU, x, 0, 0) }

// Hardswish returns x * relu6(x+3)/6 (Howard et al. 2019).
func (tp *Tape[T]) Hardswish(x *Var[T]) *Var[T] { return tp.unary(tensor.OpHardswish, x, 0, 0) }

// Hardsigmoid returns relu6(x+3)/6.
func (tp *Tape[T]) Hardsigmoid(x *Var[T]) *Var[T] { return tp.unary(tensor.OpHardsigmoid, x, 0, 0) }

// SELU returns the self-normalising unit of Klambauer et al. 2017.
func (tp *Tape[T]) SELU(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSELU, x, 0, 0) }

// SiLU returns x/(1+e^-x), also called swish.
func (tp *Tape[T]) SiLU(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSiLU, x, 0, 0) }

// Mish returns x*tanh(ln(1+e^x)) (Misra 2019).
func (tp *Tape[T]) Mish(x *Var[T]) *Var[T] { return tp.unary(tensor.OpMish, x, 0, 0) }

// Softsign returns x/(1+|x|).
func (tp *Tape[T]) Softsign(x *Var[T]) *Var[T] { return tp.unary(tensor.OpSoftsign, x, 0, 0) }

// LogSigmoid returns ln(1/(1+e^-x)).
func (tp *Tape[T]) LogSigmoid(x *Var[T]) *Var[T] { return tp.unary(tensor.OpLogSigmoid, x, 0, 0) }

// GELU returns x times the normal distribution function of x (Hendrycks and Gimpel 2016).
func (tp *Tape[T]) GELU(x *Var[T]) *Var[T] { return tp.unary(tensor.OpGELU, x, 0, 0) }

// GELUTanh returns the approximation x/2*(1+tanh(sqrt(2/pi)*(x+0.044715*x^3))) of GELU.
func (tp *Tape[T]) GELUTanh(x *Var[T]) *Var[T] { return tp.unary(tensor.OpGELUTanh, x, 0, 0) }

// ReLU6 returns x held within [0, 6]; the derivative on the bounds is 0.
func (tp *Tape[T]) ReLU6(x *Var[T]) *Var[T] { return tp.unary(tensor.OpClamp, x, 0, 6) }

// Clamp returns x held within [lo, hi]; the derivative on the bounds is 0, as in PyTorch 2.
// Infinite bounds do not bind; where lo > hi the result is hi.
func (tp *Tape[T]) Clamp(x *Var[T], lo, hi float64) *Var[T] {
	if math.IsNaN(lo) || math.IsNaN(hi) {
		tensor.PanicUsage("autograd.Clamp", fmt.Sprintf("bounds %v and %v, expected numbers", lo, hi))
	}
	return tp.unary(tensor.OpClamp, x, lo, hi)
}

// LeakyReLU returns x where x > 0, else slope*x.
func (tp *Tape[T]) LeakyReLU(x *Var[T], slope float64) *Var[T] {
	return tp.unary(tensor.OpLeakyReLU, x, slope, 0)
}

// ELU returns x where x > 0, else alpha*(e^x - 1) (Clevert et al. 2016).
func (tp *Tape[T]) ELU(x *Var[T], alpha float64) *Var[T] { return tp.unary(tensor.OpELU, x, alpha, 0) }

// CELU returns x where x > 0, else alpha*(e^(x/alpha) - 1) (Barron 2017), for alpha > 0.
func (tp *Tape[T]) CELU(x *Var[T], alpha float64) *Var[T] {
	if !(alpha > 0) {
		tensor.PanicUsage("autograd.CELU", fmt.Sprintf("alpha %v, expected a positive number", alpha))
	}
	return tp.unary(tensor.OpCELU, x, alpha, 0)
}

// Softplus returns ln(1+e^(beta*x))/beta, and x itself where beta*x > threshold; PyTorch's defaults
// are 1 and 20.
func (tp *Tape[T]) Softplus(x *Var[T], beta, threshold float64) *Var[T] {
	return tp.unary(tensor.OpSoftplus, x, beta, threshold)
}

// PowScalar returns x^exponent.
func (tp *Tape[T]) PowScalar(x *Var[T], exponent float64) *Var[T] {
	return tp.unary(tensor.OpPowScalar, x, exponent, 0)
}

// AddScalar returns x + c.
func (tp *Tape[T]) AddScalar(x *Var[T], c float64) *Var[T] {
	return tp.unary(tensor.OpAddScalar, x, c, 0)
}

// MulScalar returns x * c.
func (tp *Tape[T]) MulScalar(x *Var[T], c float64) *Var[T] {
	return tp.unary(tensor.OpMulScalar, x, c, 0)
}
