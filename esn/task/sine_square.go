package task

import (
	"math"

	"elegans/tensor"
)

func init() {
	Register(Task{
		Name: "sine_square", Doc: "tell whether a period of 8 rows is that of a sine or of a square wave, in random order",
		Kind: Regression, Inputs: 1, Outputs: 1, Metric: Accuracy,
		Alignment: "row t is 0 for a sine and 1 for a square at t; an output of at least .5 counts as 1",
		Recipe:    recipe{neurons: 50, degree: 10, scale: .9, input: .3, bias: .1, leak: 1, penalty: 1e-8}.make,
		Make: func(o Options) (Problem, error) {
			const period = 8
			l := lengths{washout: 80, train: 1600, validate: 800, test: 1600}
			key := tensor.NewKey(o.Seed, "task.sine_square")
			u, y := make([]float64, l.total()), make([]float64, l.total())
			for t := range u {
				// Half a row off, so that no sample of the sine is 0 or beyond its neighbours.
				v := math.Sin(2 * math.Pi * (float64(t%period) + .5) / period)
				if key.Uint64(uint64(t/period))>>63 == 1 {
					y[t], v = 1, math.Copysign(1, v)
				}
				u[t] = v
			}
			return l.regression(column(u), column(y)), nil
		},
	})
}
