package tensor

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// AdamCoeffs holds the coefficients of one step of Adam or AdamW; see AdamStep.
type AdamCoeffs[T Float] = kernel.Adam[T]

// AdamStep updates parameters p, first moments m and second moments v in place, given gradients g;
// all have equal length:
//
//	g' = GradScale*g + L2*p
//	m  = Beta1*m + Rest1*g'
//	v  = Beta2*v + Rest2*g'*g'
//	p  = Decay*p - Step*m / (RootScale*sqrt(v) + Eps)
func AdamStep[T Float](p, g, m, v []T, c AdamCoeffs[T]) {
	checkLengths("AdamStep", len(p), len(g), len(m), len(v))
	parallel.For(len(p), grainFunction, adamStep[T]{p, g, m, v, c})
}

type adamStep[T Float] struct {
	p, g, m, v []T
	c          AdamCoeffs[T]
}

func (s *adamStep[T]) Do(lo, hi int) {
	for ; lo < hi; lo += block {
		end := min(lo+block, hi)
		kernel.Of[T]().Adam(s.p[lo:end], s.g[lo:end], s.m[lo:end], s.v[lo:end], s.c)
	}
}

// SGDCoeffs holds the coefficients of one step of gradient descent; see SGDStep.
type SGDCoeffs[T Float] = kernel.SGD[T]

// SGDStep updates parameters p and momentum buffers m in place, given gradients g; all have equal
// length:
//
//	g' = GradScale*g + L2*p
//	m  = Momentum*m + Rest*g'
//	p  = p - LR*(Nesterov*g' + Direct*m)
func SGDStep[T Float](p, g, m []T, c SGDCoeffs[T]) {
	checkLengths("SGDStep", len(p), len(g), len(m), len(p))
	parallel.For(len(p), grainArithmetic, sgdStep[T]{p, g, m, c})
}

type sgdStep[T Float] struct {
	p, g, m []T
	c       SGDCoeffs[T]
}

func (s *sgdStep[T]) Do(lo, hi int) {
	for ; lo < hi; lo += block {
		end := min(lo+block, hi)
		kernel.Of[T]().SGD(s.p[lo:end], s.g[lo:end], s.m[lo:end], s.c)
	}
}

func checkLengths(op string, n, a, b, c int) {
	if a != n || b != n || c != n {
		PanicShape(op, "lengths must be equal", []int{n}, []int{a}, []int{b}, []int{c})
	}
}
