package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// glimpses returns, for rows [T, F] of one sequence, those at so many equally spaced times behind
// the washout, the last row among them, side by side [1, times F]. Row k of them is row
// washout + round((k+1) (T-washout)/times) - 1, so that a sequence of fewer rows shows some twice.
func glimpses(x *tensor.Tensor[float64], washout, times int) *tensor.Tensor[float64] {
	rows, f := x.Dim(0)-washout, x.Dim(1)
	y := tensor.New[float64](1, times*f)
	for k := range times {
		at := washout + max(0, int(math.Round(float64(k+1)*float64(rows)/float64(times)))-1)
		tensor.Copy(y.Slice(1, k*f, (k+1)*f, 1), x.Slice(0, at, at+1, 1))
	}
	return y
}

// scored returns the rows that a readout is fitted to of the features and the target of a sequence
// that is longer than the washout.
func (n *Network[T]) scored(x, target *tensor.Tensor[float64]) (_, _ *tensor.Tensor[float64]) {
	if n.config.ReadoutTimes > 0 {
		return x, target
	}
	from, rows := n.config.Washout, x.Dim(0)
	return x.Slice(0, from, rows, 1), target.Slice(0, from, rows, 1)
}

// seen returns what the readout sees of the features of all rows of a sequence.
func (n *Network[T]) seen(x *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	if n.config.ReadoutTimes > 0 {
		return glimpses(x, n.config.Washout, n.config.ReadoutTimes)
	}
	return x
}

// predictWhole is Predict of a network with ReadoutTimes.
func (n *Network[T]) predictWhole(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if u.Dim(0) <= n.config.Washout {
		return nil, fmt.Errorf("esn: a sequence of %d rows, expected more than the washout of %d", u.Dim(0), n.config.Washout)
	}
	states, err := n.run(u, nil, false)
	if err != nil {
		return nil, err
	}
	y := tensor.New[float64](1, n.outputs)
	n.readout.Predict(y, n.features(states, u))
	return y, nil
}
