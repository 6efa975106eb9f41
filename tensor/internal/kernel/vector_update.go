package kernel

import "math"

func mulAddGo[T Float](dst, a, b []T) {
	for i, v := range a {
		dst[i] += v * b[i]
	}
}

func addScaledGo[T Float](dst, x []T, alpha T) {
	for i, v := range x {
		dst[i] += alpha * v
	}
}

func fillGo[T Float](dst []T, v T) {
	for i := range dst {
		dst[i] = v
	}
}

func selectGo[T Float](dst, cond, a, b []T) {
	for i, c := range cond {
		if c != 0 {
			dst[i] = a[i]
		} else {
			dst[i] = b[i]
		}
	}
}

// Drop describes a dropout: dst[i] = Beta*dst[i] + Scale*x[i], or Beta*dst[i] for the elements that
// are dropped. Element First+i is dropped if its 32 random bits are below Threshold, so the mask
// depends on the key and the element's index only. Two elements share a 64-bit number of the
// SplitMix64 stream of Key (tensor.Key.Uint64): number j serves element 2j with its lower and 2j+1
// with its upper half. First must be even. Beta is 0 (dst is not read) or 1.
type Drop[T Float] struct {
	Key, First  uint64
	Threshold   uint32
	Scale, Beta T
}

const golden = 0x9e3779b97f4a7c15 // the increment of SplitMix64

func dropoutGo[T Float](dst, x []T, d Drop[T]) {
	z := d.Key + (d.First/2+1)*golden
	for len(x) > 0 {
		bits := z
		z += golden
		bits = (bits ^ bits>>30) * 0xbf58476d1ce4e5b9
		bits = (bits ^ bits>>27) * 0x94d049bb133111eb
		bits ^= bits >> 31
		// Selecting by index avoids a branch that would be mispredicted half of the time.
		accumulate(&dst[0], d.Beta, [2]T{d.Scale * x[0], 0}[(bits&math.MaxUint32-uint64(d.Threshold))>>63])
		if len(x) == 1 {
			return
		}
		accumulate(&dst[1], d.Beta, [2]T{d.Scale * x[1], 0}[(bits>>32-uint64(d.Threshold))>>63])
		dst, x = dst[2:], x[2:]
	}
}

// Adam holds the coefficients of one step of Adam (Kingma and Ba 2015) or AdamW (Loshchilov and
// Hutter 2019):
//
//	g' = GradScale*g + L2*p
//	m  = Beta1*m + Rest1*g'
//	v  = Beta2*v + Rest2*g'*g'
//	p  = Decay*p - Step*m / (RootScale*sqrt(v) + Eps)
//
// with Rest = 1-Beta, Step = lr/(1-Beta1^t), RootScale = 1/sqrt(1-Beta2^t), and Decay =
// 1-lr*weight_decay for AdamW, 1 for Adam. GradScale is 1, or the factor of gradient clipping, or
// negative to maximise.
type Adam[T Float] struct {
	Beta1, Rest1, Beta2, Rest2 T
	Step, RootScale, Eps       T
	Decay, L2, GradScale       T
}

func adamGo[T Float](p, g, m, v []T, c Adam[T]) {
	for i, w := range p {
		d := c.GradScale*g[i] + c.L2*w
		m[i] = c.Beta1*m[i] + c.Rest1*d
		v[i] = c.Beta2*v[i] + c.Rest2*(d*d)
		p[i] = c.Decay*w - c.Step*m[i]/(c.RootScale*T(math.Sqrt(float64(v[i])))+c.Eps)
	}
}

// SGD holds the coefficients of one step of gradient descent with momentum:
//
//	g' = GradScale*g + L2*p
//	m  = Momentum*m + Rest*g'
//	p  = p - LR*(Nesterov*g' + Direct*m)
//
// Plain descent is Momentum 0, Rest 1 and Direct 1; Nesterov's form is Nesterov 1 and Direct =
// Momentum; the usual form Nesterov 0 and Direct 1.
type SGD[T Float] struct {
	Momentum, Rest       T
	LR, Nesterov, Direct T
	L2, GradScale        T
}

func sgdGo[T Float](p, g, m []T, c SGD[T]) {
	for i, w := range p {
		d := c.GradScale*g[i] + c.L2*w
		m[i] = c.Momentum*m[i] + c.Rest*d
		p[i] = w - c.LR*(c.Nesterov*d+c.Direct*m[i])
	}
}
