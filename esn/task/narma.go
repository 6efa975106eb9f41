package task

import "math"

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
