package kernel

import "math"

// setUnaryGo fills the tables of functions of one variable: those worth an own loop below, the
// others from their scalar definitions.
func setUnaryGo[T Float](v *Vector[T]) {
	for op, d := range definitions {
		v.Map[op] = mapGo[T](d.f)
		v.MapGrad[op] = mapGradGo[T](d.df)
	}
	v.Map[Neg] = negGo[T]
	v.Map[Abs] = absGo[T]
	v.Map[Square] = squareGo[T]
	v.Map[Sqrt] = sqrtGo[T]
	v.Map[Reciprocal] = reciprocalGo[T]
	v.Map[ReLU] = reluGo[T]
	v.Map[LeakyReLU] = leakyReLUGo[T]
	v.Map[Clamp] = clampGo[T]
	v.Map[AddScalar] = addScalarGo[T]
	v.Map[MulScalar] = mulScalarGo[T]
	v.MapGrad[ReLU] = reluGradGo[T]
	v.MapGrad[LeakyReLU] = leakyReLUGradGo[T]
	v.MapGrad[Clamp] = clampGradGo[T]
	v.MapGrad[Tanh] = tanhGradGo[T]
	v.MapGrad[Sigmoid] = sigmoidGradGo[T]
}

func mapGo[T Float](f func(x, a, b float64) float64) func(dst, x []T, a, b T) {
	return func(dst, x []T, a, b T) {
		for i, v := range x {
			dst[i] = T(f(float64(v), float64(a), float64(b)))
		}
	}
}

func mapGradGo[T Float](df func(x, y, a, b float64) float64) func(dx, dy, x, y []T, a, b, beta T) {
	return func(dx, dy, x, y []T, a, b, beta T) {
		for i, g := range dy {
			accumulate(&dx[i], beta, g*T(df(float64(x[i]), float64(y[i]), float64(a), float64(b))))
		}
	}
}

func accumulate[T Float](dx *T, beta, g T) {
	if beta == 0 {
		*dx = g
	} else {
		*dx += g
	}
}

func negGo[T Float](dst, x []T, _, _ T) {
	for i, v := range x {
		dst[i] = -v
	}
}

func absGo[T Float](dst, x []T, _, _ T) {
	for i, v := range x {
		dst[i] = T(math.Abs(float64(v)))
	}
}

func squareGo[T Float](dst, x []T, _, _ T) {
	for i, v := range x {
		dst[i] = v * v
	}
}

func sqrtGo[T Float](dst, x []T, _, _ T) {
	for i, v := range x {
		dst[i] = T(math.Sqrt(float64(v)))
	}
}

func reciprocalGo[T Float](dst, x []T, _, _ T) {
	for i, v := range x {
		dst[i] = 1 / v
	}
}

func reluGo[T Float](dst, x []T, _, _ T) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func leakyReLUGo[T Float](dst, x []T, a, _ T) {
	for i, v := range x {
		if !(v > 0) {
			v *= a
		}
		dst[i] = v
	}
}

func clampGo[T Float](dst, x []T, a, b T) {
	for i, v := range x {
		dst[i] = min(max(v, a), b)
	}
}

func addScalarGo[T Float](dst, x []T, a, _ T) {
	for i, v := range x {
		dst[i] = v + a
	}
}

func mulScalarGo[T Float](dst, x []T, a, _ T) {
	for i, v := range x {
		dst[i] = v * a
	}
}

func reluGradGo[T Float](dx, dy, x, _ []T, _, _, beta T) {
	for i, g := range dy {
		if !(x[i] > 0) {
			g = 0
		}
		accumulate(&dx[i], beta, g)
	}
}

func leakyReLUGradGo[T Float](dx, dy, x, _ []T, a, _, beta T) {
	for i, g := range dy {
		if !(x[i] > 0) {
			g *= a
		}
		accumulate(&dx[i], beta, g)
	}
}

func clampGradGo[T Float](dx, dy, x, _ []T, a, b, beta T) {
	for i, g := range dy {
		if !(x[i] > a && x[i] < b) {
			g = 0
		}
		accumulate(&dx[i], beta, g)
	}
}

func tanhGradGo[T Float](dx, dy, _, y []T, _, _, beta T) {
	for i, g := range dy {
		accumulate(&dx[i], beta, g*(1-y[i]*y[i]))
	}
}

func sigmoidGradGo[T Float](dx, dy, _, y []T, _, _, beta T) {
	for i, g := range dy {
		accumulate(&dx[i], beta, g*(y[i]*(1-y[i])))
	}
}
