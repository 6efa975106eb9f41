package m2

import (
	"elegans/autograd"
	"elegans/tensor"
)

// Terms are the parts of the loss, each a scalar.
type Terms[T tensor.Float] struct {
	Total *autograd.Var[T] // sum of the others
	BCE   *autograd.Var[T] // binary cross entropy of the pixels, their mean

	// The penalties; nil with Config.NoPenalties.
	// 1e-4 times the sum of the absolute values of dec.out.weight, and of dec.out.bias
	L1Kernel, L1Bias *autograd.Var[T]
	// 1e-4 times the sum of the pixels' probabilities, as a mean over the images
	L1Activity *autograd.Var[T]
}

// penalty is the coefficient of all three penalties.
const penalty = 1e-4

// Loss compares logits, the result of Forward, with the images [batch, 1, 28, 28] (ink 1, paper 0)
// that they should reconstruct, as the published program does:
//
//	BCE   = mean over all pixels of max(l, 0) - l t + log(1 + exp(-|l|)),   l: logit, t: image
//	Total = BCE + 1e-4 sum |dec.out.weight| + 1e-4 sum |dec.out.bias|
//	            + 1e-4 sum sigmoid(l) / batch
//
// The derivative of |w| at 0 is 0. It marks the probabilities as "dec.out".
func (a *Autoencoder[T]) Loss(tp *autograd.Tape[T], logits, images *autograd.Var[T]) Terms[T] {
	t := Terms[T]{BCE: tp.BCEWithLogits(logits, images, autograd.BCEOptions[T]{Reduction: autograd.Mean})}
	t.Total = t.BCE
	if a.Config.NoPenalties {
		return t
	}
	p := tp.Sigmoid(logits)
	tp.Mark("dec.out", p)
	out := a.Decoder.Out.Conv
	t.L1Kernel = tp.MulScalar(tp.Sum(tp.Abs(out.Weight)), penalty)
	t.L1Bias = tp.MulScalar(tp.Sum(tp.Abs(out.Bias)), penalty)
	t.L1Activity = tp.MulScalar(tp.Sum(p), penalty/float64(logits.Value.Dim(0)))
	t.Total = tp.Add(tp.Add(t.BCE, t.L1Kernel), tp.Add(t.L1Bias, t.L1Activity))
	return t
}
