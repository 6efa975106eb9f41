package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// AdagradCoeffs holds the coefficients of AdagradStep.
type AdagradCoeffs[T Float] struct{ GradScale, L2, LR, Eps T }

// AdagradStep makes a step of Adagrad, with the sums of squares s:
//
//	s = s + g'*g'
//	p = p - LR*g' / (sqrt(s) + Eps)
func AdagradStep[T Float](p, g, s *Tensor[T], c AdagradCoeffs[T]) {
	checkSame("AdagradStep", p, g, s)
	if d := device.Active(); d != nil {
		deviceAdagrad(d, p, g, s, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, adagradStep[T]{p.Data(), g.Data(), s.Data(), c})
}

type adagradStep[T Float] struct {
	p, g, s []T
	c       AdagradCoeffs[T]
}

func (b *adagradStep[T]) Do(lo, hi int) {
	p, s, c := b.p[lo:hi], b.s[lo:hi], &b.c
	for i, g := range b.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		s[i] += g * g
		p[i] -= c.LR * g / (root(s[i]) + c.Eps)
	}
}

// AdadeltaCoeffs holds the coefficients of AdadeltaStep.
type AdadeltaCoeffs[T Float] struct{ GradScale, L2, LR, Rho, Rest, Eps T }

// AdadeltaStep makes a step of Adadelta, with the mean squares s of gradients and d of updates:
//
//	s = Rho*s + Rest*g'*g'
//	u = sqrt(d+Eps)/sqrt(s+Eps) * g'
//	d = Rho*d + Rest*u*u
//	p = p - LR*u
func AdadeltaStep[T Float](p, g, s, d *Tensor[T], c AdadeltaCoeffs[T]) {
	checkSame("AdadeltaStep", p, g, s, d)
	if on := device.Active(); on != nil {
		deviceAdadelta(on, p, g, s, d, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, adadeltaStep[T]{p.Data(), g.Data(), s.Data(), d.Data(), c})
}

type adadeltaStep[T Float] struct {
	p, g, s, d []T
	c          AdadeltaCoeffs[T]
}

func (b *adadeltaStep[T]) Do(lo, hi int) {
	p, s, d, c := b.p[lo:hi], b.s[lo:hi], b.d[lo:hi], &b.c
	for i, g := range b.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		s[i] = c.Rho*s[i] + c.Rest*g*g
		u := root(d[i]+c.Eps) / root(s[i]+c.Eps) * g
		d[i] = c.Rho*d[i] + c.Rest*u*u
		p[i] -= c.LR * u
	}
}

// RMSpropCoeffs holds the coefficients of RMSpropStep.
type RMSpropCoeffs[T Float] struct{ GradScale, L2, LR, Alpha, Rest, Eps, Momentum T }

// RMSpropStep makes a step of RMSprop, with the mean squares s and the momentum buffer m. mean, the
// means of the gradients, is nil unless the squares are centred.
//
//	s = Alpha*s + Rest*g'*g';   mean = Alpha*mean + Rest*g'
//	u = g' / (sqrt(s - mean^2) + Eps)
//	m = Momentum*m + u takes the place of u unless Momentum is 0
//	p = p - LR*u
func RMSpropStep[T Float](p, g, s, m, mean *Tensor[T], c RMSpropCoeffs[T]) {
	checkSame("RMSpropStep", p, g, s, m)
	if mean != nil {
		checkSame("RMSpropStep", p, mean)
	}
	if d := device.Active(); d != nil {
		deviceRMSprop(d, p, g, s, m, mean, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, rmspropStep[T]{p.Data(), g.Data(), s.Data(), m.Data(), dataOf(mean), c})
}

type rmspropStep[T Float] struct {
	p, g, s, m, mean []T
	c                RMSpropCoeffs[T]
}

func (b *rmspropStep[T]) Do(lo, hi int) {
	p, s, m, c := b.p[lo:hi], b.s[lo:hi], b.m[lo:hi], &b.c
	for i, g := range b.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		s[i] = c.Alpha*s[i] + c.Rest*g*g
		x := s[i]
		if b.mean != nil {
			q := c.Alpha*b.mean[lo+i] + c.Rest*g
			b.mean[lo+i] = q
			x = max(x-q*q, 0) // a variance, which rounding may make negative
		}
		u := g / (root(x) + c.Eps)
		if c.Momentum != 0 {
			m[i] = c.Momentum*m[i] + u
			u = m[i]
		}
		p[i] -= c.LR * u
	}
}

// ASGDCoeffs holds the coefficients of ASGDStep.
type ASGDCoeffs[T Float] struct{ GradScale, L2, LR, Decay, Rate T }

// ASGDStep makes a step of averaged gradient descent, with the averages a:
//
//	p = Decay*p - LR*g'
//	a = a + Rate*(p - a), which is p if Rate is 1
func ASGDStep[T Float](p, g, a *Tensor[T], c ASGDCoeffs[T]) {
	checkSame("ASGDStep", p, g, a)
	if d := device.Active(); d != nil {
		deviceASGD(d, p, g, a, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, asgdStep[T]{p.Data(), g.Data(), a.Data(), c})
}

type asgdStep[T Float] struct {
	p, g, a []T
	c       ASGDCoeffs[T]
}

func (b *asgdStep[T]) Do(lo, hi int) {
	p, a, c := b.p[lo:hi], b.a[lo:hi], &b.c
	for i, g := range b.g[lo:hi] {
		g = c.GradScale*g + c.L2*p[i]
		p[i] = c.Decay*p[i] - c.LR*g
		if c.Rate == 1 {
			a[i] = p[i]
		} else {
			a[i] += c.Rate * (p[i] - a[i])
		}
	}
}

// RpropCoeffs holds the coefficients of RpropStep.
type RpropCoeffs[T Float] struct{ GradScale, Down, Up, Least, Most T }

// RpropStep makes a step of Rprop, with the gradients of the step before and the step sizes. The
// step size of an element is multiplied by Up if its gradient has kept its sign and by Down if it
// has changed it, within [Least, Most]; after a change of sign the gradient counts as 0.
//
//	p = p - sign(g')*size
func RpropStep[T Float](p, g, before, size *Tensor[T], c RpropCoeffs[T]) {
	checkSame("RpropStep", p, g, before, size)
	if d := device.Active(); d != nil {
		deviceRprop(d, p, g, before, size, c)
		return
	}
	parallel.For(p.Len(), grainUpdate, rpropStep[T]{p.Data(), g.Data(), before.Data(), size.Data(), c})
}

type rpropStep[T Float] struct {
	p, g, before, size []T
	c                  RpropCoeffs[T]
}

func (b *rpropStep[T]) Do(lo, hi int) {
	p, before, size, c := b.p[lo:hi], b.before[lo:hi], b.size[lo:hi], &b.c
	for i, g := range b.g[lo:hi] {
		g *= c.GradScale
		factor := T(1)
		switch { // by signs, as the product could underflow
		case g > 0 && before[i] > 0 || g < 0 && before[i] < 0:
			factor = c.Up
		case g > 0 && before[i] < 0 || g < 0 && before[i] > 0:
			factor, g = c.Down, 0
		}
		size[i] = min(max(size[i]*factor, c.Least), c.Most)
		switch {
		case g > 0:
			p[i] -= size[i]
		case g < 0:
			p[i] += size[i]
		}
		before[i] = g
	}
}
