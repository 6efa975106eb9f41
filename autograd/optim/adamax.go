package optim

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// AdamaxOptions are the options of Adamax.
type AdamaxOptions struct {
	LR          float64    `json:"lr"`
	Betas       [2]float64 `json:"betas"`
	Eps         float64    `json:"eps"`
	WeightDecay float64    `json:"weight_decay"`
	Maximize    bool       `json:"maximize"`
}

// AdamaxDefaults returns PyTorch's defaults.
func AdamaxDefaults() AdamaxOptions {
	return AdamaxOptions{LR: 2e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}
}

// Validate returns an *OptionError if an option is out of range.
func (o AdamaxOptions) Validate() error {
	b1, b2 := validBetas(o.Betas)
	return firstError("adamax", nonNegative("lr", o.LR), b1, b2, nonNegative("eps", o.Eps), nonNegative("weight_decay", o.WeightDecay))
}

// Adamax is the variant of Adam with the infinity norm (Kingma and Ba, 2015, section 7.1):
//
//	m = b1*m + (1-b1)*g; n = max(b2*n, |g|+eps)
//	p -= lr/(1-b1^t) * m/n
func Adamax[T tensor.Float](params []*autograd.Var[T], o AdamaxOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&adamax[T]{o}, params, o.LR, o.WeightDecay)
}

type adamax[T tensor.Float] struct{ o AdamaxOptions }

var adamaxState = []string{"exp_avg", "exp_inf"}

func (r *adamax[T]) StateNames() (tensors, numbers []string) { return adamaxState, nil }

func (r *adamax[T]) Init(*Slot[T]) {}

func (r *adamax[T]) Momentum() *float64 { return &r.o.Betas[0] }

func (r *adamax[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	b1 := r.o.Betas[0]
	tensor.AdamaxStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], tensor.AdamaxCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(s.Decay), Beta1: T(b1), Rest1: T(1 - b1), Beta2: T(r.o.Betas[1]), Eps: T(r.o.Eps),
		Step: T(s.LR / (1 - math.Pow(b1, float64(s.Count)))),
	})
}
