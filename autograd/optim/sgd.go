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

// SGD is stochastic gradient descent, with momentum as in Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), in PyTorch's
// form:
//
//	b = g at t = 1, else momentum*b + (1-dampening)*g
//	p -= lr * (g + momentum*b with Nesterov, b with momentum, g without)
func SGD[T tensor.Float](params []*autograd.Var[T], o SGDOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&sgd[T]{o}, params, o.LR, o.WeightDecay)
}

type sgd[T tensor.Float] struct{ o SGDOptions }

// StateNames: the buffer is kept without momentum too, because a schedule may raise the momentum later.
func (r *sgd[T]) StateNames() (tensors, numbers []string) { return sgdState, nil }

var sgdState = []string{"momentum_buffer"}

func (r *sgd[T]) Init(*Slot[T]) {}

func (r *sgd[T]) Momentum() *float64 { return &r.o.Momentum }

func (r *sgd[T]) Update(s *Slot[T], g []T) {
	keep, add := r.o.Momentum, 1-r.o.Dampening
	if s.Count == 1 {
		keep, add = 0, 1
	}
	tensor.Parallel(len(g), grain, sgdLoop[T]{
		p: s.values(), g: g, b: s.state(0), sign: sign[T](r.o.Maximize), decay: T(s.Decay), lr: T(s.LR),
		momentum: T(r.o.Momentum), keep: T(keep), add: T(add), nesterov: r.o.Nesterov,
	})
}

type sgdLoop[T tensor.Float] struct {
	p, g, b                              []T
	sign, decay, lr, momentum, keep, add T
	nesterov                             bool
}

func (l *sgdLoop[T]) Do(lo, hi int) {
	p, b := l.p[lo:hi], l.b[lo:hi]
	for i, g := range l.g[lo:hi] {
		g = l.sign*g + l.decay*p[i]
		if l.momentum != 0 {
			b[i] = l.keep*b[i] + l.add*g
			if l.nesterov {
				g += l.momentum * b[i]
			} else {
				g = b[i]
			}
		}
		p[i] -= l.lr * g
	}
}
