package tensornet

import "elegans/autograd"

// readout reduces the states [neurons, batch, d] of the motor neurons to [batch, Outputs], or
// transposes them to [batch, motors, d].
func (n *Network[T]) readout(tp *autograd.Tape[T], h *autograd.Var[T]) *autograd.Var[T] {
	motors := tp.IndexSelect(h, 0, n.Wiring.Motor) // [motors, batch, d]
	batch := h.Value.Dim(1)
	switch n.Config.Readout {
	case ReadoutMean:
		return tp.Mean(motors, 0)
	case ReadoutAttention:
		// [motors, batch, 1], over the motors
		weight := tp.Softmax(tp.Linear(motors, n.Query, nil), 0)
		if tp.KeepMarks {
			tp.Mark("attention", tp.Permute(weight, 1, 2, 0))
		}
		return tp.Sum(tp.Mul(motors, weight), 0)
	}
	byExample := tp.Permute(motors, 1, 0, 2)
	if n.Config.Readout == ReadoutStates {
		return byExample
	}
	return tp.Reshape(byExample, batch, n.Outputs)
}
