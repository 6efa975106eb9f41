package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// start returns the offset of the first element of line i; the others follow inner apart.
func (l lines) start(i int) int { return i/l.inner*l.n*l.inner + i%l.inner }

// count returns the number of lines.
func (l lines) count() int { return l.outer * l.inner }

// check panics unless each of the tensors has one element for each line.
func (l lines) check(op string, sizes ...int) {
	for _, n := range sizes {
		if n != l.count() {
			PanicShape(op, "want one number for each line along the axis", []int{n}, []int{l.count()})
		}
	}
}

// norm returns the p-norm of line i of v, summed in float64: for p = 0 the number of elements that
// are not 0, for infinite p the largest or smallest magnitude.
func norm[T Float](v []T, l lines, i int, p float64) float64 {
	at := l.start(i)
	sum, largest, smallest := 0.0, 0.0, math.Inf(1)
	for j := range l.n {
		a := math.Abs(float64(v[at+j*l.inner]))
		largest, smallest = max(largest, a), min(smallest, a)
		switch {
		case p == 2:
			sum += a * a
		case p != 0:
			sum += math.Pow(a, p)
		case a != 0:
			sum++
		}
	}
	switch {
	case p == 0 || l.n == 0:
		return sum
	case math.IsInf(p, 1):
		return largest
	case math.IsInf(p, -1):
		return smallest
	case p == 2 && (sum < tinySquares || math.IsInf(sum, 1)) && largest > 0 && !math.IsInf(largest, 1):
		return scaledNorm(v, l, i, largest)
	case p == 2:
		return math.Sqrt(sum)
	}
	return math.Pow(sum, 1/p)
}

// tinySquares is a sum of squares below which parts of it may have been lost as subnormal numbers.
const tinySquares = 0x1p-900

// scaledNorm returns the Euclidean norm of line i of v, whose largest magnitude is given, where the
// squares of the elements are beyond the range of numbers.
func scaledNorm[T Float](v []T, l lines, i int, largest float64) float64 {
	sum, at := 0.0, l.start(i)
	for j := range l.n {
		a := float64(v[at+j*l.inner]) / largest
		sum += a * a
	}
	return largest * math.Sqrt(sum)
}

// lineGrain is the number of lines worth handing to another goroutine.
func (l lines) lineGrain() int { return max(1, grainFunction/4/max(1, l.n)) }

// Normalize divides x by its p-norm along an axis, for any number p; infinite p stands for the
// largest or smallest magnitude, 0 for the number of elements that are not 0:
//
//	dst = x / max(norm, eps);   norms: one number for each line along the axis, for NormalizeGrad
func Normalize[T Float](dst, norms, x *Tensor[T], p float64, axis int, eps T) {
	checkPower("Normalize", p)
	l := linesAlong("Normalize", x, axis, dst)
	l.check("Normalize", norms.Len())
	if d := device.Active(); d != nil {
		deviceNormalize(d, dst, norms, x, l, p, eps)
		return
	}
	parallel.For(l.count(), l.lineGrain(), normalizeBody[T]{l, dst.Data(), norms.Data(), x.Data(), p, eps})
}

type normalizeBody[T Float] struct {
	lines
	dst, norms, x []T
	p             float64
	eps           T
}

func (b *normalizeBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		norm := T(norm(b.x, b.lines, i, b.p))
		b.norms[i] = norm
		for j := range b.n {
			k := b.start(i) + j*b.inner
			b.dst[k] = b.x[k] / max(norm, b.eps)
		}
	}
}

// NormalizeGrad is the backward pass of y = Normalize(x): it adds to dx. A norm below eps is a
// constant.
//
//	dx += (dy - (dy·y) dnorm/dx) / norm,   dnorm/dx = sign(x) (|x|/norm)^(p-1)
//
// dnorm/dx is 0 where x is 0, and everywhere for p = 0. For infinite p the elements of that
// magnitude share it evenly.
func NormalizeGrad[T Float](dx, dy, norms, x, y *Tensor[T], p float64, axis int, eps T) {
	l := linesAlong("NormalizeGrad", x, axis, dx, dy, y)
	l.check("NormalizeGrad", norms.Len())
	if d := device.Active(); d != nil {
		deviceNormalizeGrad(d, dx, dy, norms, x, y, l, p, eps)
		return
	}
	parallel.For(l.count(), l.lineGrain(), normalizeGradBody[T]{l, dx.Data(), dy.Data(), norms.Data(), x.Data(), y.Data(), p, eps})
}

type normalizeGradBody[T Float] struct {
	lines
	dx, dy, norms, x, y []T
	p                   float64
	eps                 T
}

func (b *normalizeGradBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		at, norm := b.start(i), b.norms[i]
		var dot T
		if norm > b.eps {
			for j := range b.n {
				dot += b.dy[at+j*b.inner] * b.y[at+j*b.inner]
			}
		}
		equal := 0 // elements whose magnitude is the norm
		if math.IsInf(b.p, 0) {
			for j := range b.n {
				if abs(b.x[at+j*b.inner]) == norm {
					equal++
				}
			}
		}
		for j := range b.n {
			k := at + j*b.inner
			b.dx[k] += (b.dy[k] - dot*b.slope(k, norm, equal)) / max(norm, b.eps)
		}
	}
}

// slope returns the derivative of the norm by element k of x.
func (b *normalizeGradBody[T]) slope(k int, norm T, equal int) T {
	switch x := b.x[k]; {
	case x == 0 || b.p == 0:
		return 0
	case b.p == 2:
		return b.y[k]
	case math.IsInf(b.p, 0):
		if abs(x) != norm {
			return 0
		}
		return T(math.Copysign(1/float64(equal), float64(x)))
	default:
		return T(math.Copysign(math.Pow(math.Abs(float64(x))/float64(norm), b.p-1), float64(x)))
	}
}

func abs[T Float](x T) T {
	if x < 0 {
		return -x
	}
	return x
}

// CosineSimilarity computes the cosine of the angle between a and b along an axis:
//
//	dst = a·b / (max(|a|, eps) max(|b|, eps))
//
// dst, and the norms normA and normB for CosineSimilarityGrad, have one element for each line along
// the axis.
func CosineSimilarity[T Float](dst, normA, normB, a, b *Tensor[T], axis int, eps T) {
	l := linesAlong("CosineSimilarity", a, axis, b)
	l.check("CosineSimilarity", dst.Len(), normA.Len(), normB.Len())
	if d := device.Active(); d != nil {
		deviceCosine(d, dst, normA, normB, a, b, l, eps)
		return
	}
	parallel.For(l.count(), l.lineGrain(), cosineBody[T]{l, dst.Data(), normA.Data(), normB.Data(), a.Data(), b.Data(), eps})
}

type cosineBody[T Float] struct {
	lines
	dst, na, nb, a, b []T
	eps               T
}

func (c *cosineBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		at := c.start(i)
		na, nb := norm(c.a, c.lines, i, 2), norm(c.b, c.lines, i, 2)
		c.na[i], c.nb[i] = T(na), T(nb)
		// The factors are divided before they are multiplied, as products of large elements and of
		// large norms are beyond the range of numbers.
		na, nb = max(na, float64(c.eps)), max(nb, float64(c.eps))
		dot := 0.0
		for j := range c.n {
			dot += float64(c.a[at+j*c.inner]) / na * (float64(c.b[at+j*c.inner]) / nb)
		}
		c.dst[i] = T(dot)
	}
}

// CosineSimilarityGrad adds to da the gradient of y = CosineSimilarity(a, b) with respect to a;
// with a and b exchanged it is that of b. A norm below eps is a constant.
//
//	da += dy (b/(|a||b|) - y a/|a|^2)
func CosineSimilarityGrad[T Float](da, dy, normA, normB, a, b, y *Tensor[T], axis int, eps T) {
	l := linesAlong("CosineSimilarityGrad", a, axis, b, da)
	l.check("CosineSimilarityGrad", y.Len(), dy.Len(), normA.Len(), normB.Len())
	if d := device.Active(); d != nil {
		deviceCosineGrad(d, da, dy, normA, normB, a, b, y, l, eps)
		return
	}
	parallel.For(l.count(), l.lineGrain(), cosineGradBody[T]{l, da.Data(), dy.Data(), normA.Data(), normB.Data(), a.Data(), b.Data(), y.Data(), eps})
}

type cosineGradBody[T Float] struct {
	lines
	da, dy, na, nb, a, b, y []T
	eps                     T
}

func (c *cosineGradBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		na, nb := float64(max(c.na[i], c.eps)), float64(max(c.nb[i], c.eps))
		dy, y := float64(c.dy[i]), 0.0
		if c.na[i] > c.eps {
			y = float64(c.y[i])
		}
		for j := range c.n {
			k := c.start(i) + j*c.inner
			c.da[k] += T(dy * (float64(c.b[k])/nb - y*(float64(c.a[k])/na)) / na)
		}
	}
}

// checkPower panics unless p may be the power of a norm.
func checkPower(op string, p float64) {
	if math.IsNaN(p) {
		PanicUsage("tensor."+op, "p is NaN, expected the power of a norm")
	}
}
