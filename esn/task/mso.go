package task

import (
	"fmt"
	"math"

	"elegans/tensor"
)

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

// MSO8 are the frequencies of the eight oscillators (J. Schmidhuber, D. Wierstra, M. Gagliolo and
// F. Gomez, Training recurrent networks by Evolino, Neural Computation 19, 2007, and later work
// that added the last three).
var MSO8 = []float64{.2, .311, .42, .51, .63, .74, .85, .97}

func init() {
	for _, n := range []int{2, 5, 8} {
		Register(Task{
			Name: fmt.Sprintf("mso%d", n), Doc: fmt.Sprintf("a sum of %d sines of frequencies without a common period", n),
			Kind: Generation, Inputs: 1, Outputs: 1, Metric: NRMSE,
			Alignment: "row t predicts the series at t+1, divided by the number of sines",
			Time:      Time{Step: 1},
			Recipe:    recipe{neurons: 100, degree: 10, scale: .8231, input: .1209, bias: .6875, leak: .6181, penalty: 5.3e-17, qr: true, activation: "linear"}.make,
			Make: func(o Options) (Problem, error) {
				f := forecast{washout: 100, train: 400, validations: 1, tests: 1, free: 300, apart: 300}
				// A seed is a place in the series, which never repeats.
				from := int(tensor.NewKey(o.Seed, "task.mso").Uint64(0) % 100000)
				s := MSO(from+f.total(), MSO8[:n])[from:]
				for i := range s {
					s[i] /= float64(n)
				}
				return f.problem(column(s)), nil
			},
		})
	}
}
