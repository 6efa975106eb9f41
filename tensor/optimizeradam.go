package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

func root[T Float](x T) T { return T(math.Sqrt(float64(x))) }

// AMSGradStep makes a step of AMSGrad: of Adam with the largest second moments so far, w, in place
// of v under the root.
//
//	w = max(w, v)
//	p = Decay*p - Step*m / (RootScale*sqrt(w) + Eps)
func AMSGradStep[T Float](p, g, m, v, w *Tensor[T], c AdamCoeffs[T]) {
	checkSame("AMSGradStep", p, g, m, v, w)
	if d := device.Active(); d != nil {
		deviceAdam(d, p, g, m, v, w, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, amsgradStep[T]{p.Data(), g.Data(), m.Data(), v.Data(), w.Data(), c})
}

type amsgradStep[T Float] struct {
	p, g, m, v, w []T
	c             AdamCoeffs[T]
}

func (s *amsgradStep[T]) Do(lo, hi int) {
	p, m, v, w, c := s.p[lo:hi], s.m[lo:hi], s.v[lo:hi], s.w[lo:hi], &s.c
	for i, g := range s.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		m[i] = c.Beta1*m[i] + c.Rest1*g
		v[i] = c.Beta2*v[i] + c.Rest2*g*g
		w[i] = max(w[i], v[i])
		p[i] = c.Decay*p[i] - c.Step*m[i]/(c.RootScale*root(w[i])+c.Eps)
	}
}

// AdamaxCoeffs holds the coefficients of AdamaxStep.
type AdamaxCoeffs[T Float] struct{ GradScale, L2, Beta1, Rest1, Beta2, Eps, Step T }

// AdamaxStep makes a step of Adamax, with the first moments m and the norms n:
//
//	m = Beta1*m + Rest1*g'
//	n = max(Beta2*n, |g'| + Eps)
//	p = p - Step*m/n
func AdamaxStep[T Float](p, g, m, n *Tensor[T], c AdamaxCoeffs[T]) {
	checkSame("AdamaxStep", p, g, m, n)
	if d := device.Active(); d != nil {
		deviceAdamax(d, p, g, m, n, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, adamaxStep[T]{p.Data(), g.Data(), m.Data(), n.Data(), c})
}

type adamaxStep[T Float] struct {
	p, g, m, n []T
	c          AdamaxCoeffs[T]
}

func (s *adamaxStep[T]) Do(lo, hi int) {
	p, m, n, c := s.p[lo:hi], s.m[lo:hi], s.n[lo:hi], &s.c
	for i, g := range s.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		m[i] = c.Beta1*m[i] + c.Rest1*g
		n[i] = max(c.Beta2*n[i], T(math.Abs(float64(g)))+c.Eps)
		p[i] -= c.Step * m[i] / n[i]
	}
}

// NAdamCoeffs holds the coefficients of NAdamStep.
type NAdamCoeffs[T Float] struct {
	GradScale, L2, Decay, Beta1, Rest1, Beta2, Rest2, Eps, RootScale T

	StepGrad, StepMean T // step sizes of the gradient and of its mean
}

// NAdamStep makes a step of NAdam, with the first moments m and second moments v:
//
//	m = Beta1*m + Rest1*g'
//	v = Beta2*v + Rest2*g'*g'
//	p = Decay*p - (StepGrad*g' + StepMean*m) / (sqrt(RootScale*v) + Eps)
func NAdamStep[T Float](p, g, m, v *Tensor[T], c NAdamCoeffs[T]) {
	checkSame("NAdamStep", p, g, m, v)
	if d := device.Active(); d != nil {
		deviceNAdam(d, p, g, m, v, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, nadamStep[T]{p.Data(), g.Data(), m.Data(), v.Data(), c})
}

type nadamStep[T Float] struct {
	p, g, m, v []T
	c          NAdamCoeffs[T]
}

func (s *nadamStep[T]) Do(lo, hi int) {
	p, m, v, c := s.p[lo:hi], s.m[lo:hi], s.v[lo:hi], &s.c
	for i, g := range s.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		m[i] = c.Beta1*m[i] + c.Rest1*g
		v[i] = c.Beta2*v[i] + c.Rest2*g*g
		p[i] = c.Decay*p[i] - (c.StepGrad*g+c.StepMean*m[i])/(root(v[i]*c.RootScale)+c.Eps)
	}
}

// RAdamCoeffs holds the coefficients of RAdamStep.
type RAdamCoeffs[T Float] struct {
	GradScale, L2, Decay, Beta1, Rest1, Beta2, Rest2, Eps, Step T

	Adaptive bool // divide by the root of the second moment
}

// RAdamStep makes a step of RAdam, with the first moments m and second moments v:
//
//	m = Beta1*m + Rest1*g'
//	v = Beta2*v + Rest2*g'*g'
//	p = Decay*p - Step*m, or Decay*p - Step*m / (sqrt(v) + Eps) if Adaptive
func RAdamStep[T Float](p, g, m, v *Tensor[T], c RAdamCoeffs[T]) {
	checkSame("RAdamStep", p, g, m, v)
	if d := device.Active(); d != nil {
		deviceRAdam(d, p, g, m, v, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, radamStep[T]{p.Data(), g.Data(), m.Data(), v.Data(), c})
}

type radamStep[T Float] struct {
	p, g, m, v []T
	c          RAdamCoeffs[T]
}

func (s *radamStep[T]) Do(lo, hi int) {
	p, m, v, c := s.p[lo:hi], s.m[lo:hi], s.v[lo:hi], &s.c
	for i, g := range s.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		m[i] = c.Beta1*m[i] + c.Rest1*g
		v[i] = c.Beta2*v[i] + c.Rest2*g*g
		u := c.Step * m[i]
		if c.Adaptive {
			u /= root(v[i]) + c.Eps
		}
		p[i] = c.Decay*p[i] - u
	}
}
