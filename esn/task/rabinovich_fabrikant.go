package task

// RabinovichFabrikant is the flow at gamma = .89, as other libraries have it. Its chaos does not
// last: from every start that was tried it escapes to infinity after 400 to 1,300 rows, at smaller
// steps too. The task takes .87, where it stays.
var RabinovichFabrikant = rabinovichFabrikant(.89)

// rabinovichFabrikant is x' = y (z-1+x²) + gamma x, y' = x (3z+1-x²) + gamma y, z' = -2 z (1.1 + x
// y) (M. Rabinovich and A. Fabrikant, Stochastic self-modulation of waves in nonequilibrium media,
// Sov. Phys. JETP 50, 1979).
func rabinovichFabrikant(gamma float64) Flow {
	return Flow{"rabinovich_fabrikant", []float64{-1, 0, .5}, .05, 1, func(d, x []float64) {
		d[0] = x[1]*(x[2]-1+x[0]*x[0]) + gamma*x[0]
		d[1] = x[0]*(3*x[2]+1-x[0]*x[0]) + gamma*x[1]
		d[2] = -2 * x[2] * (1.1 + x[0]*x[1])
	}}
}

func init() {
	f := rabinovichFabrikant(.87)
	attractor{
		name: "rabinovich_fabrikant", doc: "the three equations of Rabinovich and Fabrikant 1979 at gamma = .87, RK4 at .05",
		lyapunov: .1981, source: "J. C. Sprott, Chaos and Time-Series Analysis, 2003; the tests compute it again",
		width: 3, step: .05, start: f.Start, spread: .01, discard: 2000, stepper: f.Stepper,
		forecast: forecast{washout: 100, train: 5000, validations: 10, tests: 20, free: 2000, apart: 500},
		recipe:   recipe{neurons: 300, degree: 10, scale: .3382, input: .2192, bias: .7593, leak: .5708, penalty: 2.4e-15, qr: true, squares: true},
	}.register()
}
