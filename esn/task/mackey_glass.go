package task

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// MackeyGlass returns n values of dy/dt = .2 y(t-tau)/(1+y(t-tau)^10) - .1 y (M. Mackey and L.
// Glass, Oscillation and chaos in physiological control systems, Science 197, 1977), one a unit of
// time, after discard of them: Euler steps of .1 and the constant history 1.2, as H. Jaeger took
// them (GMD report 148). tau is 17 for the usual, mildly chaotic series.
func MackeyGlass(n int, tau float64, discard int) ([]float64, error) {
	const step, sub, history = .1, 10, 1.2
	delay := int(math.Round(tau / step))
	if n < 0 || discard < 0 || !(tau > 0 && tau <= 1e6) || delay < 1 {
		return nil, fmt.Errorf("task: %d values of the Mackey-Glass series after %d with a delay of %v, expected at least 0 and a delay of at least %v", n, discard, tau, step)
	}
	y := make([]float64, delay+max(0, n+discard-1)*sub+1)
	for i := range delay + 1 {
		y[i] = history
	}
	for i := delay; i+1 < len(y); i++ {
		late := y[i-delay]
		y[i+1] = y[i] + step*(.2*late/(1+math.Pow(late, 10))-.1*y[i])
	}
	s := make([]float64, n)
	for i := range s {
		s[i] = y[delay+(discard+i)*sub]
	}
	return s, nil
}

// Squash returns tanh(y-1), the form in which Jaeger gave the Mackey-Glass series to his networks.
// Its variance differs from that of y: say by which an error is divided.
func Squash(y []float64) []float64 {
	s := make([]float64, len(y))
	for i, v := range y {
		s[i] = math.Tanh(v - 1)
	}
	return s
}

func init() {
	for _, c := range []struct {
		name string
		rows int
	}{{"mackey_glass", 3000}, {"mackey_glass_21k", 21000}} {
		Register(Task{
			Name: c.name,
			Doc:  fmt.Sprintf("the Mackey-Glass series at a delay of 17, learned from %d rows, of which 1,000 bring the network into step (H. Jaeger, GMD report 148, 2001)", c.rows),
			Kind: Generation, Inputs: 1, Outputs: 1, Metric: NRMSE84,
			Alignment: "row t predicts the series at t+1, squashed by tanh(y-1); divided by the variance of the squashed series, .0467",
			Time:      Time{Step: 1, Lyapunov: .0061, Source: "computed by Exponent, see the tests"},
			Recipe: recipe{
				neurons: 400, degree: 5, scale: 1.036, input: 1.001, bias: .368, leak: .503, penalty: 1.5e-16, qr: true, squares: true,
			}.make,
			Make: func(o Options) (Problem, error) {
				f := forecast{washout: 1000, train: c.rows - 1000, validations: 25, tests: 50, free: 84, apart: 84}
				// A seed is a place on the attractor.
				discard := 1000 + int(tensor.NewKey(o.Seed, "task.mackey_glass").Uint64(0)%100000)
				y, err := MackeyGlass(f.total(), 17, discard)
				if err != nil {
					return Problem{}, err
				}
				return f.problem(column(Squash(y))), nil
			},
		})
	}
}

// mackeyGlassStep advances the last 171 values, oldest first, by one unit of time.
func mackeyGlassStep(x []float64) {
	for range 10 {
		last, late := x[len(x)-1], x[0]
		copy(x, x[1:])
		x[len(x)-1] = last + .1*(.2*late/(1+math.Pow(late, 10))-.1*last)
	}
}
