package task

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"

	"elegans/tensor"
)

// kuramoto integrates u_t = -u u_x - u_xx - u_xxxx on [0, 32 pi), periodic, at 128 places and steps
// of .25, by the fourth-order exponential Runge-Kutta method with coefficients by contour integrals
// (A.-K. Kassam and L. Trefethen, Fourth-order time-stepping for stiff PDEs, SIAM J. Sci. Comput.
// 26, 2005).
type kuramoto struct {
	fft                        *fourier.CmplxFFT
	e, e2, f0, f1, f2, f3, g   [kuramotoPlaces]complex128
	a, b, c, na, nb, nc, nv, w []complex128
}

const (
	kuramotoPlaces = 128
	kuramotoStep   = .25
	kuramotoWave   = 16. // x/16 has one wave in the domain
)

func newKuramoto() *kuramoto {
	const points = 32 // of the contour
	s := &kuramoto{fft: fourier.NewCmplxFFT(kuramotoPlaces)}
	for _, v := range []*[]complex128{&s.a, &s.b, &s.c, &s.na, &s.nb, &s.nc, &s.nv, &s.w} {
		*v = make([]complex128, kuramotoPlaces)
	}
	for j := range kuramotoPlaces {
		k := float64(j)
		switch {
		case j == kuramotoPlaces/2:
			k = 0
		case j > kuramotoPlaces/2:
			k -= kuramotoPlaces
		}
		k /= kuramotoWave
		h, l := kuramotoStep, k*k-k*k*k*k
		s.e[j], s.e2[j], s.g[j] = complex(math.Exp(h*l), 0), complex(math.Exp(h*l/2), 0), complex(0, -.5*k)
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
		s.f0[j], s.f1[j], s.f2[j], s.f3[j] = mean(a), mean(b), mean(c), mean(d)
	}
	return s
}

// space sets u to the values at the places of the coefficients v.
func (s *kuramoto) space(u []float64, v []complex128) {
	for j, c := range s.fft.Sequence(s.w, v) {
		u[j] = real(c) / kuramotoPlaces
	}
}

// coefficients sets v to those of the values u.
func (s *kuramoto) coefficients(v []complex128, u []float64) {
	for j, x := range u {
		s.w[j] = complex(x, 0)
	}
	s.fft.Coefficients(v, s.w)
}

// nonlinear sets to to the coefficients of -u u_x.
func (s *kuramoto) nonlinear(to, v []complex128) {
	for j, c := range s.fft.Sequence(s.w, v) {
		x := real(c) / kuramotoPlaces
		s.w[j] = complex(x*x, 0)
	}
	s.fft.Coefficients(to, s.w)
	for j := range to {
		to[j] *= s.g[j]
	}
}

// step advances the coefficients.
func (s *kuramoto) step(v []complex128) {
	s.nonlinear(s.nv, v)
	for j := range v {
		s.a[j] = s.e2[j]*v[j] + s.f0[j]*s.nv[j]
	}
	s.nonlinear(s.na, s.a)
	for j := range v {
		s.b[j] = s.e2[j]*v[j] + s.f0[j]*s.na[j]
	}
	s.nonlinear(s.nb, s.b)
	for j := range v {
		s.c[j] = s.e2[j]*s.a[j] + s.f0[j]*(2*s.nb[j]-s.nv[j])
	}
	s.nonlinear(s.nc, s.c)
	for j := range v {
		v[j] = s.e[j]*v[j] + s.nv[j]*s.f1[j] + 2*(s.na[j]+s.nb[j])*s.f2[j] + s.nc[j]*s.f3[j]
	}
}

// kuramotoStart is cos(x/16) (1 + sin(x/16)), as in the example of Kassam and Trefethen.
func kuramotoStart() []float64 {
	u := make([]float64, kuramotoPlaces)
	for j := range u {
		x := 2 * math.Pi * kuramotoWave * float64(j+1) / kuramotoPlaces
		u[j] = math.Cos(x/kuramotoWave) * (1 + math.Sin(x/kuramotoWave))
	}
	return u
}

// KuramotoSivashinsky returns n rows [n, 128] of u_t = -u u_x - u_xx - u_xxxx on [0, 32 pi),
// periodic, at steps of .25, from cos(x/16) (1 + sin(x/16)): A.-K. Kassam and L. Trefethen,
// Fourth-order time-stepping for stiff PDEs, SIAM J. Sci. Comput. 26, 2005, with their example.
func KuramotoSivashinsky(n int) *tensor.Tensor[float64] {
	s := newKuramoto()
	v := make([]complex128, kuramotoPlaces)
	s.coefficients(v, kuramotoStart())
	out := tensor.New[float64](n, kuramotoPlaces)
	for t := range n {
		s.space(out.Data()[t*kuramotoPlaces:(t+1)*kuramotoPlaces], v)
		s.step(v)
	}
	return out
}

// kuramotoStepper advances values at the places.
func kuramotoStepper() func(u []float64) {
	s := newKuramoto()
	v := make([]complex128, kuramotoPlaces)
	return func(u []float64) {
		s.coefficients(v, u)
		s.step(v)
		s.space(u, v)
	}
}

func init() {
	attractor{
		name: "kuramoto_sivashinsky", doc: "the equation of Kuramoto and Sivashinsky on [0, 32 pi), 128 places, ETDRK4 at .25",
		lyapunov: .0903, source: "computed by Exponent, see the tests",
		width: kuramotoPlaces, step: kuramotoStep, start: kuramotoStart(), spread: .01, discard: 1000, stepper: kuramotoStepper,
		forecast: forecast{washout: 100, train: 10000, validations: 5, tests: 20, free: 600, apart: 200},
		recipe: recipe{
			neurons: 2000, degree: 3, scale: .276, input: .957, inputDensity: .01, bias: .5, leak: 1, penalty: 1e-6, squares: true, readoutInput: true,
		},
	}.register()
}
