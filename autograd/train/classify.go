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
	m.Add("accuracy", float64(Correct(logits.Value, b.Labels)), float64(b.Len()))
	o := autograd.CrossEntropyOptions[T]{}
	if tp.Training {
		o.LabelSmoothing = T(c.LabelSmoothing)
	}
	return tp.CrossEntropy(logits, b.Labels, o)
}

// Correct counts the rows of logits [batch, classes] whose largest element, the first one if there
// are several, is at the label.
func Correct[T tensor.Float](logits *tensor.Tensor[T], labels []int) int {
	n, classes := 0, logits.Dim(1)
	v := logits.Data()
	for i, label := range labels {
		if ArgMax(v[i*classes:(i+1)*classes]) == label {
			n++
		}
	}
	return n
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
