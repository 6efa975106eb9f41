package optim

import (
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// AdamOptions are the options of Adam and AdamW.
type AdamOptions struct {
	LR          float64    `json:"lr"`
	Betas       [2]float64 `json:"betas"`
	Eps         float64    `json:"eps"`
	WeightDecay float64    `json:"weight_decay"`
	AMSGrad     bool       `json:"amsgrad"`
	Maximize    bool       `json:"maximize"`
	// Decoupled lets the decay shrink the parameter directly: AdamW.
	Decoupled bool `json:"decoupled_weight_decay"`
	// EpsilonHat adds Eps to the root of v as it is, not to the corrected one, as Keras does.
	EpsilonHat bool `json:"epsilon_hat"`
}

// AdamDefaults returns PyTorch's defaults for Adam.
func AdamDefaults() AdamOptions {
	return AdamOptions{LR: 1e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}
}

// AdamWDefaults returns PyTorch's defaults for AdamW: decoupled weight decay of 0.01.
func AdamWDefaults() AdamOptions {
	o := AdamDefaults()
	o.WeightDecay, o.Decoupled = 0.01, true
	return o
}

// AdamKerasDefaults returns Keras' defaults for Adam: PyTorch's but for eps, which is larger and
// stands elsewhere.
func AdamKerasDefaults() AdamOptions {
	o := AdamDefaults()
	o.Eps, o.EpsilonHat = 1e-7, true
	return o
}

// Validate returns an *OptionError if an option is out of range.
func (o AdamOptions) Validate() error {
	b1, b2 := validBetas(o.Betas)
	return firstError("adam", nonNegative("lr", o.LR), b1, b2, nonNegative("eps", o.Eps), nonNegative("weight_decay", o.WeightDecay))
}

// Adam is the method of Kingma and Ba, "Adam: a method for stochastic optimization" (2015); with
// Decoupled it is AdamW of Loshchilov and Hutter, "Decoupled weight decay regularization" (2019),
// with AMSGrad the variant of Reddi, Kale and Kumar, "On the convergence of Adam and beyond"
// (2018):
//
//	p *= 1 - lr*wd (decoupled)
//	m = b1*m + (1-b1)*g; v = b2*v + (1-b2)*g^2; AMSGrad: w = max(w, v), used in place of v
//	p -= lr/(1-b1^t) * m / (sqrt(v)/sqrt(1-b2^t) + eps)
//
// With EpsilonHat it is the more efficient order of computation that the paper gives at the end of
// section 2, and Keras takes:
//
//	p -= lr*sqrt(1-b2^t)/(1-b1^t) * m / (sqrt(v) + eps)
func Adam[T tensor.Float](params []*autograd.Var[T], o AdamOptions) *Optimizer[T] {
	must(o.Validate())
	return NewOptimizer[T](&adam[T]{o}, params, o.LR, o.WeightDecay)
}

type adam[T tensor.Float] struct{ o AdamOptions }

var (
	adamState    = []string{"exp_avg", "exp_avg_sq"}
	amsgradState = []string{"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}
)

func (r *adam[T]) StateNames() (tensors, numbers []string) {
	if r.o.AMSGrad {
		return amsgradState, nil
	}
	return adamState, nil
}

func (r *adam[T]) Init(*Slot[T]) {}

func (r *adam[T]) Momentum() *float64 { return &r.o.Betas[0] }

func (r *adam[T]) Update(s *Slot[T], g *tensor.Tensor[T]) {
	b1, b2, t := r.o.Betas[0], r.o.Betas[1], float64(s.Count)
	add, shrink := decays(s.Decay, s.LR, r.o.Decoupled)
	c := tensor.AdamCoeffs[T]{
		Beta1: T(b1), Rest1: T(1 - b1), Beta2: T(b2), Rest2: T(1 - b2), Eps: T(r.o.Eps),
		Step: T(s.LR / (1 - math.Pow(b1, t))), RootScale: T(1 / math.Sqrt(1-math.Pow(b2, t))),
		Decay: T(shrink), L2: T(add), GradScale: sign[T](r.o.Maximize),
	}
	if r.o.EpsilonHat {
		root := math.Sqrt(1 - math.Pow(b2, t))
		c.Step, c.RootScale = T(s.LR*root/(1-math.Pow(b1, t))), 1
	}
	if r.o.AMSGrad {
		tensor.AMSGradStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], s.Tensors[2], c)
		return
	}
	tensor.AdamStep(s.Param.Value, g, s.Tensors[0], s.Tensors[1], c)
}
