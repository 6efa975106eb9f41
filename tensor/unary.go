package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// UnaryOp names a function of one variable for Map and MapGrad. Parameters a and b that a function
// does not mention are ignored.
type UnaryOp = kernel.Unary

// The functions; sigma is the logistic function, Phi the normal distribution function.
const (
	OpNeg         = kernel.Neg         // -x
	OpAbs         = kernel.Abs         // |x|
	OpSquare      = kernel.Square      // x*x
	OpSqrt        = kernel.Sqrt        // square root
	OpRsqrt       = kernel.Rsqrt       // 1/sqrt(x)
	OpReciprocal  = kernel.Reciprocal  // 1/x
	OpExp         = kernel.Exp         // e^x
	OpExpm1       = kernel.Expm1       // e^x - 1
	OpLog         = kernel.Log         // ln x
	OpLog1p       = kernel.Log1p       // ln(1+x)
	OpSin         = kernel.Sin         // sin x
	OpCos         = kernel.Cos         // cos x
	OpErf         = kernel.Erf         // the error function
	OpTanh        = kernel.Tanh        // hyperbolic tangent
	OpSigmoid     = kernel.Sigmoid     // sigma(x) = 1/(1+e^-x)
	OpReLU        = kernel.ReLU        // max(x, 0); derivative 0 at 0
	OpHardswish   = kernel.Hardswish   // x * relu6(x+3)/6
	OpHardsigmoid = kernel.Hardsigmoid // relu6(x+3)/6
	OpLeakyReLU   = kernel.LeakyReLU   // x if x > 0, else a*x
	OpELU         = kernel.ELU         // x if x > 0, else a*(e^x-1)
	OpCELU        = kernel.CELU        // x if x > 0, else a*(e^(x/a)-1)
	OpSELU        = kernel.SELU        // ELU with the constants of self-normalising networks
	OpSiLU        = kernel.SiLU        // x*sigma(x)
	OpMish        = kernel.Mish        // x*tanh(ln(1+e^x))
	OpSoftplus    = kernel.Softplus    // ln(1+e^(a*x))/a, and x where a*x > b
	OpSoftsign    = kernel.Softsign    // x/(1+|x|)
	OpLogSigmoid  = kernel.LogSigmoid  // ln sigma(x)
	OpGELU        = kernel.GELU        // x*Phi(x)
	OpGELUTanh    = kernel.GELUTanh    // x/2*(1+tanh(sqrt(2/pi)*(x+0.044715*x^3))), near GELU
	OpPowScalar   = kernel.PowScalar   // x^a
	OpClamp       = kernel.Clamp       // x held within [a, b]; derivative 0 on the bounds
	OpAddScalar   = kernel.AddScalar   // x + a
	OpMulScalar   = kernel.MulScalar   // x * a
)

// unaryGrain returns the grain of a function: arithmetic is limited by memory, the others by
// computation.
func unaryGrain(op UnaryOp) int {
	switch op {
	case OpNeg, OpAbs, OpSquare, OpReLU, OpLeakyReLU, OpClamp, OpAddScalar, OpMulScalar:
		return grainArithmetic
	}
	return grainFunction
}

// Map computes dst = f(x) for every element. dst and x have equal shapes and may be the same
// tensor; both may be strided.
func Map[T Float](op UnaryOp, dst, x *Tensor[T], a, b T) {
	checkSame("Map", dst, x)
	if d := device.Active(); d != nil {
		deviceMap(d, op, dst, x, a, b)
		return
	}
	n := dst.Len()
	if dst.IsContiguous() && x.IsContiguous() {
		if grain := unaryGrain(op); n <= grain {
			kernel.Of[T]().Map[op](dst.data[:n], x.data[:n], a, b)
		} else {
			parallel.For(n, grain, flatMap[T]{op, dst.data, x.data, a, b})
		}
		return
	}
	if n > 0 {
		body := stridedMap[T]{op: op, dst: dst.data, x: x.data, a: a, b: b}
		body.n.init(dst.Shape(), dst.Strides(), x.Strides(), nil, nil)
		parallel.For(body.n.units, body.n.grain(unaryGrain(op)), body)
	}
}

type flatMap[T Float] struct {
	op     UnaryOp
	dst, x []T
	a, b   T
}

func (m *flatMap[T]) Do(lo, hi int) {
	k := kernel.Of[T]().Map[m.op]
	for ; lo < hi; lo += block {
		end := min(lo+block, hi)
		k(m.dst[lo:end], m.x[lo:end], m.a, m.b)
	}
}

type stridedMap[T Float] struct {
	op     UnaryOp
	dst, x []T
	a, b   T
	n      nest
}

func (m *stridedMap[T]) Do(lo, hi int) {
	k := kernel.Of[T]().Map[m.op]
	s := takeStage[T]()
	ds, xs := m.n.innerStride(0), m.n.innerStride(1)
	for u := lo; u < hi; u++ {
		at, n := m.n.unit(u)
		dst := m.dst[at[0]:]
		out := s.buf[0][:n]
		if ds == 1 {
			out = dst[:n]
		}
		k(out, contiguous(s.buf[1][:], m.x[at[1]:], xs, n), m.a, m.b)
		if ds != 1 {
			scatter(dst, ds, out)
		}
	}
	putStage(s)
}

// MapGrad is the backward pass of y = Map(x):
//
//	dx = beta*dx + dy*f'(x)
//
// beta is 0, and then the content of dx is ignored, or 1. All tensors are contiguous and have equal
// shapes; dx may be the same tensor as dy.
func MapGrad[T Float](op UnaryOp, dx, dy, x, y *Tensor[T], a, b, beta T) {
	checkSame("MapGrad", dx, dy)
	checkSame("MapGrad", dx, x)
	checkSame("MapGrad", dx, y)
	if d := device.Active(); d != nil {
		deviceMapGrad(d, op, dx, dy, x, y, a, b, beta)
		return
	}
	body := flatMapGrad[T]{op, dx.Data(), dy.Data(), x.Data(), y.Data(), a, b, beta}
	n := len(body.dx)
	if grain := unaryGrain(op) / 2; n <= grain {
		kernel.Of[T]().MapGrad[op](body.dx, body.dy, body.x, body.y, a, b, beta)
	} else {
		parallel.For(n, grain, body)
	}
}

type flatMapGrad[T Float] struct {
	op           UnaryOp
	dx, dy, x, y []T
	a, b, beta   T
}

func (m *flatMapGrad[T]) Do(lo, hi int) {
	k := kernel.Of[T]().MapGrad[m.op]
	for ; lo < hi; lo += block {
		end := min(lo+block, hi)
		k(m.dx[lo:end], m.dy[lo:end], m.x[lo:end], m.y[lo:end], m.a, m.b, m.beta)
	}
}
