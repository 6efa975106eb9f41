package task

import "elegans/tensor"

// Henon returns n rows [n, 2] of the map x' = 1 - 1.4 x² + y, y' = .3 x from 0 (M. Hénon, A
// two-dimensional mapping with a strange attractor, Commun. Math. Phys. 50, 1976).
func Henon(n int) *tensor.Tensor[float64] { return trajectory(henonStep, []float64{0, 0}, n) }

// HenonNext is one step of Henon.
func HenonNext(x, y float64) (float64, float64) { return 1 - 1.4*(x*x) + y, .3 * x }

func henonStep(x []float64) { x[0], x[1] = HenonNext(x[0], x[1]) }

func init() {
	attractor{
		name: "henon", doc: "the map of Hénon 1976",
		lyapunov: .41922, source: "J. C. Sprott, Chaos and Time-Series Analysis, 2003; the tests compute it again",
		width: 2, step: 1, start: []float64{0, 0}, spread: .1, discard: 1000,
		stepper:  func() func([]float64) { return henonStep },
		forecast: forecast{washout: 100, train: 2000, validations: 10, tests: 20, free: 100, apart: 100},
		recipe:   recipe{neurons: 300, degree: 10, scale: .384, input: .1651, bias: .2966, leak: .7, penalty: 2.5e-14, qr: true, squares: true},
	}.register()
}
