package task

import (
	"fmt"
	"math"
	"slices"

	"elegans/tensor"
)

// NARMA is a nonlinear autoregressive moving average system (A. Atiya and A. Parlos, New results on
// recurrent network training, IEEE Trans. Neural Networks 11, 2000):
//
//	y[t+1] = A y[t] + B y[t] (y[t] + .. + y[t-Order+1]) + C u[t-Order+1] u[t] + D
//
// and the hyperbolic tangent of that if Squash is set. The first value that is computed is
// y[Order]; those before it are 0. Inputs are uniform in [0, .5]. A network that has read u[t] is
// asked for y[t], or for y[t+1], which is easier since y[t+1] rests on u[t]: say which.
type NARMA struct {
	Order      int
	A, B, C, D float64
	Squash     bool
}

// The usual systems.
var (
	NARMA10 = NARMA{Order: 10, A: .3, B: .05, C: 1.5, D: .1}
	NARMA20 = NARMA{Order: 20, A: .3, B: .05, C: 1.5, D: .01, Squash: true}
	NARMA30 = NARMA{Order: 30, A: .2, B: .04, C: 1.5, D: .001}
)

// Series returns y [T] for the inputs u [T]. NARMA10 diverges for a few inputs: values beyond 2 say
// so, and the input is then drawn anew.
func (s NARMA) Series(u []float64) []float64 {
	y := make([]float64, len(u))
	for t := s.Order - 1; t+1 < len(u); t++ {
		sum := 0.0
		for _, v := range y[t-s.Order+1 : t+1] {
			sum += v
		}
		v := s.A*y[t] + s.B*y[t]*sum + s.C*u[t-s.Order+1]*u[t] + s.D
		if s.Squash {
			v = math.Tanh(v)
		}
		y[t+1] = v
	}
	return y
}

// narmaLengths are those with which most published figures were measured.
var narmaLengths = lengths{washout: 200, train: 2000, validate: 1000, test: 2000}

func init() {
	for _, c := range []struct {
		name   string
		s      NARMA
		recipe recipe
	}{
		{"narma10", NARMA10, recipe{neurons: 200, degree: 10, scale: .8212, input: .01288, bias: .3358, leak: 1, penalty: 5e-13}},
		{"narma20", NARMA20, recipe{neurons: 200, degree: 10, scale: 1.015, input: .004833, bias: .3652, leak: 1, penalty: 1.2e-11}},
		{"narma30", NARMA30, recipe{neurons: 200, degree: 10, scale: 1.015, input: .004833, bias: .3652, leak: 1, penalty: 1.2e-11}},
	} {
		Register(Task{
			Name: c.name, Doc: fmt.Sprintf("nonlinear autoregressive moving average of order %d", c.s.Order),
			Kind: Regression, Inputs: 1, Outputs: 1, Metric: NMSE,
			Alignment: "row t predicts y[t], after the network has read u[t]; predicting y[t+1] is easier",
			Recipe:    c.recipe.make,
			Make: func(o Options) (Problem, error) {
				u, y, err := c.s.draw(tensor.NewKey(o.Seed, "task."+c.name), narmaLengths.total())
				if err != nil {
					return Problem{}, err
				}
				return narmaLengths.regression(column(u), column(y)), nil
			},
		})
	}
}

// draw returns inputs, uniform in [0, .5], for which the series does not diverge, and the series.
func (s NARMA) draw(key tensor.Key, n int) (u, y []float64, err error) {
	const tries = 1000
	for try := range uint64(tries) {
		u = tensor.Uniform[float64](key.Sub("input", try), 0, .5, n).Data()
		y = s.Series(u)
		if !slices.ContainsFunc(y, func(v float64) bool { return !(math.Abs(v) <= 2) }) {
			return u, y, nil
		}
	}
	return nil, nil, fmt.Errorf("%d inputs of %d rows all made the series diverge", tries, n)
}
