package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// The functions of this file and of the files optimizer*.go make one step of an optimiser: they
// change the parameter p and the state of the method in place, given the gradient g. All tensors
// are contiguous and of one shape. Coefficients of one name mean the same in all of them:
//
//	g' = GradScale*g + L2*p

// AdamCoeffs holds the coefficients of one step of Adam or AdamW; see AdamStep.
type AdamCoeffs[T Float] = kernel.Adam[T]

// AdamStep makes a step of Adam, with the first moments m and second moments v:
//
//	m = Beta1*m + Rest1*g'
//	v = Beta2*v + Rest2*g'*g'
//	p = Decay*p - Step*m / (RootScale*sqrt(v) + Eps)
func AdamStep[T Float](p, g, m, v *Tensor[T], c AdamCoeffs[T]) {
	checkSame("AdamStep", p, g, m, v)
	if d := device.Active(); d != nil {
		deviceAdam(d, p, g, m, v, nil, c)
		return
	}
	parallel.For(p.Len(), grainFunction, adamStep[T]{p.Data(), g.Data(), m.Data(), v.Data(), c})
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

// SGDStep makes a step of gradient descent with the momentum buffer m:
//
//	m = Momentum*m + Rest*g'
//	p = p - LR*(Nesterov*g' + Direct*m)
func SGDStep[T Float](p, g, m *Tensor[T], c SGDCoeffs[T]) {
	checkSame("SGDStep", p, g, m)
	if d := device.Active(); d != nil {
		deviceSGD(d, p, g, m, c)
		return
	}
	parallel.For(p.Len(), grainArithmetic, sgdStep[T]{p.Data(), g.Data(), m.Data(), c})
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

// grainUpdate is the number of elements of one chunk of the other steps.
const grainUpdate = 1 << 14
