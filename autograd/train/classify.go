package train

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Classifier is the objective of classification: the cross entropy of the model's logits [batch,
// classes] with the labels, measured by "accuracy".
type Classifier[T tensor.Float] struct {
	Model          nn.Module[T]
	LabelSmoothing float64 // in training only; see autograd.Tape.CrossEntropy
}

// Loss implements Objective.
func (c Classifier[T]) Loss(tp *autograd.Tape[T], b Batch[T], m *Metrics) *autograd.Var[T] {
	logits := c.Model.Forward(tp, tp.Input(b.X))
	m.Add("accuracy", float64(tensor.CountCorrect(logits.Value, b.Labels)), float64(b.Len()))
	o := autograd.CrossEntropyOptions[T]{}
	if tp.Training {
		o.LabelSmoothing = T(c.LabelSmoothing)
	}
	return tp.CrossEntropy(logits, b.Labels, o)
}

// ArgMax returns the index of the largest element, the first one if there are several.
func ArgMax[T tensor.Float](v []T) int {
	best := 0
	for i, x := range v {
		if x > v[best] {
			best = i
		}
	}
	return best
}
