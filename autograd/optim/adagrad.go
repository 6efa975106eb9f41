package optim

import (
	"elegans/autograd"
	"elegans/tensor"
)

// AdagradOptions are the options of Adagrad.
type AdagradOptions struct {
	LR          float64 `json:"lr"`
	LRDecay     float64 `json:"lr_decay"`
	WeightDecay float64 `json:"weight_decay"`
	Initial     float64 `json:"initial_accumulator_value"`
	Eps         float64 `json:"eps"`
	Maximize    bool    `json:"maximize"`
}

// AdagradDefaults returns PyTorch's defaults.
func AdagradDefaults() AdagradOptions { return AdagradOptions{LR: 1e-2, Eps: 1e-10} }

// Validate returns an *OptionError if an option is out of range.
func (o AdagradOptions) Validate() error {
	return firstError("adagrad", nonNegative("lr", o.LR), nonNegative("lr_decay", o.LRDecay), nonNegative("weight_decay", o.WeightDecay),
		nonNegative("initial_accumulator_value", o.Initial), nonNegative("eps", o.Eps))
}

// Adagrad is the method of Duchi, Hazan and Singer, "Adaptive subgradient methods for online
// learning and stochastic optimization" (2011):
//
//	s += g^2, from s = Initial
//	p -= lr/(1+(t-1)*LRDecay) * g/(sqrt(s)+eps)
func Adagrad[T tensor.Float](params []*autograd.Var[T], o AdagradOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&adagrad[T]{o}, params, o.LR, o.WeightDecay)
}

type adagrad[T tensor.Float] struct{ o AdagradOptions }

var adagradState = []string{"sum"}

func (r *adagrad[T]) StateNames() (tensors, numbers []string) { return adagradState, nil }

func (r *adagrad[T]) Init(s *Slot[T]) { tensor.Fill(s.Tensors[0], T(r.o.Initial)) }

func (r *adagrad[T]) Momentum() *float64 { return nil }

func (r *adagrad[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	tensor.AdagradStep(s.Param.Value, g, s.Tensors[0], tensor.AdagradCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(s.Decay), LR: T(s.LR / (1 + float64(s.Count-1)*r.o.LRDecay)), Eps: T(r.o.Eps),
	})
}
