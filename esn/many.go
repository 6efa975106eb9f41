package esn

import (
	"fmt"

	"elegans/internal/memory"
	"elegans/tensor"
)

// together reports whether many sequences can be run at once, see Reservoir.RunBatch: those of one
// layer without feedback and noise of the states, of which the readout sees a few rows each.
func (n *Network[T]) together() bool {
	return n.config.ReadoutTimes > 0 && len(n.deep.Layers) == 1 && n.nvar == nil && n.config.StateNoise == 0 && !n.hasFeedback()
}

// seeTogether writes what the readout sees of sequences, all longer than the washout, to the rows
// of x [S, F].
func (n *Network[T]) seeTogether(x *tensor.Tensor[float64], inputs []*tensor.Tensor[float64]) error {
	times, washout, size := n.config.ReadoutTimes, n.config.Washout, n.deep.Size()
	f := n.Features() / times
	rows, converted := make([][]float64, len(inputs)), make([]*tensor.Tensor[T], len(inputs))
	for i, u := range inputs {
		rows[i], converted[i] = u.Contiguous().Data(), tensor.Convert[T](u)
	}
	return n.deep.Layers[0].RunBatch(converted, func(i, first int, states *tensor.Tensor[T]) error {
		for k := range times {
			at := washout + glimpse(k, times, inputs[i].Dim(0)-washout)
			if at < first || at >= first+states.Dim(0) {
				continue
			}
			state := states.Data()[(at-first)*size:][:size]
			n.row(x.Data()[(i*times+k)*f:][:f], state, rows[i][at*n.inputs:][:n.inputs], nil)
		}
		return nil
	})
}

// learnTogether adds sequences to the readout and returns how many had more rows than the washout.
func (n *Network[T]) learnTogether(sequences []Sequence) (learnt int, err error) {
	for len(sequences) > 0 {
		part := sequences[:min(gatheredRows, len(sequences))]
		sequences = sequences[len(part):]
		var inputs []*tensor.Tensor[float64]
		y := tensor.New[float64](len(part), n.outputs)
		for _, s := range part {
			if s.Input.Dim(0) > n.config.Washout {
				tensor.Copy(y.Slice(0, len(inputs), len(inputs)+1, 1), s.Target)
				inputs = append(inputs, n.noisy(s.Input))
			}
			n.sequences++
		}
		if len(inputs) == 0 {
			continue
		}
		x := tensor.New[float64](len(inputs), n.Features())
		if err := n.seeTogether(x, inputs); err != nil {
			return learnt, fmt.Errorf("esn: %w", err)
		}
		if err := n.readout.Add(x, y.Slice(0, 0, len(inputs), 1)); err != nil {
			return learnt, err
		}
		learnt += len(inputs)
	}
	return learnt, nil
}

// SeenAll returns what Seen does, for each of many sequences. A network whose readout sees
// sequences as wholes (Config.ReadoutTimes) runs sixteen of them at once, on as many cores as there
// are, if it has one layer; the states are then those of Seen up to rounding.
func (n *Network[T]) SeenAll(sequences []*tensor.Tensor[float64]) ([]*tensor.Tensor[float64], error) {
	all := make([]*tensor.Tensor[float64], len(sequences))
	if !n.together() {
		for i, u := range sequences {
			x, err := n.Seen(u)
			if err != nil {
				return nil, fmt.Errorf("sequence %d: %w", i, err)
			}
			all[i] = x
		}
		return all, nil
	}
	for i, u := range sequences {
		if err := n.seeable(u); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	f := n.Features()
	if err := memory.Need(fmt.Sprintf("%d features of %d sequences", f, len(sequences)), 8*float64(f)*float64(len(sequences))); err != nil {
		return nil, err
	}
	x := tensor.New[float64](len(sequences), f)
	if err := n.seeTogether(x, sequences); err != nil {
		return nil, fmt.Errorf("esn: %w", err)
	}
	for i := range all {
		all[i] = x.Slice(0, i, i+1, 1)
	}
	return all, nil
}

// PredictAll returns the outputs of Predict for each of many sequences, as SeenAll sees them.
func (n *Network[T]) PredictAll(sequences []*tensor.Tensor[float64]) ([]*tensor.Tensor[float64], error) {
	all := make([]*tensor.Tensor[float64], len(sequences))
	if !n.together() {
		for i, u := range sequences {
			y, err := n.Predict(u)
			if err != nil {
				return nil, fmt.Errorf("sequence %d: %w", i, err)
			}
			all[i] = y
		}
		return all, nil
	}
	if err := n.ready(); err != nil {
		return nil, err
	}
	for from := 0; from < len(sequences); from += gatheredRows {
		part := sequences[from:min(from+gatheredRows, len(sequences))]
		seen, err := n.SeenAll(part)
		if err != nil {
			return nil, err
		}
		for i, x := range seen {
			all[from+i] = tensor.New[float64](1, n.outputs)
			n.readout.Predict(all[from+i], x)
		}
	}
	return all, nil
}
