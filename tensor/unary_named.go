package tensor

// Neg computes dst = -x, as Map.
func Neg[T Float](dst, x *Tensor[T]) { Map(OpNeg, dst, x, 0, 0) }

// Abs computes dst = |x|, as Map.
func Abs[T Float](dst, x *Tensor[T]) { Map(OpAbs, dst, x, 0, 0) }

// Square computes dst = x*x, as Map.
func Square[T Float](dst, x *Tensor[T]) { Map(OpSquare, dst, x, 0, 0) }

// Sqrt computes dst = the square root of x, as Map.
func Sqrt[T Float](dst, x *Tensor[T]) { Map(OpSqrt, dst, x, 0, 0) }

// Rsqrt computes dst = 1/sqrt(x), as Map.
func Rsqrt[T Float](dst, x *Tensor[T]) { Map(OpRsqrt, dst, x, 0, 0) }

// Reciprocal computes dst = 1/x, as Map.
func Reciprocal[T Float](dst, x *Tensor[T]) { Map(OpReciprocal, dst, x, 0, 0) }

// Exp computes dst = e^x, as Map.
func Exp[T Float](dst, x *Tensor[T]) { Map(OpExp, dst, x, 0, 0) }

// Expm1 computes dst = e^x - 1, accurate for small x, as Map.
func Expm1[T Float](dst, x *Tensor[T]) { Map(OpExpm1, dst, x, 0, 0) }

// Log computes dst = ln x, as Map.
func Log[T Float](dst, x *Tensor[T]) { Map(OpLog, dst, x, 0, 0) }

// Log1p computes dst = ln(1+x), accurate for small x, as Map.
func Log1p[T Float](dst, x *Tensor[T]) { Map(OpLog1p, dst, x, 0, 0) }

// Sin computes dst = sin x, as Map.
func Sin[T Float](dst, x *Tensor[T]) { Map(OpSin, dst, x, 0, 0) }

// Cos computes dst = cos x, as Map.
func Cos[T Float](dst, x *Tensor[T]) { Map(OpCos, dst, x, 0, 0) }

// Erf computes dst = the error function of x, as Map.
func Erf[T Float](dst, x *Tensor[T]) { Map(OpErf, dst, x, 0, 0) }

// Tanh computes dst = tanh x, as Map.
func Tanh[T Float](dst, x *Tensor[T]) { Map(OpTanh, dst, x, 0, 0) }

// Sigmoid computes dst = 1/(1+e^-x), as Map.
func Sigmoid[T Float](dst, x *Tensor[T]) { Map(OpSigmoid, dst, x, 0, 0) }

// ReLU computes dst = max(x, 0), as Map.
func ReLU[T Float](dst, x *Tensor[T]) { Map(OpReLU, dst, x, 0, 0) }

// SiLU computes dst = x/(1+e^-x), as Map.
func SiLU[T Float](dst, x *Tensor[T]) { Map(OpSiLU, dst, x, 0, 0) }

// GELU computes dst = x times the normal distribution function of x, as Map.
func GELU[T Float](dst, x *Tensor[T]) { Map(OpGELU, dst, x, 0, 0) }

// PowScalar computes dst = x^exponent, as Map.
func PowScalar[T Float](dst, x *Tensor[T], exponent T) { Map(OpPowScalar, dst, x, exponent, 0) }

// Clamp computes dst = x held within [lo, hi], as Map; NaN stays NaN.
func Clamp[T Float](dst, x *Tensor[T], lo, hi T) { Map(OpClamp, dst, x, lo, hi) }

// AddScalar computes dst = x + c, as Map.
func AddScalar[T Float](dst, x *Tensor[T], c T) { Map(OpAddScalar, dst, x, c, 0) }

// Scale computes dst = x * c, as Map.
func Scale[T Float](dst, x *Tensor[T], c T) { Map(OpMulScalar, dst, x, c, 0) }
