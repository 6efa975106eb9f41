package task

import (
	"fmt"

	"elegans/tensor"
)

// Parity returns, for bits that are 0 or 1, whether an odd number of the bits t-delay-n+1 to
// t-delay is 1; bits before the first are 0. Two bits are exclusive or (N. Bertschinger and T.
// Natschläger, Real-time computation at the edge of chaos in recurrent neural networks, Neural
// Computation 16, 2004).
func Parity(bits []float64, n, delay int) []float64 {
	out := make([]float64, len(bits))
	for t := range bits {
		odd := false
		for i := max(0, t-delay-n+1); i <= t-delay; i++ {
			odd = odd != (bits[i] == 1)
		}
		if odd {
			out[t] = 1
		}
	}
	return out
}

func init() {
	easy := recipe{neurons: 100, degree: 10, scale: .9, input: .3, bias: .1, leak: 1, penalty: 1e-8}
	for _, c := range []struct {
		name, doc string
		bits      int
		recipe    recipe
	}{
		{"xor", "temporal exclusive or of the last two bits", 2, easy},
		{"parity3", "temporal parity of the last three bits", 3, easy},
		{"parity5", "temporal parity of the last five bits", 5, recipe{neurons: 100, degree: 10, scale: .5956, input: 1.195, bias: .2667, leak: 1, penalty: 9.2e-10}},
	} {
		Register(Task{
			Name: c.name, Doc: c.doc, Kind: Regression, Inputs: 1, Outputs: 1, Metric: Accuracy,
			Alignment: fmt.Sprintf("row t is the parity of the input at t-%d to t; inputs are -1 and 1, targets 0 and 1, and an output of at least .5 counts as 1", c.bits-1),
			Recipe:    c.recipe.make,
			Make: func(o Options) (Problem, error) {
				l := lengths{washout: 100, train: 2000, validate: 1000, test: 2000}
				key := tensor.NewKey(o.Seed, "task."+c.name)
				bits, u := make([]float64, l.total()), make([]float64, l.total())
				for t := range bits {
					bits[t] = float64(key.Uint64(uint64(t)) >> 63)
					u[t] = 2*bits[t] - 1
				}
				return l.regression(column(u), column(Parity(bits, c.bits, 0))), nil
			},
		})
	}
}
