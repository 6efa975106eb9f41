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

func (r *adadelta[T]) Update(s *Slot[T], g []T) {
	tensor.Parallel(len(g), grain, adadeltaLoop[T]{
		p: s.values(), g: g, s: s.state(0), d: s.state(1), sign: sign[T](r.o.Maximize), decay: T(s.Decay), lr: T(s.LR),
		rho: T(r.o.Rho), rest: T(1 - r.o.Rho), eps: T(r.o.Eps),
	})
}

type adadeltaLoop[T tensor.Float] struct {
	p, g, s, d                      []T
	sign, decay, lr, rho, rest, eps T
}

func (l *adadeltaLoop[T]) Do(lo, hi int) {
	p, s, d := l.p[lo:hi], l.s[lo:hi], l.d[lo:hi]
	for i, g := range l.g[lo:hi] {
		g = l.sign*g + l.decay*p[i]
		s[i] = l.rho*s[i] + l.rest*g*g
		u := sqrt(d[i]+l.eps) / sqrt(s[i]+l.eps) * g
		d[i] = l.rho*d[i] + l.rest*u*u
		p[i] -= l.lr * u
	}
}
