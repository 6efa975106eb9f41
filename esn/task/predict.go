package task

import (
	"math"

	"elegans/esn"
	"elegans/tensor"
)

// Predict returns what a network makes of a sequence of the problem, in the shape of its target: a
// row for each row of the input, or one for the whole sequence where the network is made so. Of a
// generation, the rows behind row Washout are what it says in closed loop; where that has left the
// finite numbers they are NaN.
func Predict[T tensor.Float](p *Problem, n *esn.Network[T], s esn.Sequence) (*tensor.Tensor[float64], error) {
	if p.Task.Kind != Generation {
		return n.Predict(s.Input)
	}
	rows, known := s.Input.Dim(0), p.Washout+1
	y := tensor.New[float64](rows, n.Outputs())
	stream := n.Stream()
	head, err := stream.Run(s.Input.Slice(0, 0, known, 1))
	if err != nil {
		return nil, err
	}
	tensor.Copy(y.Slice(0, 0, known, 1), head)
	free := y.Slice(0, known, rows, 1)
	tensor.Fill(free, math.NaN())
	tail, err := stream.Generate(rows - known)
	if tail == nil {
		return nil, err
	}
	tensor.Copy(free.Slice(0, 0, tail.Dim(0), 1), tail)
	return y, nil
}

// PredictAll returns what Predict does of each sequence of a part.
func PredictAll[T tensor.Float](p *Problem, n *esn.Network[T], part []esn.Sequence) ([]*tensor.Tensor[float64], error) {
	if p.Task.Kind == Classification {
		inputs := make([]*tensor.Tensor[float64], len(part))
		for i, s := range part {
			inputs[i] = s.Input
		}
		return n.PredictAll(inputs)
	}
	var all []*tensor.Tensor[float64]
	for _, s := range part {
		y, err := Predict(p, n, s)
		if err != nil {
			return nil, err
		}
		all = append(all, y)
	}
	return all, nil
}

// Evaluate scores a network that was fitted on a part of the problem.
func Evaluate[T tensor.Float](p *Problem, n *esn.Network[T], part []esn.Sequence) (Score, error) {
	y, err := PredictAll(p, n, part)
	if err != nil {
		return Score{}, err
	}
	return p.Score(part, y)
}
