package optim

import (
	"elegans/autograd"
	"elegans/tensor"
)

// RMSpropOptions are the options of RMSprop.
type RMSpropOptions struct {
	LR          float64 `json:"lr"`
	Alpha       float64 `json:"alpha"` // smoothing of the squares
	Eps         float64 `json:"eps"`
	WeightDecay float64 `json:"weight_decay"`
	Momentum    float64 `json:"momentum"`
	Centered    bool    `json:"centered"`
	Maximize    bool    `json:"maximize"`
}

// RMSpropDefaults returns PyTorch's defaults.
func RMSpropDefaults() RMSpropOptions { return RMSpropOptions{LR: 1e-2, Alpha: 0.99, Eps: 1e-8} }

// Validate returns an *OptionError if an option is out of range.
func (o RMSpropOptions) Validate() error {
	return firstError("rmsprop", nonNegative("lr", o.LR), check{"alpha", o.Alpha, o.Alpha >= 0 && o.Alpha <= 1, "a number in [0, 1]"}, nonNegative("eps", o.Eps),
		nonNegative("weight_decay", o.WeightDecay), nonNegative("momentum", o.Momentum))
}

// RMSprop divides by a running root mean square (Tieleman and Hinton, "Lecture 6.5: RMSProp",
// Coursera, 2012; centred as in Graves, "Generating sequences with recurrent neural networks",
// 2013):
//
//	s = alpha*s + (1-alpha)*g^2
//	centred: q = alpha*q + (1-alpha)*g, and s - q^2 stands under the root
//	u = g/(sqrt(s)+eps); with momentum b = momentum*b + u takes the place of u
//	p -= lr*u
func RMSprop[T tensor.Float](params []*autograd.Var[T], o RMSpropOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&rmsprop[T]{o}, params, o.LR, o.WeightDecay)
}

type rmsprop[T tensor.Float] struct{ o RMSpropOptions }

var (
	rmspropState  = []string{"square_avg", "momentum_buffer"}
	centeredState = []string{"square_avg", "momentum_buffer", "grad_avg"}
)

func (r *rmsprop[T]) StateNames() (tensors, numbers []string) {
	if r.o.Centered {
		return centeredState, nil
	}
	return rmspropState, nil
}

func (r *rmsprop[T]) Init(*Slot[T]) {}

func (r *rmsprop[T]) Momentum() *float64 { return &r.o.Momentum }

func (r *rmsprop[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	var mean *tensor.Tensor[T]
	if r.o.Centered {
		mean = s.Tensors[2]
	}
	tensor.RMSpropStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], mean, tensor.RMSpropCoeffs[T]{
		GradScale: sign[T](r.o.Maximize), L2: T(s.Decay), LR: T(s.LR), Alpha: T(r.o.Alpha), Rest: T(1 - r.o.Alpha), Eps: T(r.o.Eps),
		Momentum: T(r.o.Momentum),
	})
}
