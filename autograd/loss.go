package autograd

import (
	"fmt"

	"elegans/tensor"
)

// Reduction says how a loss of many terms becomes one number.
type Reduction int

const (
	// Mean is the mean of the terms, weighted where the loss has weights for classes.
	Mean Reduction = iota
	// Sum is their sum.
	Sum
	// None returns all terms.
	None
	// BatchMean is the sum divided by the length of the first axis; it is for KLDiv.
	BatchMean
)

// The losses of this file compare an input with a target of the same shape, element by element;
// either may require a gradient. d = input - target.

// MSELoss is the squared error: term = d^2.
func (tp *Tape[T]) MSELoss(input, target *Var[T], r Reduction) *Var[T] {
	return tp.pointLoss("MSELoss", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossSquared}, x: input, target: target, reduction: r})
}

// L1Loss is the absolute error: term = |d|, with derivative 0 at 0.
func (tp *Tape[T]) L1Loss(input, target *Var[T], r Reduction) *Var[T] {
	return tp.pointLoss("L1Loss", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossAbsolute}, x: input, target: target, reduction: r})
}

// HuberLoss is quadratic near 0 and linear beyond delta: term = d^2/2 if |d| < delta, else delta
// (|d| - delta/2), for delta > 0.
func (tp *Tape[T]) HuberLoss(input, target *Var[T], delta float64, r Reduction) *Var[T] {
	if !(delta > 0) {
		tensor.PanicUsage("autograd.HuberLoss", fmt.Sprintf("delta %v, expected a positive number", delta))
	}
	return tp.pointLoss("HuberLoss", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossHuber, A: delta, B: 1}, x: input, target: target, reduction: r})
}

// SmoothL1Loss is HuberLoss divided by beta: term = d^2/(2 beta) if |d| < beta, else |d| - beta/2,
// for beta >= 0.
func (tp *Tape[T]) SmoothL1Loss(input, target *Var[T], beta float64, r Reduction) *Var[T] {
	if !(beta >= 0) {
		tensor.PanicUsage("autograd.SmoothL1Loss", fmt.Sprintf("beta %v, expected 0 or more", beta))
	}
	if beta == 0 {
		return tp.L1Loss(input, target, r)
	}
	return tp.pointLoss("SmoothL1Loss", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossHuber, A: beta, B: 1 / beta}, x: input, target: target, reduction: r})
}

// BCELoss is the cross entropy of probabilities with targets between 0 and 1: term = -w (t log x +
// (1-t) log(1-x)), where logarithms below -100 count as -100. The weight w, which may be nil, is
// broadcast to the shape of the input. Elements of either that are no probabilities, NaN among
// them, are refused.
func (tp *Tape[T]) BCELoss(input, target *Var[T], weight *tensor.Tensor[T], r Reduction) *Var[T] {
	for i, x := range [...]*Var[T]{input, target} {
		if at, v := tensor.FirstOutside(x.Value, 0, 1); at >= 0 {
			tensor.PanicUsage("autograd.BCELoss", fmt.Sprintf("element %d of the %s is %v, expected 0 to 1", at, [...]string{"input", "target"}[i], v))
		}
	}
	return tp.pointLoss("BCELoss", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossEntropy}, x: input, target: target, weight: weight, reduction: r})
}

// BCEOptions are the options of BCEWithLogits.
type BCEOptions[T tensor.Float] struct {
	Reduction Reduction
	Weight    *tensor.Tensor[T] // of the terms, broadcast to the shape of the input, or nil
	PosWeight *tensor.Tensor[T] // of the positive part, broadcast likewise, or nil
}

// BCEWithLogits is the cross entropy of the probabilities sigma(x) with targets between 0 and 1,
// without overflow for large x:
//
//	term = -w (p t log sigma(x) + (1-t) log(1 - sigma(x))),   p = PosWeight
func (tp *Tape[T]) BCEWithLogits(input, target *Var[T], o BCEOptions[T]) *Var[T] {
	return tp.pointLoss("BCEWithLogits", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossLogitEntropy}, x: input, target: target, weight: o.Weight, param: o.PosWeight, reduction: o.Reduction})
}

// KLDiv is the Kullback-Leibler divergence of the target from the input, which holds logarithms of
// probabilities: term = t (log t - x), 0 where t = 0; or e^t (t - x) if the target holds logarithms
// as well. Mean divides by the number of elements, BatchMean by the length of the first axis.
func (tp *Tape[T]) KLDiv(input, target *Var[T], logTarget bool, r Reduction) *Var[T] {
	f := tensor.LossFunc{Kind: tensor.LossDivergence}
	if logTarget {
		f.Kind = tensor.LossLogDivergence
	}
	return tp.pointLoss("KLDiv", pointLossOp[T]{f: f, x: input, target: target, reduction: r})
}

// SigmoidFocalOptions are the options of SigmoidFocalLoss.
type SigmoidFocalOptions struct {
	Reduction Reduction
	Alpha     float64 // weight of the positive class, 1-Alpha of the negative; below 0 for none
	Gamma     float64 // exponent; 2 in the paper
}

// SigmoidFocalLoss is the cross entropy of sigma(x) that plays down what is already right (Lin et
// al. 2017, equation 5), with p = sigma(x) for t = 1 and 1-sigma(x) for t = 0:
//
//	term = alpha_t (1-p)^gamma (-log p)
func (tp *Tape[T]) SigmoidFocalLoss(input, target *Var[T], o SigmoidFocalOptions) *Var[T] {
	return tp.pointLoss("SigmoidFocalLoss", pointLossOp[T]{f: tensor.LossFunc{Kind: tensor.LossSigmoidFocal, A: o.Alpha, B: o.Gamma}, x: input, target: target, reduction: o.Reduction})
}

// pointLoss computes a loss whose terms belong to the elements of the input.
func (tp *Tape[T]) pointLoss(op string, o pointLossOp[T]) *Var[T] {
	if !tensor.SameShape(o.x.Value, o.target.Value) {
		tensor.PanicShape(op, "input and target differ", o.x.Shape(), o.target.Shape())
	}
	n := o.x.Value.Len()
	o.weight, o.param = tp.broadcast(o.weight, o.x.Shape()), tp.broadcast(o.param, o.x.Shape())
	switch o.reduction {
	case None:
		o.y = tp.NewResult(Needs(o.x, o.target), o.x.Shape()...)
	default:
		o.y = tp.NewResult(Needs(o.x, o.target))
	}
	o.scale = 1
	switch o.reduction {
	case Mean:
		o.scale = 1 / float64(n)
	case BatchMean:
		o.scale = 1 / float64(o.x.Value.Dim(0))
	case Sum, None:
	default:
		tensor.PanicUsage("autograd."+op, fmt.Sprintf("no reduction %d", o.reduction))
	}
	tensor.PointLoss(o.f, o.y.Value, o.x.Value, o.target.Value, o.weight, o.param, o.scale)
	Record(tp, o)
	return o.y
}

// broadcast returns t copied to a shape; nil stays nil.
func (tp *Tape[T]) broadcast(t *tensor.Tensor[T], shape []int) *tensor.Tensor[T] {
	if t == nil {
		return nil
	}
	full := tp.NewTensor(shape...)
	tensor.Copy(full, t)
	return full
}

type pointLossOp[T tensor.Float] struct {
	f             tensor.LossFunc
	x, target, y  *Var[T]
	weight, param *tensor.Tensor[T] // of x's shape, or nil
	scale         float64
	reduction     Reduction
}

func (o *pointLossOp[T]) Backward(*Tape[T]) {
	tensor.PointLossGrad(o.f, gradOf(o.x), gradOf(o.target), o.y.GradSum(), o.x.Value, o.target.Value, o.weight, o.param, o.scale)
}
