package optim

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// ASGDOptions are the options of ASGD.
type ASGDOptions struct {
	LR          float64 `json:"lr"`
	Lambda      float64 `json:"lambd"` // decay term
	Alpha       float64 `json:"alpha"` // power of the step size
	T0          float64 `json:"t0"`    // update after which averaging starts
	WeightDecay float64 `json:"weight_decay"`
	Maximize    bool    `json:"maximize"`
}

// ASGDDefaults returns PyTorch's defaults.
func ASGDDefaults() ASGDOptions { return ASGDOptions{LR: 1e-2, Lambda: 1e-4, Alpha: 0.75, T0: 1e6} }

// Validate returns an *OptionError if an option is out of range.
func (o ASGDOptions) Validate() error {
	return firstError("asgd", nonNegative("lr", o.LR), nonNegative("lambd", o.Lambda), finite("alpha", o.Alpha), finite("t0", o.T0), nonNegative("weight_decay", o.WeightDecay))
}

// ASGD is averaged stochastic gradient descent (Polyak and Juditsky, "Acceleration of stochastic
// approximation by averaging", 1992, with the step sizes of Bottou's sgd):
//
//	e = lr/(1+Lambda*lr*(t-1))^Alpha; p = p*(1-Lambda*e) - e*g
//	a += (p-a)/max(1, t-1-T0), which is a = p as long as t <= T0+2
//
// The averages a are the state tensor "ax": see StateTensor.
func ASGD[T tensor.Float](params []*autograd.Var[T], o ASGDOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&asgd[T]{o}, params, o.LR, o.WeightDecay)
}

type asgd[T tensor.Float] struct{ o ASGDOptions }

var asgdState = []string{"ax"}

func (r *asgd[T]) StateNames() (tensors, numbers []string) { return asgdState, nil }

func (r *asgd[T]) Init(*Slot[T]) {}

func (r *asgd[T]) Momentum() *float64 { return nil }

func (r *asgd[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	before := float64(s.Count - 1)
	eta := s.LR / math.Pow(1+r.o.Lambda*s.LR*before, r.o.Alpha)
	tensor.ASGDStep(s.Param.Value, g, s.Tensors[0], tensor.ASGDCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(s.Decay), LR: T(eta), Decay: T(1 - r.o.Lambda*eta), Rate: T(1 / max(1, before-r.o.T0)),
	})
}
