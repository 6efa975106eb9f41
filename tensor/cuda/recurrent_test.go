package cuda

import (
	"testing"

	"elegans/tensor"
)

func recurrentChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	add := func(name, kernel string, run func() tensors) {
		checks = append(checks, check[T]{name: name, kernels: []string{kernel, kernel + "_grad"}, run: run})
	}
	// The last step of a sequence, and a single step of more columns than a block has threads.
	for _, c := range []struct {
		name               string
		batch, n, steps, t int
	}{{"sequence", 3, 5, 4, 3}, {"one step", 2, 300, 1, 0}, {"one number", 1, 1, 2, 0}} {
		projections := func(gates int) (gi, gh *tensor.Tensor[T]) {
			gi = normal[T]("gi", c.batch, c.steps, gates*c.n)
			if c.steps == 1 {
				gi = gi.Reshape(c.batch, gates*c.n)
			}
			return gi, normal[T]("gh", c.batch, gates*c.n)
		}
		state := func(name string) *tensor.Tensor[T] { return normal[T](name, c.batch, c.n) }
		add("LSTM, "+c.name, "lstm", func() tensors {
			gi, gh := projections(4)
			h, next, act, tanh := state("h"), state("next"), gh.Clone(), state("tanh")
			tensor.LSTMGates(h, next, act, tanh, gi, gh, state("c"), c.t)
			dgi, dgh, dc, only := gi.Clone(), gh.Clone(), state("dc"), gh.Clone()
			tensor.LSTMGatesGrad(dgi, dgh, dc, state("dh"), state("dnext"), act, tanh, state("c"), c.t, c.steps)
			tensor.LSTMGatesGrad(nil, only, nil, state("dh"), state("dnext"), act, tanh, state("c"), c.t, c.steps)
			tensor.LSTMGatesGrad(nil, nil, nil, state("dh"), state("dnext"), act, tanh, state("c"), c.t, c.steps)
			return tensors{h, next, act, tanh, dgi, dgh, dc, only}
		})
		add("LSTM in place, "+c.name, "lstm", func() tensors {
			gi, gh := projections(4)
			h, state, act, tanh := state("h"), state("c"), gh.Clone(), state("tanh")
			tensor.LSTMGates(h, state, act, tanh, gi, gh, state, c.t)
			tensor.LSTMGatesGrad(gi, nil, nil, h, h, act, tanh, state, c.t, c.steps)
			return tensors{h, state, act, tanh, gi}
		})
		add("GRU, "+c.name, "gru", func() tensors {
			gi, gh := projections(3)
			y, act := state("y"), gh.Clone()
			tensor.GRUGates(y, act, gi, gh, state("h"), c.t)
			dgi, dgh, dh, only := gi.Clone(), gh.Clone(), state("dh"), gi.Clone()
			tensor.GRUGatesGrad(dgi, dgh, dh, state("dy"), act, gh, state("h"), c.t, c.steps)
			tensor.GRUGatesGrad(only, nil, nil, state("dy"), act, gh, state("h"), c.t, c.steps)
			tensor.GRUGatesGrad(nil, nil, nil, state("dy"), act, gh, state("h"), c.t, c.steps)
			return tensors{y, act, dgi, dgh, dh, only}
		})
		add("Elman cell, "+c.name, "rnn", func() tensors {
			gi, gh := projections(1)
			y := state("y")
			tensor.RNNGates(y, gi, gh, c.t)
			dgi, dgh := gi.Clone(), gh.Clone()
			tensor.RNNGatesGrad(dgi, dgh, state("dy"), y, c.t, c.steps)
			tensor.RNNGatesGrad(nil, nil, state("dy"), y, c.t, c.steps)
			return tensors{y, dgi, dgh}
		})
	}
	add("gates far from 0", "lstm", func() tensors {
		gi := tensor.FromSlice([]T{-800, -30, 30, 800, 800, 30, -30, -800}, 2, 4)
		zero, act := tensor.New[T](2, 4), tensor.New[T](2, 4)
		h, next, tanh, c := tensor.New[T](2, 1), tensor.New[T](2, 1), tensor.New[T](2, 1), tensor.New[T](2, 1)
		tensor.LSTMGates(h, next, act, tanh, gi, zero, c, 0)
		tensor.LSTMGatesGrad(zero, nil, c, h, next, act, tanh, c, 0, 1)
		return tensors{h, next, act, tanh, zero, c}
	})
	return checks
}

func TestRecurrent(t *testing.T) {
	compare(t, recurrentChecks[float32]())
	compare(t, recurrentChecks[float64]())
}
