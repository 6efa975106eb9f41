package optim

import (
	"elegans/autograd"
	"elegans/tensor"
)

// AdadeltaOptions are the options of Adadelta.
type AdadeltaOptions struct {
	LR          float64 `json:"lr"`
	Rho         float64 `json:"rho"`
	Eps         float64 `json:"eps"`
	WeightDecay float64 `json:"weight_decay"`
	Maximize    bool    `json:"maximize"`
}

// AdadeltaDefaults returns PyTorch's defaults.
func AdadeltaDefaults() AdadeltaOptions { return AdadeltaOptions{LR: 1, Rho: 0.9, Eps: 1e-6} }

// Validate returns an *OptionError if an option is out of range.
func (o AdadeltaOptions) Validate() error {
	return firstError("adadelta", nonNegative("lr", o.LR), check{"rho", o.Rho, o.Rho >= 0 && o.Rho <= 1, "a number in [0, 1]"},
		nonNegative("eps", o.Eps), nonNegative("weight_decay", o.WeightDecay))
}

// Adadelta is the method of Zeiler, "ADADELTA: an adaptive learning rate method" (2012):
//
//	s = rho*s + (1-rho)*g^2; u = sqrt(d+eps)/sqrt(s+eps) * g; d = rho*d + (1-rho)*u^2
//	p -= lr*u
func Adadelta[T tensor.Float](params []*autograd.Var[T], o AdadeltaOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&adadelta[T]{o}, params, o.LR, o.WeightDecay)
}

type adadelta[T tensor.Float] struct{ o AdadeltaOptions }

var adadeltaState = []string{"square_avg", "acc_delta"}

func (r *adadelta[T]) StateNames() (tensors, numbers []string) { return adadeltaState, nil }

func (r *adadelta[T]) Init(*Slot[T]) {}

func (r *adadelta[T]) Momentum() *float64 { return nil }

func (r *adadelta[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	tensor.AdadeltaStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], tensor.AdadeltaCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(s.Decay), LR: T(s.LR), Rho: T(r.o.Rho), Rest: T(1 - r.o.Rho), Eps: T(r.o.Eps),
	})
}
