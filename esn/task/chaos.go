package task

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// MackeyGlass returns n values of dy/dt = .2 y(t-tau)/(1+y(t-tau)^10) - .1 y (M. Mackey and L.
// Glass, Oscillation and chaos in physiological control systems, Science 197, 1977), one a unit of
// time, after discard of them: Euler steps of .1 and the constant history 1.2, as H. Jaeger took
// them (GMD report 148). tau is 17 for the usual, mildly chaotic series.
func MackeyGlass(n int, tau float64, discard int) ([]float64, error) {
	const step, sub, history = .1, 10, 1.2
	delay := int(math.Round(tau / step))
	if n < 0 || discard < 0 || !(tau > 0 && tau <= 1e6) || delay < 1 {
		return nil, fmt.Errorf("task: %d values of the Mackey-Glass series after %d with a delay of %v, expected at least 0 and a delay of at least %v", n, discard, tau, step)
	}
	y := make([]float64, delay+max(0, n+discard-1)*sub+1)
	for i := range delay + 1 {
		y[i] = history
	}
	for i := delay; i+1 < len(y); i++ {
		late := y[i-delay]
		y[i+1] = y[i] + step*(.2*late/(1+math.Pow(late, 10))-.1*y[i])
	}
	s := make([]float64, n)
	for i := range s {
		s[i] = y[delay+(discard+i)*sub]
	}
	return s, nil
}

// Squash returns tanh(y-1), the form in which Jaeger gave the Mackey-Glass series to his networks.
// Its variance differs from that of y: say by which an error is divided.
func Squash(y []float64) []float64 {
	s := make([]float64, len(y))
	for i, v := range y {
		s[i] = math.Tanh(v - 1)
	}
	return s
}

// Flow is a system of ordinary differential equations with what it is usually run with.
type Flow struct {
	Name  string
	Start []float64
	Step  float64 // of time
	Sub   int     // steps a row
	// Rate writes dx/dt at x to d.
	Rate func(d, x []float64)
}

// The flows. Sources: E. Lorenz 1963 and 1996; O. Rössler 1976; G. Chen and T. Ueta 1999; L. Chua's
// double scroll as D. Gauthier et al. took it (2021); M. Rabinovich and A. Fabrikant 1979.
var (
	Lorenz63 = Flow{"lorenz63", []float64{1, 1, 1}, .01, 1, func(d, x []float64) {
		d[0], d[1], d[2] = 10*(x[1]-x[0]), x[0]*(28-x[2])-x[1], x[0]*x[1]-8./3*x[2]
	}}
	Rossler = Flow{"rossler", []float64{-.1, 0, .02}, .1, 1, func(d, x []float64) {
		d[0], d[1], d[2] = -x[1]-x[2], x[0]+.2*x[1], .2+x[2]*(x[0]-5.7)
	}}
	Chen = Flow{"chen", []float64{-.1, .5, -.6}, .01, 1, func(d, x []float64) {
		d[0], d[1], d[2] = 40*(x[1]-x[0]), (28-40)*x[0]-x[0]*x[2]+28*x[1], x[0]*x[1]-3*x[2]
	}}
	DoubleScroll = Flow{"doublescroll", []float64{.37926545, .058339, -.08167691}, .01, 25, func(d, x []float64) {
		dv := x[0] - x[1]
		g := dv/3.44 + 4.5e-5*math.Sinh(11.6*dv)
		d[0], d[1], d[2] = x[0]/1.2-g, g-x[2], x[1]-.193*x[2]
	}}
	RabinovichFabrikant = Flow{"rabinovich_fabrikant", []float64{-1, 0, .5}, .05, 1, func(d, x []float64) {
		d[0] = x[1]*(x[2]-1+x[0]*x[0]) + .89*x[0]
		d[1] = x[0]*(3*x[2]+1-x[0]*x[0]) + .89*x[1]
		d[2] = -2 * x[2] * (1.1 + x[0]*x[1])
	}}
)

// Lorenz96 is a ring of cells driven by force, 8 or 10 as a rule; start gives their number.
func Lorenz96(start []float64, force float64) Flow {
	return Flow{fmt.Sprintf("lorenz96_F%g", force), start, .01, 1, func(d, x []float64) {
		n := len(x)
		for i := range x {
			d[i] = (x[(i+1)%n]-x[(i+n-2)%n])*x[(i+n-1)%n] - x[i] + force
		}
	}}
}

// Series returns n rows of the flow [n, K] by the classical Runge-Kutta method, the start first.
func (f Flow) Series(n int) *tensor.Tensor[float64] {
	k := len(f.Start)
	out := tensor.New[float64](n, k)
	x := append([]float64{}, f.Start...)
	var slope [4][]float64
	for i := range slope {
		slope[i] = make([]float64, k)
	}
	at := make([]float64, k)
	for t := range n {
		copy(out.Data()[t*k:], x)
		for range f.Sub {
			f.Rate(slope[0], x)
			for stage, h := range []float64{f.Step / 2, f.Step / 2, f.Step} {
				for i, v := range slope[stage] {
					at[i] = x[i] + h*v
				}
				f.Rate(slope[stage+1], at)
			}
			for i := range x {
				x[i] += f.Step / 6 * (slope[0][i] + 2*slope[1][i] + 2*slope[2][i] + slope[3][i])
			}
		}
	}
	return out
}

// Henon returns n rows [n, 2] of the map x' = 1 - 1.4 x² + y, y' = .3 x (M. Hénon, 1976) from 0.
func Henon(n int) *tensor.Tensor[float64] {
	out := tensor.New[float64](n, 2)
	for t := 1; t < n; t++ {
		x, y := HenonNext(out.At(t-1, 0), out.At(t-1, 1))
		out.Set(x, t, 0)
		out.Set(y, t, 1)
	}
	return out
}

// HenonNext is one step of Henon.
func HenonNext(x, y float64) (float64, float64) { return 1 - 1.4*(x*x) + y, .3 * x }

// Logistic returns n values of the map x' = r x (1-x) from x0; it is chaotic at r = 3.9.
func Logistic(n int, r, x0 float64) []float64 {
	out := make([]float64, n)
	for t := range out {
		if out[t] = x0; t > 0 {
			out[t] = LogisticNext(r, out[t-1])
		}
	}
	return out
}

// LogisticNext is one step of Logistic.
func LogisticNext(r, x float64) float64 { return r * x * (1 - x) }

// MSO returns n values of a sum of sines, sin(f t) for every frequency (multiple superimposed
// oscillators); MSO8 holds the usual frequencies, of which the first so many are taken.
func MSO(n int, frequencies []float64) []float64 {
	out := make([]float64, n)
	for t := range out {
		for _, f := range frequencies {
			out[t] += math.Sin(f * float64(t))
		}
	}
	return out
}

// MSO8 are the frequencies of the eight oscillators.
var MSO8 = []float64{.2, .311, .42, .51, .63, .74, .85, .97}
