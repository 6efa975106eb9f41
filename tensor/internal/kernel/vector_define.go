package kernel

import "math"

// definition gives a function of one variable and its derivative, which may use the value y. They
// are computed in float64 for both element types.
type definition struct {
	f  func(x, a, b float64) float64
	df func(x, y, a, b float64) float64
}

// definitions is the mathematics of the activations: what the assembly is tested against.
// Conventions at kinks are PyTorch's.
//
// It is written once: the kernels of a device are made from this file and from that of the losses
// by tensor/cuda/kernels/translate, which understands plain functions of numbers, no more.
var definitions = [NumUnary]definition{
	Neg: {
		func(x, _, _ float64) float64 { return -x },
		func(_, _, _, _ float64) float64 { return -1 },
	},
	Abs: {
		func(x, _, _ float64) float64 { return math.Abs(x) },
		func(x, _, _, _ float64) float64 {
			if x == 0 {
				return 0
			}
			return math.Copysign(1, x)
		},
	},
	Square: {
		func(x, _, _ float64) float64 { return x * x },
		func(x, _, _, _ float64) float64 { return 2 * x },
	},
	Sqrt: {
		func(x, _, _ float64) float64 { return math.Sqrt(x) },
		func(_, y, _, _ float64) float64 { return 0.5 / y },
	},
	Rsqrt: {
		func(x, _, _ float64) float64 { return 1 / math.Sqrt(x) },
		func(_, y, _, _ float64) float64 { return -0.5 * y * y * y },
	},
	Reciprocal: {
		func(x, _, _ float64) float64 { return 1 / x },
		func(_, y, _, _ float64) float64 { return -y * y },
	},
	Exp: {
		func(x, _, _ float64) float64 { return math.Exp(x) },
		func(_, y, _, _ float64) float64 { return y },
	},
	Expm1: {
		func(x, _, _ float64) float64 { return math.Expm1(x) },
		func(_, y, _, _ float64) float64 { return y + 1 },
	},
	Log: {
		func(x, _, _ float64) float64 { return math.Log(x) },
		func(x, _, _, _ float64) float64 { return 1 / x },
	},
	Log1p: {
		func(x, _, _ float64) float64 { return math.Log1p(x) },
		func(x, _, _, _ float64) float64 { return 1 / (1 + x) },
	},
	Sin: {
		func(x, _, _ float64) float64 { return math.Sin(x) },
		func(x, _, _, _ float64) float64 { return math.Cos(x) },
	},
	Cos: {
		func(x, _, _ float64) float64 { return math.Cos(x) },
		func(x, _, _, _ float64) float64 { return -math.Sin(x) },
	},
	Erf: {
		func(x, _, _ float64) float64 { return math.Erf(x) },
		func(x, _, _, _ float64) float64 { return 2 / math.SqrtPi * math.Exp(-x*x) },
	},
	Tanh: {
		func(x, _, _ float64) float64 { return math.Tanh(x) },
		func(_, y, _, _ float64) float64 { return 1 - y*y },
	},
	Sigmoid: {
		func(x, _, _ float64) float64 { return sigmoid(x) },
		func(_, y, _, _ float64) float64 { return y * (1 - y) },
	},
	ReLU: {
		func(x, _, _ float64) float64 { return max(x, 0) },
		func(x, _, _, _ float64) float64 { return step(x > 0, 1, 0) },
	},
	Hardswish: {
		func(x, _, _ float64) float64 { return x * (min(max(x+3, 0), 6) / 6) },
		func(x, _, _, _ float64) float64 {
			if x <= -3 || x >= 3 {
				return step(x > 0, 1, 0)
			}
			return x/3 + 0.5
		},
	},
	Hardsigmoid: {
		func(x, _, _ float64) float64 { return min(max(x+3, 0), 6) / 6 },
		func(x, _, _, _ float64) float64 { return step(x > -3 && x < 3, hardsigmoidSlope, 0) },
	},
	LeakyReLU: {
		func(x, a, _ float64) float64 { return x * step(x > 0, 1, a) },
		func(x, _, a, _ float64) float64 { return step(x > 0, 1, a) },
	},
	ELU: {
		func(x, a, _ float64) float64 { return elu(x, a, 1, 1) },
		func(x, y, a, _ float64) float64 { return step(x > 0, 1, y+a) },
	},
	CELU: {
		func(x, a, _ float64) float64 { return elu(x, a, 1/a, 1) },
		func(x, y, a, _ float64) float64 { return step(x > 0, 1, y/a+1) },
	},
	SELU: {
		func(x, _, _ float64) float64 { return elu(x, SELUAlpha, 1, SELUScale) },
		func(x, y, _, _ float64) float64 { return step(x > 0, SELUScale, y+SELUAlpha*SELUScale) },
	},
	SiLU: {
		func(x, _, _ float64) float64 { return gated(x, sigmoid(x)) },
		func(x, _, _, _ float64) float64 {
			s := sigmoid(x)
			return s + gated(x, s*(1-s))
		},
	},
	Mish: {
		func(x, _, _ float64) float64 { return gated(x, math.Tanh(softplus(x))) },
		func(x, _, _, _ float64) float64 {
			t := math.Tanh(softplus(x))
			return t + gated(x, sigmoid(x)*(1-t*t))
		},
	},
	Softplus: {
		func(x, a, b float64) float64 {
			if a*x > b {
				return x
			}
			return math.Log1p(math.Exp(a*x)) / a
		},
		func(x, _, a, b float64) float64 {
			if a*x > b {
				return 1
			}
			return sigmoid(a * x)
		},
	},
	Softsign: {
		func(x, _, _ float64) float64 {
			if math.IsInf(x, 0) {
				return math.Copysign(1, x)
			}
			return x / (1 + math.Abs(x))
		},
		func(x, _, _, _ float64) float64 { return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x))) },
	},
	LogSigmoid: {
		func(x, _, _ float64) float64 { return -softplus(-x) },
		func(x, _, _, _ float64) float64 { return sigmoid(-x) },
	},
	GELU: {
		func(x, _, _ float64) float64 { return gelu(x) },
		func(x, _, _, _ float64) float64 {
			return normalCDF(x) + gated(x, math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
		},
	},
	GELUTanh: {
		// (1+tanh(u))/2 = sigma(2u), which does not cancel for negative u.
		func(x, _, _ float64) float64 { return gated(x, sigmoid(2*geluInner(x))) },
		func(x, _, _, _ float64) float64 {
			s := sigmoid(2 * geluInner(x))
			return s + gated(2*geluRoot*x*(1+3*geluCube*x*x), s*(1-s))
		},
	},
	PowScalar: {
		func(x, a, _ float64) float64 { return math.Pow(x, a) },
		func(x, _, a, _ float64) float64 {
			if a == 0 {
				return 0
			}
			return a * math.Pow(x, a-1)
		},
	},
	Clamp: {
		func(x, a, b float64) float64 { return min(max(x, a), b) },
		func(x, _, a, b float64) float64 { return step(x > a && x < b, 1, 0) },
	},
	AddScalar: {
		func(x, a, _ float64) float64 { return x + a },
		func(_, _, _, _ float64) float64 { return 1 },
	},
	MulScalar: {
		func(x, a, _ float64) float64 { return x * a },
		func(_, _, a, _ float64) float64 { return a },
	},
}

// binaryDefinitions is that of the functions of two variables.
var binaryDefinitions = [NumBinary]func(a, b float64) float64{
	Add:     func(a, b float64) float64 { return a + b },
	Sub:     func(a, b float64) float64 { return a - b },
	Mul:     func(a, b float64) float64 { return a * b },
	Div:     func(a, b float64) float64 { return a / b },
	Max:     func(a, b float64) float64 { return max(a, b) },
	Min:     func(a, b float64) float64 { return min(a, b) },
	Pow:     func(a, b float64) float64 { return math.Pow(a, b) },
	PowBase: func(a, b float64) float64 { return powBase(a, b) },
	PowExp:  func(a, b float64) float64 { return powExp(a, b) },
	Share:   func(a, b float64) float64 { return share(a, b) },
}

// Constants of self-normalising networks (Klambauer et al. 2017).
const (
	SELUAlpha = 1.6732632423543772848170429916717
	SELUScale = 1.0507009873554804934193349852946
)

// hardsigmoidSlope is 1/6 rounded to float32, which is what PyTorch uses for both element types.
const hardsigmoidSlope = 11184811. / (1 << 26)

const (
	geluRoot = 0.79788456080286535587989211986876 // sqrt(2/pi)
	geluCube = 0.044715
)

func geluInner(x float64) float64 { return geluRoot * (x + geluCube*x*x*x) }

func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// gated is x*gate with the limit 0 where the gate closes faster than x grows.
func gated(x, gate float64) float64 {
	if gate == 0 {
		return 0
	}
	return x * gate
}

func step(cond bool, yes, no float64) float64 {
	if cond {
		return yes
	}
	return no
}

func elu(x, a, inner, scale float64) float64 {
	if x > 0 {
		return scale * x
	}
	return scale * a * math.Expm1(x*inner)
}

func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

// softplus is ln(1+e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func powBase(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return b * math.Pow(a, b-1)
}

func powExp(a, b float64) float64 {
	if a == 0 && b >= 0 {
		return 0
	}
	return math.Pow(a, b) * math.Log(a)
}

func share(a, b float64) float64 {
	switch {
	case a > b:
		return 1
	case a == b:
		return 0.5
	}
	return 0
}
