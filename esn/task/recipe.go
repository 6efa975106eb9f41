package task

import "elegans/esn"

// recipe is a network in the few numbers that a search goes over; the others are the defaults.
type recipe struct {
	neurons, degree           int
	scale, input, bias, leak  float64
	penalty                   float64 // relative, see esn.RidgeReadout
	qr, squares, readoutInput bool
	times                     int
	inputDensity              float64 // 1 if 0
	activation                string  // tanh if empty
}

// make is Task.Recipe.
func (r recipe) make() (esn.Config, esn.Readout) {
	c := esn.Defaults()
	c.Neurons, c.Degree = r.neurons, r.degree
	if r.activation != "" {
		c.Activation = r.activation
	}
	if r.inputDensity > 0 {
		c.InputDensity = r.inputDensity
	}
	if r.times > 0 { // short sequences, of which no row is left out
		c.Washout = 0
	}
	c.Scale, c.InputScale, c.BiasScale, c.Leak = r.scale, r.input, r.bias, esn.Fixed(r.leak)
	c.ReadoutSquares, c.ReadoutInput, c.ReadoutTimes = r.squares, r.readoutInput, r.times
	if r.qr {
		return c, &esn.QRReadout{Penalty: r.penalty}
	}
	return c, &esn.RidgeReadout{Penalty: r.penalty}
}
