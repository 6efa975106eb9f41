package esn

import (
	"fmt"

	"elegans/tensor"
)

// Generate runs a trained network in closed loop: the output of a step is the input of the next,
// and is fed back if the network has feedback weights; without input weights it is fed back alone.
//
//	start [N]    the state before the first step
//	first [M]    the input, and feedback, of the first step
//
// It returns the outputs [steps, M] and the state after the last step.
func (r *Reservoir[T]) Generate(out *Linear, start, first *tensor.Tensor[float64], steps int) (y, state *tensor.Tensor[float64], err error) {
	m := out.Weight.Dim(1)
	if first.Len() != m || start.Len() != r.Size() || out.Weight.Dim(0) != r.Size() || steps < 0 {
		return nil, nil, fmt.Errorf("esn: a start of %d numbers, a first input of %d and %d steps, expected %d, %d and at least 0", start.Len(), first.Len(), steps, r.Size(), m)
	}
	y = tensor.New[float64](steps, m)
	before, u := tensor.Convert[T](start), tensor.Convert[T](first).Reshape(1, m)
	for t := range steps {
		o := Options[T]{Start: before}
		if r.Feedback != nil {
			o.FirstFeedback = u.Reshape(m)
		}
		in := u
		if r.Input == nil {
			in = tensor.New[T](1, 0)
		}
		x, err := r.Run(in, o)
		if err != nil {
			return nil, nil, fmt.Errorf("step %d: %w", t, err)
		}
		row := out.Predict(tensor.Convert[float64](x))
		tensor.Copy(y.Slice(0, t, t+1, 1), row)
		before, u = x.Reshape(r.Size()), tensor.Convert[T](row)
	}
	return y, tensor.Convert[float64](before), nil
}
