package task

// Chen is x' = 40 (y-x), y' = -12 x - x z + 28 y, z' = x y - 3 z (G. Chen and T. Ueta, Yet another
// chaotic attractor, Int. J. Bifurcation and Chaos 9, 1999, with 40 for their 35).
var Chen = Flow{"chen", []float64{-.1, .5, -.6}, .01, 1, func(d, x []float64) {
	d[0], d[1], d[2] = 40*(x[1]-x[0]), (28-40)*x[0]-x[0]*x[2]+28*x[1], x[0]*x[1]-3*x[2]
}}

func init() {
	attractor{
		name: "chen", doc: "the three equations of Chen and Ueta 1999 with a = 40, RK4 at .01",
		lyapunov: 2.317, source: "computed by Exponent, see the tests",
		width: 3, step: .01, start: Chen.Start, spread: .05, discard: 2000, stepper: Chen.Stepper,
		forecast: forecast{washout: 100, train: 10000, validations: 10, tests: 20, free: 2000, apart: 500},
		recipe:   recipe{neurons: 300, degree: 10, scale: .3382, input: .2192, bias: .7593, leak: .5708, penalty: 2.4e-15, qr: true, squares: true},
	}.register()
}
