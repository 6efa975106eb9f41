package esn

import (
	"math"

	"elegans/tensor"
)

// Force trains the feedback of a network with one output while it runs, by recursive least squares
// on the readout whose value is fed back (D. Sussillo and L. Abbott, Generating coherent patterns
// of activity from chaotic neural networks, Neuron 63, 2009). The value fed back is the one
// computed before the update.
type Force struct {
	W        *tensor.Tensor[float64] // [N, N]
	Feedback []float64               // [N]
	Leak     float64
	// Rates takes the hyperbolic tangent of the state on its way to the other neurons and to the
	// readout, as in the paper; otherwise the state itself is that tangent.
	Rates bool
	Every int // the readout is updated at every so many steps
	Out   *RLS

	x, r, z []float64
}

// NewForce returns a network in the state start [N] whose readout is 0; alpha is that of NewRLS.
func NewForce(w *tensor.Tensor[float64], feedback, start []float64, leak, alpha float64, every int, rates bool) (*Force, error) {
	out, err := NewRLS(len(start), 1, alpha, 1)
	if err != nil {
		return nil, err
	}
	f := &Force{W: w, Feedback: feedback, Leak: leak, Rates: rates, Every: max(every, 1), Out: out, x: append([]float64{}, start...), z: []float64{0}}
	f.r = f.x
	if rates {
		f.r = make([]float64, len(start))
		for i, v := range start {
			f.r[i] = math.Tanh(v)
		}
	}
	return f, nil
}

// State returns the state [N].
func (f *Force) State() []float64 { return f.x }

// Step makes step t and returns the output. The readout learns the target if learn is true and t is
// a multiple of Every.
func (f *Force) Step(t int, target float64, learn bool) float64 {
	n := len(f.x)
	next := make([]float64, n)
	for i := range next {
		s := f.Feedback[i] * f.z[0]
		for j, v := range f.W.Data()[i*n : (i+1)*n] {
			s += v * f.r[j]
		}
		if !f.Rates {
			s = math.Tanh(s)
		}
		next[i] = (1-f.Leak)*f.x[i] + f.Leak*s
	}
	copy(f.x, next)
	if f.Rates {
		for i, v := range f.x {
			f.r[i] = math.Tanh(v)
		}
	}
	f.Out.Predict(f.z, f.r)
	if learn && t%f.Every == 0 {
		f.Out.Update(f.r, []float64{target})
	}
	return f.z[0]
}
