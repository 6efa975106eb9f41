package task

import "math"

// DoubleScroll is the circuit of L. Chua as D. Gauthier, E. Bollt, A. Griffith and W. Barbosa took
// it (Next generation reservoir computing, Nature Communications 12, 2021): two voltages and a
// current.
var DoubleScroll = Flow{"doublescroll", []float64{.37926545, .058339, -.08167691}, .01, 25, func(d, x []float64) {
	dv := x[0] - x[1]
	g := dv/3.44 + 4.5e-5*math.Sinh(11.6*dv)
	d[0], d[1], d[2] = x[0]/1.2-g, g-x[2], x[1]-.193*x[2]
}}

func init() {
	attractor{
		name: "double_scroll", doc: "the double-scroll circuit, RK4 at .01, a row every .25",
		lyapunov: .0917, source: "computed by Exponent, see the tests; Gauthier et al. 2021 state a Lyapunov time of 7.8, which would be .128",
		width: 3, step: .25, start: DoubleScroll.Start, spread: .01, discard: 2000, stepper: DoubleScroll.Stepper,
		forecast: forecast{washout: 100, train: 5000, validations: 10, tests: 20, free: 1000, apart: 300},
		recipe:   recipe{neurons: 300, degree: 10, scale: 1.135, input: .9271, bias: .6513, leak: .5516, penalty: 3.1e-18, qr: true, squares: true},
	}.register()
}
