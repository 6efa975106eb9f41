package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
)

// optimizerStep makes a step of a method; state holds positive numbers, since many parts of it are
// sums of squares.
type optimizerStep[T tensor.Float] struct {
	name, kernel string
	parts        int // tensors of the state
	step         func(p, g *tensor.Tensor[T], state []*tensor.Tensor[T])
}

func optimizerSteps[T tensor.Float]() []optimizerStep[T] {
	type tensors = []*tensor.Tensor[T]
	type one = *tensor.Tensor[T]
	adam := tensor.AdamCoeffs[T]{
		Beta1: 0.9, Rest1: 0.1, Beta2: 0.99, Rest2: 0.01, Step: 0.02, RootScale: 1.5, Eps: 1e-3, Decay: 0.98, L2: 0.03, GradScale: 0.7,
	}
	radam := tensor.RAdamCoeffs[T]{GradScale: 0.7, L2: 0.03, Decay: 0.98, Beta1: 0.9, Rest1: 0.1, Beta2: 0.99, Rest2: 0.01, Eps: 1e-3, Step: 0.02}
	adaptive := radam
	adaptive.Adaptive = true
	rmsprop := tensor.RMSpropCoeffs[T]{GradScale: 0.7, L2: 0.03, LR: 0.02, Alpha: 0.95, Rest: 0.05, Eps: 1e-3, Momentum: 0.6}
	still := rmsprop
	still.Momentum = 0
	asgd := tensor.ASGDCoeffs[T]{GradScale: -0.7, L2: 0.03, LR: 0.02, Decay: 0.98, Rate: 0.3}
	first := asgd
	first.Rate = 1
	return []optimizerStep[T]{
		{"Adam", "adam", 2, func(p, g one, s tensors) { tensor.AdamStep(p, g, s[0], s[1], adam) }},
		{"AMSGrad", "adam", 3, func(p, g one, s tensors) { tensor.AMSGradStep(p, g, s[0], s[1], s[2], adam) }},
		{"SGD", "sgd", 1, func(p, g one, s tensors) {
			tensor.SGDStep(p, g, s[0], tensor.SGDCoeffs[T]{Momentum: 0.9, Rest: 0.8, LR: 0.02, Nesterov: 0.5, Direct: 0.25, L2: 0.03, GradScale: 0.7})
		}},
		{"Adamax", "adamax", 2, func(p, g one, s tensors) {
			tensor.AdamaxStep(p, g, s[0], s[1], tensor.AdamaxCoeffs[T]{GradScale: 0.7, L2: 0.03, Beta1: 0.9, Rest1: 0.1, Beta2: 0.8, Eps: 1e-3, Step: 0.02})
		}},
		{"NAdam", "nadam", 2, func(p, g one, s tensors) {
			tensor.NAdamStep(p, g, s[0], s[1], tensor.NAdamCoeffs[T]{
				GradScale: 0.7, L2: 0.03, Decay: 0.98, Beta1: 0.9, Rest1: 0.1, Beta2: 0.99, Rest2: 0.01, Eps: 1e-3, RootScale: 1.5,
				StepGrad: 0.02, StepMean: 0.04,
			})
		}},
		{"RAdam", "radam", 2, func(p, g one, s tensors) { tensor.RAdamStep(p, g, s[0], s[1], radam) }},
		{"RAdam, adaptive", "radam_adaptive", 2, func(p, g one, s tensors) { tensor.RAdamStep(p, g, s[0], s[1], adaptive) }},
		{"Adagrad", "adagrad", 1, func(p, g one, s tensors) {
			tensor.AdagradStep(p, g, s[0], tensor.AdagradCoeffs[T]{GradScale: 0.7, L2: 0.03, LR: 0.02, Eps: 1e-3})
		}},
		{"Adadelta", "adadelta", 2, func(p, g one, s tensors) {
			tensor.AdadeltaStep(p, g, s[0], s[1], tensor.AdadeltaCoeffs[T]{GradScale: 0.7, L2: 0.03, LR: 0.5, Rho: 0.9, Rest: 0.1, Eps: 1e-3})
		}},
		{"RMSprop", "rmsprop", 2, func(p, g one, s tensors) { tensor.RMSpropStep(p, g, s[0], s[1], nil, rmsprop) }},
		{"RMSprop, centred", "rmsprop", 3, func(p, g one, s tensors) { tensor.RMSpropStep(p, g, s[0], s[1], s[2], rmsprop) }},
		{"RMSprop without momentum", "rmsprop", 3, func(p, g one, s tensors) { tensor.RMSpropStep(p, g, s[0], s[1], s[2], still) }},
		{"ASGD", "asgd", 1, func(p, g one, s tensors) { tensor.ASGDStep(p, g, s[0], asgd) }},
		{"ASGD, first", "asgd", 1, func(p, g one, s tensors) { tensor.ASGDStep(p, g, s[0], first) }},
		{"Rprop", "rprop", 2, func(p, g one, s tensors) {
			tensor.RpropStep(p, g, s[0], s[1], tensor.RpropCoeffs[T]{GradScale: 0.7, Down: 0.5, Up: 1.2, Least: 0.5, Most: 1.1})
		}},
	}
}

// optimizerChecks make three steps each: the gradients of the last have other signs, and zeros.
func optimizerChecks[T tensor.Float]() (checks []check[T]) {
	for _, s := range optimizerSteps[T]() {
		for _, n := range []int{0, 1, 1000} {
			c := check[T]{name: fmt.Sprintf("%s, %d", s.name, n), run: func() []*tensor.Tensor[T] {
				p := normal[T]("p", n)
				results := []*tensor.Tensor[T]{p}
				for i := range s.parts {
					part := normal[T](fmt.Sprint("state ", i), n)
					tensor.Abs(part, part)
					results = append(results, part)
				}
				for i := range 3 {
					g := normal[T](fmt.Sprint("g ", i/2), n)
					if i == 2 {
						tensor.Fill(g.Slice(0, 0, n/3, 1), 0)
					}
					s.step(p, g, results[1:])
				}
				return results
			}}
			if n > 0 {
				c.kernels = []string{s.kernel}
			}
			checks = append(checks, c)
		}
	}
	return checks
}

func TestOptimizers(t *testing.T) {
	compare(t, optimizerChecks[float32]())
	compare(t, optimizerChecks[float64]())
}
