package task

import (
	"elegans/esn"
)

// recipe is a network in the few numbers that a search goes over; the others are the defaults.
type recipe struct {
	neurons, degree           int
	scale, input, bias, leak  float64
	penalty                   float64 // relative, see esn.RidgeReadout
	washout                   int     // of the problem
	qr, squares, readoutInput bool
	times                     int
}

// make is Task.Recipe.
func (r recipe) make() (esn.Config, esn.Readout) {
	c := esn.Defaults()
	c.Neurons, c.Degree, c.Washout = r.neurons, r.degree, r.washout
	c.Scale, c.InputScale, c.BiasScale, c.Leak = r.scale, r.input, r.bias, esn.Fixed(r.leak)
	c.ReadoutSquares, c.ReadoutInput, c.ReadoutTimes = r.squares, r.readoutInput, r.times
	if r.qr {
		return c, &esn.QRReadout{Penalty: r.penalty}
	}
	return c, &esn.RidgeReadout{Penalty: r.penalty}
}
