package optim

import (
	"elegans/autograd"
	"elegans/tensor"
)

// SGDOptions are the options of SGD.
type SGDOptions struct {
	LR          float64 `json:"lr"`
	Momentum    float64 `json:"momentum"`
	Dampening   float64 `json:"dampening"`
	WeightDecay float64 `json:"weight_decay"`
	Nesterov    bool    `json:"nesterov"` // needs Momentum > 0 and Dampening 0
	Maximize    bool    `json:"maximize"`
}

// SGDDefaults returns PyTorch's defaults.
func SGDDefaults() SGDOptions { return SGDOptions{LR: 1e-3} }

// Validate returns an *OptionError if an option is out of range.
func (o SGDOptions) Validate() error {
	return firstError("sgd", nonNegative("lr", o.LR), nonNegative("momentum", o.Momentum), finite("dampening", o.Dampening), nonNegative("weight_decay", o.WeightDecay),
		check{"momentum", o.Momentum, !o.Nesterov || o.Momentum > 0, "> 0 with nesterov"}, check{"dampening", o.Dampening, !o.Nesterov || o.Dampening == 0, "0 with nesterov"})
}

// SGD is stochastic gradient descent, with momentum as in Sutskever et al., "On the importance of
// initialization and momentum in deep learning" (2013), in PyTorch's form:
//
//	b = g at t = 1, else momentum*b + (1-dampening)*g
//	p -= lr * (g + momentum*b with Nesterov, else b)
//
// Without momentum b = g.
func SGD[T tensor.Float](params []*autograd.Var[T], o SGDOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&sgd[T]{o}, params, o.LR, o.WeightDecay)
}

type sgd[T tensor.Float] struct{ o SGDOptions }

func (r *sgd[T]) StateNames() (tensors, numbers []string) { return sgdState, nil }

var sgdState = []string{"momentum_buffer"}

func (r *sgd[T]) Init(*Slot[T]) {}

func (r *sgd[T]) Momentum() *float64 { return &r.o.Momentum }

func (r *sgd[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	c := tensor.SGDCoeffs[T]{
		Momentum: T(r.o.Momentum), Rest: T(1 - r.o.Dampening), LR: T(s.LR), Direct: 1, L2: T(s.Decay), GradScale: sign[T](r.o.Maximize),
	}
	if s.Count == 1 || r.o.Momentum == 0 {
		c.Momentum, c.Rest = 0, 1 // b = g
	}
	if r.o.Nesterov {
		c.Nesterov, c.Direct = 1, T(r.o.Momentum)
	}
	tensor.SGDStep(s.Param.Value, g, s.Tensors[0], c)
}
