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
		at := washout + glimpse(k, times, rows)
		tensor.Copy(y.Slice(1, k*f, (k+1)*f, 1), x.Slice(0, at, at+1, 1))
	}
	return y
}

// glimpse returns which of so many rows is number k of so many that are seen.
func glimpse(k, times, rows int) int {
	return max(0, int(math.Round(float64(k+1)*float64(rows)/float64(times)))-1)
}

// gathered are rows, one a sequence, on their way to a readout: together they cost it far less.
type gathered struct {
	x, y *tensor.Tensor[float64] // [gatheredRows, F] and [gatheredRows, M]
	rows int
}

// gatheredRows is how many go together.
const gatheredRows = 512

// add takes a row.
func (g *gathered) add(r Readout, x, y *tensor.Tensor[float64]) error {
	if g.x == nil {
		g.x, g.y = tensor.New[float64](gatheredRows, x.Dim(1)), tensor.New[float64](gatheredRows, y.Dim(1))
	}
	tensor.Copy(g.x.Slice(0, g.rows, g.rows+1, 1), x)
	tensor.Copy(g.y.Slice(0, g.rows, g.rows+1, 1), y)
	if g.rows++; g.rows < gatheredRows {
		return nil
	}
	return g.flush(r)
}

// flush gives the rows to the readout.
func (g *gathered) flush(r Readout) error {
	if g.rows == 0 {
		return nil
	}
	rows := g.rows
	g.rows = 0
	return r.Add(g.x.Slice(0, 0, rows, 1), g.y.Slice(0, 0, rows, 1))
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
