package task

// Lorenz63 is x' = 10 (y-x), y' = x (28-z) - y, z' = x y - 8/3 z (E. Lorenz, Deterministic
// nonperiodic flow, J. Atmos. Sci. 20, 1963).
var Lorenz63 = Flow{"lorenz63", []float64{1, 1, 1}, .01, 1, func(d, x []float64) {
	d[0], d[1], d[2] = 10*(x[1]-x[0]), x[0]*(28-x[2])-x[1], x[0]*x[1]-8./3*x[2]
}}

func init() {
	attractor{
		name: "lorenz63", doc: "the three equations of Lorenz 1963, RK4 at .01",
		lyapunov: .9056, source: "J. C. Sprott, Chaos and Time-Series Analysis, 2003; the tests compute it again",
		width: 3, step: .01, start: Lorenz63.Start, spread: .5, discard: 2000, stepper: Lorenz63.Stepper,
		forecast: forecast{washout: 100, train: 10000, validations: 10, tests: 20, free: 2500, apart: 500},
		recipe:   recipe{neurons: 1000, degree: 10, scale: 1.048, input: .3133, bias: .8319, leak: .8036, penalty: 2.5e-11},
	}.register()
}
