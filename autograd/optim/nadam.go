package optim

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// NAdamOptions are the options of NAdam.
type NAdamOptions struct {
	LR            float64    `json:"lr"`
	Betas         [2]float64 `json:"betas"`
	Eps           float64    `json:"eps"`
	WeightDecay   float64    `json:"weight_decay"`
	MomentumDecay float64    `json:"momentum_decay"`
	Decoupled     bool       `json:"decoupled_weight_decay"`
	Maximize      bool       `json:"maximize"`
}

// NAdamDefaults returns PyTorch's defaults.
func NAdamDefaults() NAdamOptions {
	return NAdamOptions{LR: 2e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8, MomentumDecay: 4e-3}
}

// Validate returns an *OptionError if an option is out of range.
func (o NAdamOptions) Validate() error {
	b1, b2 := validBetas(o.Betas)
	return firstError("nadam", nonNegative("lr", o.LR), b1, b2, nonNegative("eps", o.Eps), nonNegative("weight_decay", o.WeightDecay), nonNegative("momentum_decay", o.MomentumDecay))
}

// NAdam is Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov momentum into Adam",
// 2016):
//
//	p *= 1 - lr*wd (decoupled)
//	m = b1*m + (1-b1)*g; v = b2*v + (1-b2)*g^2
//	mu_t = b1*(1 - 0.96^(t*MomentumDecay)/2); P = mu_1*...*mu_t; d = sqrt(v/(1-b2^t)) + eps
//	p -= lr*(1-mu_t)/(1-P) * g/d + lr*mu_{t+1}/(1-P*mu_{t+1}) * m/d
func NAdam[T tensor.Float](params []*autograd.Var[T], o NAdamOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&nadam[T]{o}, params, o.LR, o.WeightDecay)
}

type nadam[T tensor.Float] struct{ o NAdamOptions }

var nadamNumbers = []string{"mu_product"}

func (r *nadam[T]) StateNames() (tensors, numbers []string) { return adamState, nadamNumbers }

func (r *nadam[T]) Init(s *Slot[T]) { s.Numbers[0] = 1 }

func (r *nadam[T]) Momentum() *float64 { return &r.o.Betas[0] }

func (r *nadam[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	b1, b2, t := r.o.Betas[0], r.o.Betas[1], float64(s.Count)
	mu := b1 * (1 - 0.5*math.Pow(0.96, t*r.o.MomentumDecay))
	next := b1 * (1 - 0.5*math.Pow(0.96, (t+1)*r.o.MomentumDecay))
	s.Numbers[0] *= mu
	product := s.Numbers[0]
	add, shrink := decays(s.Decay, s.LR, r.o.Decoupled)
	tensor.NAdamStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], tensor.NAdamCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(add), Decay: T(shrink), Beta1: T(b1), Rest1: T(1 - b1), Beta2: T(b2), Rest2: T(1 - b2),
		Eps: T(r.o.Eps), RootScale: T(1 / (1 - math.Pow(b2, t))),
		StepGrad: T(s.LR * (1 - mu) / (1 - product)), StepMean: T(s.LR * next / (1 - product*next)),
	})
}
