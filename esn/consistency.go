package esn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"elegans/tensor"
)

// Consistency is how alike a stack responds to one input when it is given it twice.
type Consistency struct {
	// Neurons holds the correlation of the two responses of every neuron, [N]; NaN for one that
	// does not vary.
	Neurons []float64
	// Mean is their mean over the neurons that vary: 1 if the response is a function of the input.
	Mean float64
}

// ConsistencyOptions of Deep.Consistency.
type ConsistencyOptions struct {
	Washout int     // rows that are left out
	Noise   float64 // deviation of normal noise added to the states, of its own in both runs
	Seed    uint64  // of the starts and of the noise
}

// Consistency runs the stack twice over u [T, K], from different random states and perhaps under
// noise, and correlates the responses (A. Uchida, R. McAllister and R. Roy, Consistency of
// nonlinear system response to complex drive signals, Physical Review Letters 93, 2004). A readout
// can tell from the input no more than what is consistent.
func (d *Deep[T]) Consistency(u *tensor.Tensor[T], o ConsistencyOptions) (c Consistency, err error) {
	rows := u.Dim(0)
	if o.Washout < 0 || o.Washout+1 >= rows || !(o.Noise >= 0) {
		return c, fmt.Errorf("esn: washout %d of %d rows and noise %v, expected two rows left and at least 0", o.Washout, rows, o.Noise)
	}
	var responses [2]*tensor.Tensor[float64]
	for i := range responses {
		each := d.starts(o.Seed, "esn.consistency", i+1)
		for l, r := range d.Layers {
			if o.Noise > 0 {
				each[l].Noise = tensor.Normal[T](tensor.NewKey(o.Seed, "esn.consistency.noise", uint64(i), uint64(l)), 0, o.Noise, rows, r.Size())
			}
		}
		states, err := d.run(u, each)
		if err != nil {
			return c, err
		}
		// [N, T]
		responses[i] = tensor.Convert[float64](states.Slice(0, o.Washout, rows, 1)).T().Contiguous()
	}
	t, sum, varied := rows-o.Washout, 0.0, 0
	for i := range d.Size() {
		a, b := responses[0].Data()[i*t:(i+1)*t], responses[1].Data()[i*t:(i+1)*t]
		r := stat.Correlation(a, b, nil)
		c.Neurons = append(c.Neurons, r)
		if !math.IsNaN(r) {
			sum += r
			varied++
		}
	}
	c.Mean = sum / float64(varied)
	if varied == 0 {
		c.Mean = math.NaN()
	}
	return c, nil
}
