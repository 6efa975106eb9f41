package kernel

// Vector holds the kernels over slices. The slices of a call have equal length. dst may be the same
// slice as an operand unless the comment of a field says otherwise; it must not overlap one in any
// other way.
//
// Accuracy of the assembly against the exact value, as promised and, in parentheses, the worst
// found. Arithmetic, square root, reciprocal, ReLU and its kind are correctly rounded. Within 2
// ulp, subnormal results included, are in float32 (TestAccuracy) exp (0.8), tanh (1.4), sigmoid
// (2.0), SiLU (2.0), ELU, CELU and SELU (1.9), and in float64 (TestAccuracy64) exp (1.0), tanh
// (1.2), sigmoid (2.0), SiLU (1.9), ELU, CELU and SELU (1.9), erf (1.5) and GELU (1.7, as its Go
// reference). In float32 erf and both forms of GELU are within 1e-6 (erf 2.8e-7, GELU 8.2e-7, its
// tanh form 5.1e-7); in float64 the tanh form is within 2 ulp or 2e-16. Derivatives are within 1e-6
// of dy times the largest derivative, that of GELU in float64 within 2e-15. Multiply-adds round
// once, where the Go reference may round twice. The other functions are those of package math.
type Vector[T Float] struct {
	// Map: dst[i] = f(x[i]), for each function of the table below; a and b are its parameters.
	Map [NumUnary]func(dst, x []T, a, b T)

	// MapGrad: dx[i] = beta*dx[i] + dy[i]*f'(x[i]), where y[i] = f(x[i]). beta is 0 (dx is not
	// read) or 1.
	MapGrad [NumUnary]func(dx, dy, x, y []T, a, b, beta T)

	// Binary: dst[i] = f(a[i], b[i]); in BinaryVS b and in BinarySV a is one number for all i.
	Binary   [NumBinary]func(dst, a, b []T)
	BinaryVS [NumBinary]func(dst, a []T, b T)
	BinarySV [NumBinary]func(dst []T, a T, b []T)

	MulAdd    func(dst, a, b []T)       // dst[i] += a[i]*b[i]
	AddScaled func(dst, x []T, alpha T) // dst[i] += alpha*x[i]
	Fill      func(dst []T, v T)        // dst[i] = v
	Select    func(dst, cond, a, b []T) // dst[i] = a[i] if cond[i] != 0, else b[i]
	// sum of x[i], in float64, in an order that depends on len(x) only
	Sum   func(x []T) float64
	Dot   func(a, b []T) float64 // sum of a[i]*b[i], as Sum
	SumSq func(x []T) float64    // sum of x[i]*x[i], as Sum
	// largest x[i], NaN if there is one; -Inf if x is empty
	Max func(x []T) T
	// smallest x[i], NaN if there is one; +Inf if x is empty
	Min     func(x []T) T
	Finite  func(x []T) bool                // no x[i] is NaN or infinite
	Dropout func(dst, x []T, d Drop[T])     // see Drop
	Adam    func(p, g, m, v []T, c Adam[T]) // see Adam
	SGD     func(p, g, m []T, c SGD[T])     // see SGD
}

// Unary numbers the functions of one variable.
type Unary uint8

// The functions; sigma is the logistic function, Phi the normal distribution function.
const (
	Neg         Unary = iota // -x
	Abs                      // |x|; derivative 0 at 0
	Square                   // x*x
	Sqrt                     // square root
	Rsqrt                    // 1/sqrt(x)
	Reciprocal               // 1/x
	Exp                      // e^x
	Expm1                    // e^x - 1
	Log                      // ln x
	Log1p                    // ln(1+x)
	Sin                      // sin x
	Cos                      // cos x
	Erf                      // 2/sqrt(pi) * integral of e^(-t*t) from 0 to x
	Tanh                     // hyperbolic tangent
	Sigmoid                  // 1/(1+e^-x)
	ReLU                     // max(x, 0); derivative 0 at 0
	Hardswish                // x * relu6(x+3)/6
	Hardsigmoid              // relu6(x+3)/6
	LeakyReLU                // x if x > 0, else a*x
	ELU                      // x if x > 0, else a*(e^x-1)
	CELU                     // x if x > 0, else a*(e^(x/a)-1)
	SELU                     // ELU with a = SELUAlpha, times SELUScale
	SiLU                     // x*sigma(x)
	Mish                     // x*tanh(ln(1+e^x))
	Softplus                 // ln(1+e^(a*x))/a, and x where a*x > b
	Softsign                 // x/(1+|x|)
	LogSigmoid               // ln sigma(x)
	GELU                     // x*Phi(x)
	GELUTanh                 // x/2 * (1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))
	PowScalar                // x^a
	Clamp                    // x held within [a, b]; derivative 0 on the bounds
	AddScalar                // x + a
	MulScalar                // x * a
	NumUnary    int   = iota
)

// Binary numbers the functions of two variables.
type Binary uint8

// The functions.
const (
	Add     Binary = iota // a + b
	Sub                   // a - b
	Mul                   // a * b
	Div                   // a / b
	Max                   // the larger, NaN if one is NaN
	Min                   // the smaller, NaN if one is NaN
	Pow                   // a^b
	PowBase               // b*a^(b-1), the derivative of a^b with respect to a; 0 where b is 0
	PowExp                // a^b*ln(a), that with respect to b; 0 where a is 0 and b >= 0
	// 1 where a > b, 1/2 where a = b, else 0: the derivative of the larger with respect to a
	Share
	NumBinary int = iota
)

func goVector[T Float]() Vector[T] {
	v := Vector[T]{
		MulAdd: mulAddGo[T], AddScaled: addScaledGo[T], Fill: fillGo[T], Select: selectGo[T],
		Sum: sumGo[T], Dot: dotGo[T], SumSq: sumSqGo[T], Max: maxGo[T], Min: minGo[T], Finite: finiteGo[T],
		Dropout: dropoutGo[T], Adam: adamGo[T], SGD: sgdGo[T],
	}
	setUnaryGo(&v)
	setBinaryGo(&v)
	return v
}
