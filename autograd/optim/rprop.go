package optim

import (
	"elegans/autograd"
	"elegans/tensor"
)

// RpropOptions are the options of Rprop.
type RpropOptions struct {
	LR float64 `json:"lr"` // the first step size; schedules have no effect later
	// factors on the step size after a change of sign and without one
	Etas      [2]float64 `json:"etas"`
	StepSizes [2]float64 `json:"step_sizes"` // bounds of the step size
	Maximize  bool       `json:"maximize"`
}

// RpropDefaults returns PyTorch's defaults.
func RpropDefaults() RpropOptions {
	return RpropOptions{LR: 1e-2, Etas: [2]float64{0.5, 1.2}, StepSizes: [2]float64{1e-6, 50}}
}

// Validate returns an *OptionError if an option is out of range.
func (o RpropOptions) Validate() error {
	return firstError("rprop", nonNegative("lr", o.LR), check{"etas[0]", o.Etas[0], o.Etas[0] > 0 && o.Etas[0] < 1, "a number in (0, 1)"},
		check{"etas[1]", o.Etas[1], o.Etas[1] > 1, "a number > 1"}, nonNegative("step_sizes[0]", o.StepSizes[0]),
		check{"step_sizes[1]", o.StepSizes[1], o.StepSizes[1] >= o.StepSizes[0], "a number >= step_sizes[0]"})
}

// Rprop uses the signs of gradients only, for training on full batches (Riedmiller and Braun, "A
// direct adaptive method for faster backpropagation learning", 1993):
//
//	x = g * (g of the step before); step *= etas[1] if x > 0, etas[0] if x < 0, within the bounds; g = 0 if x < 0
//	p -= sign(g) * step
func Rprop[T tensor.Float](params []*autograd.Var[T], o RpropOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&rprop[T]{o}, params, o.LR, 0)
}

type rprop[T tensor.Float] struct{ o RpropOptions }

var rpropState = []string{"prev", "step_size"}

func (r *rprop[T]) StateNames() (tensors, numbers []string) { return rpropState, nil }

func (r *rprop[T]) Init(s *Slot[T]) { fill(s.state(1), T(s.LR)) }

func (r *rprop[T]) Momentum() *float64 { return nil }

func (r *rprop[T]) Update(s *Slot[T], g []T) {
	tensor.Parallel(len(g), grain, rpropLoop[T]{
		p: s.values(), g: g, before: s.state(0), step: s.state(1), sign: sign[T](r.o.Maximize),
		down: T(r.o.Etas[0]), up: T(r.o.Etas[1]), low: T(r.o.StepSizes[0]), high: T(r.o.StepSizes[1]),
	})
}

type rpropLoop[T tensor.Float] struct {
	p, g, before, step        []T
	sign, down, up, low, high T
}

func (l *rpropLoop[T]) Do(lo, hi int) {
	p, before, step := l.p[lo:hi], l.before[lo:hi], l.step[lo:hi]
	for i, g := range l.g[lo:hi] {
		g *= l.sign
		factor := T(1)
		switch { // by signs, as the product could underflow
		case g > 0 && before[i] > 0 || g < 0 && before[i] < 0:
			factor = l.up
		case g > 0 && before[i] < 0 || g < 0 && before[i] > 0:
			factor, g = l.down, 0
		}
		step[i] = min(max(step[i]*factor, l.low), l.high)
		switch {
		case g > 0:
			p[i] -= step[i]
		case g < 0:
			p[i] += step[i]
		}
		before[i] = g
	}
}
