package task

import (
	"math"

	"elegans/tensor"
)

// Flow is a system of ordinary differential equations with what it is usually run with.
type Flow struct {
	Name  string
	Start []float64
	Step  float64 // of time
	Sub   int     // steps a row
	// Rate writes dx/dt at x to d.
	Rate func(d, x []float64)
}

// Stepper returns a function that advances a state by one row with the classical Runge-Kutta method
// (W. Kutta, 1901), whose error over a fixed time is of fourth order in Step. It is for one
// goroutine at a time.
func (f Flow) Stepper() func(x []float64) {
	k := len(f.Start)
	var slope [4][]float64
	for i := range slope {
		slope[i] = make([]float64, k)
	}
	at := make([]float64, k)
	return func(x []float64) {
		for range f.Sub {
			f.Rate(slope[0], x)
			for stage, h := range []float64{f.Step / 2, f.Step / 2, f.Step} {
				for i, v := range slope[stage] {
					at[i] = x[i] + h*v
				}
				f.Rate(slope[stage+1], at)
			}
			for i := range x {
				x[i] += f.Step / 6 * (slope[0][i] + 2*slope[1][i] + 2*slope[2][i] + slope[3][i])
			}
		}
	}
}

// Series returns n rows of the flow [n, K], the start first.
func (f Flow) Series(n int) *tensor.Tensor[float64] { return trajectory(f.Stepper(), f.Start, n) }

// trajectory returns n states [n, K], start first.
func trajectory(step func(x []float64), start []float64, n int) *tensor.Tensor[float64] {
	k := len(start)
	out := tensor.New[float64](n, k)
	x := append([]float64{}, start...)
	for t := range n {
		copy(out.Data()[t*k:], x)
		step(x)
	}
	return out
}

// Exponent returns the largest Lyapunov exponent of a system, in units of 1/dt: the mean rate at
// which the distance of two neighbours grows, which is brought back to 1e-8 after every step (G.
// Benettin, L. Galgani and J.-M. Strelcyn, Kolmogorov entropy and numerical experiments, Phys. Rev.
// A 14, 1976). x is a state on the attractor, and is that after the last step on return; step
// advances a state by dt.
func Exponent(step func(x []float64), x []float64, dt float64, steps int) float64 {
	const apart = 1e-8
	y := append([]float64{}, x...)
	y[0] += apart
	sum, counted := 0.0, 0
	for t := range steps {
		step(x)
		step(y)
		d := 0.0
		for i := range x {
			d += (y[i] - x[i]) * (y[i] - x[i])
		}
		d = math.Sqrt(d)
		if d == 0 { // a map that folds may bring neighbours together: begin anew
			y[0] = x[0] + apart
			continue
		}
		for i := range x {
			y[i] = x[i] + (y[i]-x[i])*(apart/d)
		}
		if t >= steps/10 { // until then the distance turns to the fastest direction
			sum += math.Log(d / apart)
			counted++
		}
	}
	return sum / (float64(counted) * dt)
}

// attractor is a dynamical system as a task of generation: a network that has learned one step runs
// on its own outputs, and the measure is for how long they stay near the truth.
type attractor struct {
	name, doc, source string
	lyapunov          float64
	width             int
	step              float64 // of time a row
	start             []float64
	spread            float64 // of the starts of different seeds about start
	discard           int     // rows until the state is on the attractor
	stepper           func() func(x []float64)
	forecast          forecast
	recipe            recipe // none without neurons
}

// attractors are all that are registered.
var attractors []attractor

// register makes a task of it.
func (a attractor) register() {
	attractors = append(attractors, a)
	t := Task{
		Name: a.name, Doc: a.doc, Kind: Generation, Inputs: a.width, Outputs: a.width, Metric: ValidTime,
		Alignment: "row t predicts the series at t+1; columns standardised by their training rows",
		Time:      Time{Step: a.step, Lyapunov: a.lyapunov, Source: a.source},
		Make: func(o Options) (Problem, error) {
			x := a.series(o.Seed, a.forecast.total())
			s := standardOf(x, a.forecast.washout+a.forecast.train)
			p := a.forecast.problem(s.Apply(x))
			p.InputScale, p.TargetScale = &s, &s
			return p, nil
		},
	}
	if a.recipe.neurons > 0 {
		t.Recipe = a.recipe.make
	}
	Register(t)
}

// series returns n rows on the attractor, other ones for every seed.
func (a attractor) series(seed uint64, n int) *tensor.Tensor[float64] {
	x := append([]float64{}, a.start...)
	for i, v := range tensor.Uniform[float64](tensor.NewKey(seed, "task."+a.name), -a.spread, a.spread, len(x)).Data() {
		x[i] += v
	}
	step := a.stepper()
	for range a.discard {
		step(x)
	}
	return trajectory(step, x, n)
}
