package esn

import (
	"fmt"

	"elegans/tensor"
)

// Seen returns what the readout sees [T, F] of a sequence u [T, K], from the zero state; with
// ReadoutTimes one row [1, F]. Readout.Predict makes the outputs of it that Predict returns, so
// that several readouts, or one with several penalties, need the states once. It is for networks
// without feedback.
func (n *Network[T]) Seen(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if err := n.seeable(u); err != nil {
		return nil, err
	}
	states, err := n.run(u, nil, false)
	if err != nil {
		return nil, err
	}
	return n.features(states, u), nil
}

// seeable refuses a sequence of which the readout cannot see what it should.
func (n *Network[T]) seeable(u *tensor.Tensor[float64]) error {
	if err := checkRows("input", u, n.inputs); err != nil {
		return fmt.Errorf("esn: %w", err)
	}
	if n.hasFeedback() {
		return fmt.Errorf("esn: a network with feedback, expected one without: its states depend on its outputs")
	}
	if n.config.ReadoutTimes > 0 && u.Dim(0) <= n.config.Washout {
		return fmt.Errorf("esn: a sequence of %d rows, expected more than the washout of %d", u.Dim(0), n.config.Washout)
	}
	return nil
}
