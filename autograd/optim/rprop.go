package optim

import (
	"elegans/autograd"
	"elegans/tensor"
)

// RpropOptions are the options of Rprop.
type RpropOptions struct {
	LR float64 `json:"lr"` // the first step size; schedules have no effect later
	// Etas are the factors on the step size after a change of sign and without one.
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
//	x = g * (g of the step before)
//	step *= etas[1] if x > 0, etas[0] if x < 0, within the bounds; g = 0 if x < 0
//	p -= sign(g) * step
func Rprop[T tensor.Float](params []*autograd.Var[T], o RpropOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&rprop[T]{o}, params, o.LR, 0)
}

type rprop[T tensor.Float] struct{ o RpropOptions }

var rpropState = []string{"prev", "step_size"}

func (r *rprop[T]) StateNames() (tensors, numbers []string) { return rpropState, nil }

func (r *rprop[T]) Init(s *Slot[T]) { tensor.Fill(s.Tensors[1], T(s.LR)) }

func (r *rprop[T]) Momentum() *float64 { return nil }

func (r *rprop[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	tensor.RpropStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], tensor.RpropCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), Down: T(r.o.Etas[0]), Up: T(r.o.Etas[1]), Least: T(r.o.StepSizes[0]), Most: T(r.o.StepSizes[1]),
	})
}
