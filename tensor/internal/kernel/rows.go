package kernel

import "math"

// Rows holds the kernels of softmax and of the normalisations: passes over one row, which has to
// fit the L1 or L2 cache to be fast. dst may be the same slice as an operand. Accuracy in float32:
// exp within 2 ulp, sums within a few ulp of the sum of magnitudes (they run in at least eight
// partial sums).
type Rows[T Float] struct {
	// RowMax returns the largest element of x, NaNs left out, and -Inf if there is none.
	RowMax func(x []T) T
	// ExpSum: dst[i] = exp(x[i] - shift); it returns the sum of dst. Results below the smallest
	// normal number become 0.
	ExpSum func(dst, x []T, shift T) T
	// RowSum returns the sum of x.
	RowSum func(x []T) T
	// RowScale: dst[i] = x[i] * a.
	RowScale func(dst, x []T, a T)
	// SoftmaxGrad: dx[i] += y[i] * (dy[i] - c).
	SoftmaxGrad func(dx, y, dy []T, c T)
	// RowDot returns the sum of x[i] * y[i].
	RowDot func(x, y []T) T

	// SumSquaresAbout returns the sum of (x[i] - mean)^2.
	SumSquaresAbout func(x []T, mean T) T
	// Normalize: dst[i] = (x[i] - mean) * a + b.
	Normalize func(dst, x []T, mean, a, b T)
	// NormalizeAffine: dst[i] = (x[i] - mean) * a * w[i] + b[i].
	NormalizeAffine func(dst, x, w, b []T, mean, a T)
	// NormDots returns the sums of dy[i] and of dy[i] * (x[i] - mean).
	NormDots func(dy, x []T, mean T) (sum, dot T)
	// NormDotsAffine returns the sums of dy[i] * w[i] and of dy[i] * w[i] * (x[i] - mean).
	NormDotsAffine func(dy, x, w []T, mean T) (sum, dot T)
	// NormGrad: dx[i] += a*dy[i] + b*(x[i] - mean) + c.
	NormGrad func(dx, dy, x []T, mean, a, b, c T)
	// NormGradAffine: dx[i] += a*dy[i]*w[i] + b*(x[i] - mean) + c.
	NormGradAffine func(dx, dy, x, w []T, mean, a, b, c T)
	// NormGradParams sums over rows of length stride, of which it takes len(dw) columns:
	//
	//	dw[j] += dy[r*stride+j] * (x[r*stride+j] - mean[r]) * a[r]
	//	db[j] += dy[r*stride+j],  r ascending
	NormGradParams func(dw, db, dy, x, mean, a []T, stride int)
	// AddRows sums columns: dst[j] += x[r*stride+j] for r = 0, 1, ..., rows-1, in that order.
	AddRows func(dst, x []T, rows, stride int)
}

func goRows[T Float]() Rows[T] {
	return Rows[T]{
		RowMax: rowMaxGo[T], ExpSum: expSumGo[T], RowSum: rowSumGo[T], RowScale: rowScaleGo[T],
		SoftmaxGrad: softmaxGradGo[T], RowDot: rowDotGo[T],
		SumSquaresAbout: sumSquaresAboutGo[T], Normalize: normalizeGo[T], NormalizeAffine: normalizeAffineGo[T],
		NormDots: normDotsGo[T], NormDotsAffine: normDotsAffineGo[T],
		NormGrad: normGradGo[T], NormGradAffine: normGradAffineGo[T], NormGradParams: normGradParamsGo[T],
		AddRows: addRowsGo[T],
	}
}

func rowMaxGo[T Float](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func expSumGo[T Float](dst, x []T, shift T) T {
	_, single := any(shift).(float32)
	var s [8]T
	for i, v := range x {
		e := T(math.Exp(float64(v - shift)))
		if single && e < 0x1p-126 {
			e = 0
		}
		dst[i] = e
		s[i&7] += e
	}
	return fold(&s)
}

// fold adds eight partial sums. The reference sums in eight parts as the assembly sums in lanes, so
// that long float32 rows lose little.
func fold[T Float](s *[8]T) T {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

func rowSumGo[T Float](x []T) T {
	var s [8]T
	for i, v := range x {
		s[i&7] += v
	}
	return fold(&s)
}

func rowScaleGo[T Float](dst, x []T, a T) {
	for i, v := range x {
		dst[i] = v * a
	}
}

func softmaxGradGo[T Float](dx, y, dy []T, c T) {
	for i, v := range y {
		dx[i] += v * (dy[i] - c)
	}
}

func rowDotGo[T Float](x, y []T) T {
	var s [8]T
	for i, v := range x {
		s[i&7] += v * y[i]
	}
	return fold(&s)
}

func sumSquaresAboutGo[T Float](x []T, mean T) T {
	var s [8]T
	for i, v := range x {
		d := v - mean
		s[i&7] += d * d
	}
	return fold(&s)
}

func normalizeGo[T Float](dst, x []T, mean, a, b T) {
	for i, v := range x {
		dst[i] = (v-mean)*a + b
	}
}

func normalizeAffineGo[T Float](dst, x, w, b []T, mean, a T) {
	for i, v := range x {
		dst[i] = (v-mean)*a*w[i] + b[i]
	}
}

func normDotsGo[T Float](dy, x []T, mean T) (sum, dot T) {
	var s, d [8]T
	for i, g := range dy {
		s[i&7] += g
		d[i&7] += g * (x[i] - mean)
	}
	return fold(&s), fold(&d)
}

func normDotsAffineGo[T Float](dy, x, w []T, mean T) (sum, dot T) {
	var s, d [8]T
	for i, g := range dy {
		g *= w[i]
		s[i&7] += g
		d[i&7] += g * (x[i] - mean)
	}
	return fold(&s), fold(&d)
}

func normGradGo[T Float](dx, dy, x []T, mean, a, b, c T) {
	for i, g := range dy {
		dx[i] += a*g + (b*(x[i]-mean) + c)
	}
}

func normGradAffineGo[T Float](dx, dy, x, w []T, mean, a, b, c T) {
	for i, g := range dy {
		dx[i] += a*g*w[i] + (b*(x[i]-mean) + c)
	}
}

func normGradParamsGo[T Float](dw, db, dy, x, mean, a []T, stride int) {
	for r := range mean {
		m, s := mean[r], a[r]
		xr, gr := x[r*stride:], dy[r*stride:]
		for j := range dw {
			dw[j] += gr[j] * (xr[j] - m) * s
			db[j] += gr[j]
		}
	}
}

func addRowsGo[T Float](dst, x []T, rows, stride int) {
	for r := range rows {
		for j, v := range x[r*stride:][:len(dst)] {
			dst[j] += v
		}
	}
}

// InverseRoot returns 1/sqrt(variance + eps), computed in float64.
func InverseRoot[T Float](variance, eps T) T {
	return T(1 / math.Sqrt(float64(variance)+float64(eps)))
}
