package task

// Rossler is x' = -y-z, y' = x + .2 y, z' = .2 + z (x-5.7) (O. Rössler, An equation for continuous
// chaos, Phys. Lett. A 57, 1976).
var Rossler = Flow{"rossler", []float64{-.1, 0, .02}, .1, 1, func(d, x []float64) {
	d[0], d[1], d[2] = -x[1]-x[2], x[0]+.2*x[1], .2+x[2]*(x[0]-5.7)
}}

func init() {
	f := Rossler
	f.Step, f.Sub = .01, 10 // steps of .1 lower the exponent by 3 %
	attractor{
		name: "rossler", doc: "the three equations of Rössler 1976, RK4 at .01, a row every .1",
		lyapunov: .0714, source: "J. C. Sprott, Chaos and Time-Series Analysis, 2003; the tests compute it again",
		width: 3, step: .1, start: Rossler.Start, spread: .1, discard: 2000, stepper: f.Stepper,
		forecast: forecast{washout: 100, train: 5000, validations: 10, tests: 20, free: 2500, apart: 500},
		recipe:   recipe{neurons: 300, degree: 10, scale: .3382, input: .2192, bias: .7593, leak: .5708, penalty: 2.4e-15, qr: true, squares: true},
	}.register()
}
