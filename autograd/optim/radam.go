package optim

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// RAdamOptions are the options of RAdam.
type RAdamOptions struct {
	LR          float64    `json:"lr"`
	Betas       [2]float64 `json:"betas"`
	Eps         float64    `json:"eps"`
	WeightDecay float64    `json:"weight_decay"`
	Decoupled   bool       `json:"decoupled_weight_decay"`
	Maximize    bool       `json:"maximize"`
}

// RAdamDefaults returns PyTorch's defaults.
func RAdamDefaults() RAdamOptions {
	return RAdamOptions{LR: 1e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}
}

// Validate returns an *OptionError if an option is out of range.
func (o RAdamOptions) Validate() error {
	b1, b2 := validBetas(o.Betas)
	return firstError("radam", nonNegative("lr", o.LR), b1, b2, nonNegative("eps", o.Eps), nonNegative("weight_decay", o.WeightDecay))
}

// RAdam is rectified Adam (Liu et al., "On the variance of the adaptive learning rate and beyond",
// 2020): momentum alone until the variance of the second moment is known well enough.
//
//	p *= 1 - lr*wd (decoupled)
//	m = b1*m + (1-b1)*g; v = b2*v + (1-b2)*g^2; u = m/(1-b1^t)
//	R = 2/(1-b2) - 1; r = R - 2*t*b2^t/(1-b2^t)
//	if r > 5: u *= sqrt((r-4)(r-2)R/((R-4)(R-2)r)) * sqrt(1-b2^t)/(sqrt(v)+eps)
//	p -= lr*u
func RAdam[T tensor.Float](params []*autograd.Var[T], o RAdamOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&radam[T]{o}, params, o.LR, o.WeightDecay)
}

type radam[T tensor.Float] struct{ o RAdamOptions }

func (r *radam[T]) StateNames() (tensors, numbers []string) { return adamState, nil }

func (r *radam[T]) Init(*Slot[T]) {}

func (r *radam[T]) Momentum() *float64 { return &r.o.Betas[0] }

func (r *radam[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	b1, b2, t := r.o.Betas[0], r.o.Betas[1], float64(s.Count)
	add, shrink := decays(s.Decay, s.LR, r.o.Decoupled)
	c := tensor.RAdamCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(add), Decay: T(shrink), Beta1: T(b1), Rest1: T(1 - b1), Beta2: T(b2), Rest2: T(1 - b2),
		Eps: T(r.o.Eps), Step: T(s.LR / (1 - math.Pow(b1, t))),
	}
	limit := 2/(1-b2) - 1
	bias := 1 - math.Pow(b2, t)
	if rho := limit - 2*t*(1-bias)/bias; rho > 5 {
		c.Adaptive = true
		c.Step = T(s.LR / (1 - math.Pow(b1, t)) * math.Sqrt((rho-4)*(rho-2)*limit/((limit-4)*(limit-2)*rho)) * math.Sqrt(bias))
	}
	tensor.RAdamStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], c)
}
