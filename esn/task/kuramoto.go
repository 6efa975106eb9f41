package task

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"

	"elegans/tensor"
)

// KuramotoSivashinsky returns n rows of u_t = -u u_x - u_xx - u_xxxx on [0, 32 pi), periodic, at
// 128 places and steps of .25, from cos(x/16) (1 + sin(x/16)): the fourth-order exponential
// Runge-Kutta method with coefficients by contour integrals (A.-K. Kassam and L. Trefethen,
// Fourth-order time-stepping for stiff PDEs, SIAM J. Sci. Comput. 26, 2005, with their example).
func KuramotoSivashinsky(n int) *tensor.Tensor[float64] {
	const (
		places = 128
		q      = 16.
		h      = .25
		points = 32
	)
	fft := fourier.NewCmplxFFT(places)
	u := make([]complex128, places)
	for j := range u {
		x := 2 * math.Pi * q * float64(j+1) / places
		u[j] = complex(math.Cos(x/q)*(1+math.Sin(x/q)), 0)
	}
	v := fft.Coefficients(nil, u)
	var e, e2, f0, f1, f2, f3, g [places]complex128
	for j := range places {
		k := float64(j)
		switch {
		case j == places/2:
			k = 0
		case j > places/2:
			k -= places
		}
		k /= q
		l := k*k - k*k*k*k
		e[j], e2[j], g[j] = complex(math.Exp(h*l), 0), complex(math.Exp(h*l/2), 0), complex(0, -.5*k)
		var a, b, c, d complex128
		for m := range points {
			r := complex(h*l, 0) + cmplx.Exp(complex(0, math.Pi*(float64(m)+.5)/points))
			r2, r3, ex := r*r, r*r*r, cmplx.Exp(r)
			a += (cmplx.Exp(r/2) - 1) / r
			b += (-4 - r + ex*(4-3*r+r2)) / r3
			c += (2 + r + ex*(r-2)) / r3
			d += (-4 - 3*r - r2 + ex*(4-r)) / r3
		}
		mean := func(s complex128) complex128 { return complex(h*real(s)/points, 0) }
		f0[j], f1[j], f2[j], f3[j] = mean(a), mean(b), mean(c), mean(d)
	}
	space := func(w []complex128) []complex128 {
		s := fft.Sequence(nil, w)
		for j := range s {
			s[j] = complex(real(s[j])/places, 0)
		}
		return s
	}
	nonlinear := func(w []complex128) []complex128 {
		s := space(w)
		for j := range s {
			s[j] *= s[j]
		}
		s = fft.Coefficients(nil, s)
		for j := range s {
			s[j] *= g[j]
		}
		return s
	}
	out := tensor.New[float64](n, places)
	a, b, c := make([]complex128, places), make([]complex128, places), make([]complex128, places)
	for t := range n {
		for j, s := range space(v) {
			out.Set(real(s), t, j)
		}
		nv := nonlinear(v)
		for j := range a {
			a[j] = e2[j]*v[j] + f0[j]*nv[j]
		}
		na := nonlinear(a)
		for j := range b {
			b[j] = e2[j]*v[j] + f0[j]*na[j]
		}
		nb := nonlinear(b)
		for j := range c {
			c[j] = e2[j]*a[j] + f0[j]*(2*nb[j]-nv[j])
		}
		nc := nonlinear(c)
		for j := range v {
			v[j] = e[j]*v[j] + nv[j]*f1[j] + 2*(na[j]+nb[j])*f2[j] + nc[j]*f3[j]
		}
	}
	return out
}
