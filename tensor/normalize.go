package tensor

import (
	"math"

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

// norm returns the p-norm of line i of v, summed in float64.
func norm[T Float](v []T, l lines, i int, p float64) T {
	sum := 0.0
	for j := range l.n {
		if a := math.Abs(float64(v[l.start(i)+j*l.inner])); p == 2 {
			sum += a * a
		} else {
			sum += math.Pow(a, p)
		}
	}
	if p == 2 {
		return T(math.Sqrt(sum))
	}
	return T(math.Pow(sum, 1/p))
}

// lineGrain is the number of lines worth handing to another goroutine.
func (l lines) lineGrain() int { return max(1, grainFunction/4/max(1, l.n)) }

// Normalize divides x by its p-norm along an axis, p >= 1:
//
//	dst = x / max(norm, eps);   norms: one number for each line along the axis, for NormalizeGrad
func Normalize[T Float](dst, norms, x *Tensor[T], p float64, axis int, eps T) {
	l := linesAlong("Normalize", x, axis, dst)
	l.check("Normalize", norms.Len())
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
		norm := norm(b.x, b.lines, i, b.p)
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
func NormalizeGrad[T Float](dx, dy, norms, x, y *Tensor[T], p float64, axis int, eps T) {
	l := linesAlong("NormalizeGrad", x, axis, dx, dy, y)
	l.check("NormalizeGrad", norms.Len())
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
		norm := b.norms[i]
		var dot T
		if norm > b.eps {
			for j := range b.n {
				k := b.start(i) + j*b.inner
				dot += b.dy[k] * b.y[k]
			}
		}
		for j := range b.n {
			k := b.start(i) + j*b.inner
			slope := b.y[k]
			if b.p != 2 {
				slope = T(math.Copysign(math.Pow(math.Abs(float64(b.y[k])), b.p-1), float64(b.x[k])))
			}
			b.dx[k] += (b.dy[k] - dot*slope) / max(norm, b.eps)
		}
	}
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
		var dot T
		for j := range c.n {
			dot += c.a[at+j*c.inner] * c.b[at+j*c.inner]
		}
		c.na[i], c.nb[i] = norm(c.a, c.lines, i, 2), norm(c.b, c.lines, i, 2)
		c.dst[i] = dot / (max(c.na[i], c.eps) * max(c.nb[i], c.eps))
	}
}

// CosineSimilarityGrad adds to da the gradient of y = CosineSimilarity(a, b) with respect to a;
// with a and b exchanged it is that of b. A norm below eps is a constant.
//
//	da += dy (b/(|a||b|) - y a/|a|^2)
func CosineSimilarityGrad[T Float](da, dy, normA, normB, a, b, y *Tensor[T], axis int, eps T) {
	l := linesAlong("CosineSimilarityGrad", a, axis, b, da)
	l.check("CosineSimilarityGrad", y.Len(), dy.Len(), normA.Len(), normB.Len())
	parallel.For(l.count(), l.lineGrain(), cosineGradBody[T]{l, da.Data(), dy.Data(), normA.Data(), normB.Data(), a.Data(), b.Data(), y.Data(), eps})
}

type cosineGradBody[T Float] struct {
	lines
	da, dy, na, nb, a, b, y []T
	eps                     T
}

func (c *cosineGradBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		across := c.dy[i] / (max(c.na[i], c.eps) * max(c.nb[i], c.eps))
		var along T
		if c.na[i] > c.eps {
			along = c.dy[i] * c.y[i] / (c.na[i] * c.na[i])
		}
		for j := range c.n {
			k := c.start(i) + j*c.inner
			c.da[k] += across*c.b[k] - along*c.a[k]
		}
	}
}
