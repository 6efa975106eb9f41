package autograd

import (
	"fmt"

	"elegans/tensor"
)

// NLLOptions are the options of NLLLoss; the zero value is the plain mean.
type NLLOptions[T tensor.Float] struct {
	Reduction Reduction
	Weight    *tensor.Tensor[T] // one weight for each class, or nil
	// Ignore lists, when HasIgnore is set, the label whose terms count for nothing.
	HasIgnore bool
	Ignore    int
}

// NLLLoss is the negative log likelihood of integer labels, given logarithms of probabilities:
//
//	input [N, C] or [N, C, d1, ...], labels of N d1 ... classes in row-major order
//	->  a scalar, or [N, d1, ...] without reduction
//	term = -w[t] input[t]
//
// Mean divides the sum of the terms by the sum of w[t]; it is NaN if every label is ignored.
func (tp *Tape[T]) NLLLoss(input *Var[T], labels []int, opts NLLOptions[T]) *Var[T] {
	index, kept := tp.classIndex("NLLLoss", input, labels, opts.HasIgnore, opts.Ignore)
	o := nllOp[T]{x: input, index: index, weight: tp.NewTensor(len(index)), scale: 1}
	total := tensor.ClassWeights(o.weight, opts.Weight, kept)
	none := opts.Reduction == None
	if none {
		var buf [tensor.MaxDims]int
		o.y = tp.NewResult(Needs(input), append(append(buf[:0], input.Shape()[0]), input.Shape()[2:]...)...)
	} else {
		o.y = tp.NewResult(Needs(input))
		if opts.Reduction == Mean {
			o.scale = T(1 / total)
		}
	}
	terms := tp.NewTensor(len(index))
	tensor.NLLLoss(terms, input.Value, o.weight, index)
	tp.collectTerms(o.y.Value, terms, none, o.scale)
	Record(tp, o)
	return o.y
}

// collectTerms writes the terms of a loss into y, or scale times their sum, and frees them.
func (tp *Tape[T]) collectTerms(y, terms *tensor.Tensor[T], none bool, scale T) {
	if none {
		copyFlat(y, terms)
	} else {
		tensor.ReduceTerms(y, terms, scale)
	}
	tp.Free(terms)
}

// classIndex returns the position in x, whose axis 1 is that of the classes, of the element that
// each label names, and a copy of the labels. Both have -1 for a label to ignore.
func (tp *Tape[T]) classIndex(op string, x *Var[T], labels []int, hasIgnore bool, ignore int) (index, kept []int) {
	if x.Value.Dims() < 2 {
		tensor.PanicShape(op, "want [N, C] or [N, C, ...]", x.Shape())
	}
	n, c, d := x.Shape()[0], x.Shape()[1], 1
	for _, l := range x.Shape()[2:] {
		d *= l
	}
	if len(labels) != n*d {
		tensor.PanicShape(op, fmt.Sprintf("%d labels", len(labels)), x.Shape())
	}
	index, kept = tp.NewInts(len(labels)), tp.NewInts(len(labels))
	for i, t := range labels {
		kept[i] = t
		switch {
		case hasIgnore && t == ignore:
			index[i], kept[i] = -1, -1
		case t < 0 || t >= c:
			tensor.PanicShape(op, fmt.Sprintf("label %d of item %d is no class", t, i), x.Shape())
		default:
			index[i] = (i/d*c+t)*d + i%d
		}
	}
	return index, kept
}

type nllOp[T tensor.Float] struct {
	x, y   *Var[T]
	index  []int             // into x, -1 for none
	weight *tensor.Tensor[T] // of each term
	scale  T                 // of the sum of the terms
}

func (o *nllOp[T]) Backward(tp *Tape[T]) {
	dterms := tp.NewTensor(len(o.index))
	tensor.SpreadTerms(dterms, o.y.GradSum(), o.scale)
	tensor.NLLLossGrad(o.x.GradSum(), dterms, o.weight, o.index)
	tp.Free(dterms)
}

// FocalOptions are the options of FocalLoss.
type FocalOptions[T tensor.Float] struct {
	Reduction Reduction
	Alpha     *tensor.Tensor[T] // one weight for each class, or nil
	Gamma     float64           // exponent; 2 in the paper, 0 for plain cross entropy
}

// FocalLoss is the cross entropy of softmax(logits) with integer labels that plays down what is
// already right (Lin et al. 2017):
//
//	logits [N, C] or [N, C, d1, ...], labels of N d1 ... classes in row-major order
//	->  a scalar, or [N, d1, ...] without reduction
//	term = alpha[t] (1-p[t])^gamma (-log p[t]),   p = softmax(logits)
//
// Mean is the plain mean of the terms.
func (tp *Tape[T]) FocalLoss(logits *Var[T], labels []int, opts FocalOptions[T]) *Var[T] {
	tp.classIndex("FocalLoss", logits, labels, false, 0) // panics if a label is wrong
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], logits.Shape()...)
	shape[1] = 1
	logp := tp.Squeeze(tp.Gather(tp.LogSoftmax(logits, 1), 1, labels, shape...), 1)
	terms := tp.Neg(logp)
	if opts.Gamma != 0 {
		terms = tp.Mul(terms, tp.PowScalar(tp.Neg(tp.Expm1(logp)), opts.Gamma))
	}
	if opts.Alpha != nil {
		alpha := tp.NewTensor(logp.Shape()...)
		tensor.ClassWeights(alpha, opts.Alpha, labels)
		terms = tp.Mul(terms, tp.Input(alpha))
	}
	return tp.reduceTerms("FocalLoss", terms, opts.Reduction)
}

// reduceTerms makes one number of the terms of a loss, unless r is None.
func (tp *Tape[T]) reduceTerms(op string, terms *Var[T], r Reduction) *Var[T] {
	switch r {
	case Mean:
		return tp.Mean(terms)
	case Sum:
		return tp.Sum(terms)
	case None:
		return terms
	}
	tensor.PanicUsage("autograd."+op, fmt.Sprintf("no reduction %d", r))
	return nil
}

// DiceOptions are the options of BinaryDiceLoss.
type DiceOptions struct {
	Reduction  Reduction
	Smooth     float64 // added to numerator and denominator
	P          float64 // exponent in the denominator
	FromLogits bool    // the input is passed through the logistic function first
}

// BinaryDiceLoss compares masks, one for each item of the batch, in the form 1 - (sum x t + s) /
// (sum (x^p + t^p) + s). It has no factor 2 in the numerator, so even a perfect mask has a loss of
// about 1/2.
//
//	input, target [N, ...]  ->  a scalar, or [N] without reduction
func (tp *Tape[T]) BinaryDiceLoss(input, target *Var[T], o DiceOptions) *Var[T] {
	if !tensor.SameShape(input.Value, target.Value) || input.Value.Dims() == 0 {
		tensor.PanicShape("BinaryDiceLoss", "input and target differ, or have no batch", input.Shape(), target.Shape())
	}
	x, n := input, input.Shape()[0]
	if o.FromLogits {
		x = tp.Sigmoid(x)
	}
	size := input.Value.Len() / max(1, n)
	x, t := tp.Reshape(x, n, size), tp.Reshape(target, n, size)
	both := tp.AddScalar(tp.Sum(tp.Mul(x, t), 1), o.Smooth)
	either := tp.AddScalar(tp.Sum(tp.Add(tp.PowScalar(x, o.P), tp.PowScalar(t, o.P)), 1), o.Smooth)
	return tp.reduceTerms("BinaryDiceLoss", tp.AddScalar(tp.Neg(tp.Div(both, either)), 1), o.Reduction)
}
