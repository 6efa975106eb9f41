package optim

import (
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/tensor"
)

// ClipNorm scales the gradients of all parameters together so that their p-norm, taken over all
// elements of all gradients, is at most maxNorm: every gradient is multiplied by min(1,
// maxNorm/(norm+1e-6)), as in PyTorch. p is a positive number or +Inf (the largest absolute value).
// It returns the norm before clipping, which is not finite if a gradient is not (the gradients are
// then useless: check it). See Pascanu, Mikolov and Bengio, "On the difficulty of training
// recurrent neural networks" (2013).
func ClipNorm[T tensor.Float](params []*autograd.Var[T], maxNorm, p float64) float64 {
	norm := GradNorm(params, p)
	if factor := maxNorm / (norm + 1e-6); factor < 1 {
		for _, v := range params {
			if g := v.Grad(); g != nil {
				tensor.Scale(g, g, T(factor))
			}
		}
	}
	return norm
}

// GradNorm returns the p-norm over all elements of all gradients; p is a positive number or +Inf.
func GradNorm[T tensor.Float](params []*autograd.Var[T], p float64) float64 {
	if !(p > 0) {
		tensor.PanicUsage("optim.GradNorm", fmt.Sprintf("p is %v, expected a number > 0", p))
	}
	total := 0.0
	for _, v := range params {
		g := v.Grad()
		if g == nil {
			continue
		}
		switch {
		case p == 2:
			total += tensor.SumSquares(g)
		case math.IsInf(p, 1):
			total = max(total, tensor.MaxAbs(g)) // max keeps NaN
		default:
			total = tensor.AddPowers(total, g, p)
		}
	}
	switch {
	case p == 2:
		return math.Sqrt(total)
	case math.IsInf(p, 1):
		return total
	}
	return math.Pow(total, 1/p)
}

// ClipValue limits every element of every gradient to [-limit, limit].
func ClipValue[T tensor.Float](params []*autograd.Var[T], limit float64) {
	if !(limit >= 0) {
		tensor.PanicUsage("optim.ClipValue", fmt.Sprintf("limit %v, expected a number >= 0", limit))
	}
	for _, v := range params {
		if g := v.Grad(); g != nil {
			tensor.Map(tensor.OpClamp, g, g, T(-limit), T(limit))
		}
	}
}
