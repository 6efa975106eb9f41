package reservoir

import (
	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
)

// Shown is a piece of the first sequence of the test part, behind the washout, for a picture.
type Shown struct {
	Truth      []float64 `json:"truth"` // of the first column of the target
	Prediction []float64 `json:"prediction"`
	// States are those of some neurons; none of a network with feedback.
	States [][]float64 `json:"states,omitempty"`
}

// A piece has so many rows of so many neurons, or fewer.
const shownRows, shownNeurons = 300, 5

// shown returns it, or nil for a classification, whose outputs are no series.
func shown[T tensor.Float](n *esn.Network[T], p *task.Problem) (*Shown, error) {
	if p.Task.Kind == task.Classification {
		return nil, nil
	}
	first := p.Test[0]
	y, err := task.PredictAll(p, n, p.Test[:1])
	if err != nil {
		return nil, err
	}
	from, to := p.Washout, min(p.Washout+shownRows, first.Target.Dim(0))
	column := func(t *tensor.Tensor[float64], j int) []float64 {
		return t.Slice(0, from, to, 1).Slice(1, j, j+1, 1).Contiguous().Data()
	}
	s := &Shown{Truth: column(first.Target, 0), Prediction: column(y[0], 0)}
	if n.Config().FeedbackScale > 0 {
		return s, nil
	}
	x, err := n.States(first.Input)
	if err != nil {
		return nil, err
	}
	for i := range min(shownNeurons, x.Dim(1)) {
		s.States = append(s.States, column(x, i*x.Dim(1)/min(shownNeurons, x.Dim(1))))
	}
	return s, nil
}
