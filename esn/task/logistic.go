package task

// Logistic returns n values of the map x' = r x (1-x) from x0; it is chaotic at r = 3.9 (R. May,
// Simple mathematical models with very complicated dynamics, Nature 261, 1976).
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

func logisticStep(x []float64) { x[0] = LogisticNext(3.9, x[0]) }

func init() {
	attractor{
		name: "logistic", doc: "the logistic map at r = 3.9",
		lyapunov: .4962, source: "the mean of log |r (1-2x)|, computed by the tests",
		width: 1, step: 1, start: []float64{.5}, spread: .3, discard: 1000,
		stepper:  func() func([]float64) { return logisticStep },
		forecast: forecast{washout: 100, train: 2000, validations: 10, tests: 20, free: 100, apart: 100},
		recipe:   recipe{neurons: 300, degree: 10, scale: .355, input: .278, bias: .5403, leak: .699, penalty: 1.7e-15, qr: true, squares: true},
	}.register()
}
