package m2

import (
	"elegans/autograd"
	"elegans/autograd/train"
	"elegans/tensor"
)

// Objective trains a model to reconstruct its input, images [batch, 1, 28, 28] of 0 and 1: it
// minimises the loss of the published program, penalties included unless the configuration leaves
// them out. It measures, in the names of the published log,
//
//	accuracy  pixel accuracy: share of the pixels with (p > .5) = (image > .5)
//	m0, m1    F1 score of the pixels with p > .252 and p > .25: means over the batches
//
// where p = sigmoid(logit) is the probability of ink.
type Objective[T tensor.Float] struct {
	Model *Autoencoder[T]
}

// Loss implements train.Objective.
func (o Objective[T]) Loss(tp *autograd.Tape[T], b train.Batch[T], m *train.Metrics) *autograd.Var[T] {
	logits := o.Model.Forward(tp, tp.Input(b.X))
	Measure(logits.Value, b.X).AddTo(m, b.Len())
	return o.Model.Loss(tp, logits, tp.Input(b.X)).Total
}

// Objective returns what the model is trained for.
func (a *Autoencoder[T]) Objective() train.Objective[T] { return Objective[T]{a} }

// AddTo adds the scores of a batch of so many images to metrics, in the names of the published log.
func (s Scores) AddTo(m *train.Metrics, images int) {
	n := float64(images)
	m.Add("accuracy", n*s.Accuracy, n)
	m.Add("m0", n*s.M0, n)
	m.Add("m1", n*s.M1, n)
}
