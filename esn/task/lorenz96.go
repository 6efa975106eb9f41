package task

import "fmt"

// Lorenz96 is a ring of cells, x[i]' = (x[i+1]-x[i-2]) x[i-1] - x[i] + force, driven by force, 8 or
// 10 as a rule; start gives their number (E. Lorenz, Predictability: a problem partly solved, ECMWF
// Seminar on Predictability, 1996).
func Lorenz96(start []float64, force float64) Flow {
	return Flow{fmt.Sprintf("lorenz96_F%g", force), start, .01, 1, func(d, x []float64) {
		n := len(x)
		for i := range x {
			d[i] = (x[(i+1)%n]-x[(i+n-2)%n])*x[(i+n-1)%n] - x[i] + force
		}
	}}
}

func init() {
	const cells = 40
	for _, c := range []struct{ force, lyapunov float64 }{{8, 1.69}, {10, 2.31}} {
		start := make([]float64, cells)
		for i := range start {
			start[i] = c.force
		}
		f := Lorenz96(start, c.force)
		f.Sub = 5 // rows .05 apart are worth five times as many of .01: these are nearly alike
		attractor{
			name:     fmt.Sprintf("lorenz96_f%g", c.force),
			doc:      fmt.Sprintf("the ring of %d cells of Lorenz 1996 at a force of %g, RK4 at .01, a row every .05", cells, c.force),
			lyapunov: c.lyapunov, source: "computed by Exponent, see the tests",
			width: cells, step: f.Step * float64(f.Sub), start: start, spread: .01, discard: 1000, stepper: f.Stepper,
			forecast: forecast{washout: 100, train: 20000, validations: 10, tests: 20, free: 400, apart: 100},
			recipe:   recipe{neurons: 1200, degree: 10, scale: .1, input: .05, bias: .3, leak: 1, penalty: 1e-12, squares: true, readoutInput: true},
		}.register()
	}
}
