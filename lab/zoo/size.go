package zoo

import (
	"fmt"

	"elegans/connectome"
	"elegans/connectome/m2"
)

// maxParameters bounds a model to 512 MiB of float32; training holds about four times that. It is
// checked before anything is allocated, so that a slip of the pen, or a damaged checkpoint, gives
// an error rather than a machine without memory.
const maxParameters = 1 << 27

// worm are the counts of a graph that decide the size of its network.
type worm struct {
	neurons, sensory, motor int
	liveInter, liveMotor    int // of the published autoencoder; 0 if the graph gives it none
}

func sizeOf(g *connectome.Graph) worm {
	w := worm{neurons: g.Len(), sensory: len(g.WithRole(connectome.Sensory)), motor: len(g.WithRole(connectome.Motor))}
	if live, err := m2.LiveUnits(g); err == nil {
		// the model itself says what is wrong with the graph
		w.liveInter, w.liveMotor = len(live.Interneurons), len(live.Motors)
	}
	return w
}

// checkSize returns an error if the model would have more than maxParameters. It counts in float64,
// where no product of lengths overflows.
func (s Spec) checkSize(w worm) error {
	if n := s.parameters(w); n > maxParameters {
		return fmt.Errorf("model %q: about %.3g parameters, expected at most %d: make it narrower, or its images smaller", s.Model, n, maxParameters)
	}
	return nil
}

// parameters returns the number of weights and biases of a complete Spec, small parts such as
// normalisation left out.
func (s Spec) parameters(w worm) float64 {
	total := 0.0
	affine := func(in, out float64) { total += (in + 1) * out }
	channels, height, width := float64(s.Input[0]), float64(s.Input[1]), float64(s.Input[2])
	features, classes := channels*height*width, float64(s.Classes)
	if IsAutoencoder(s.Model) {
		return s.autoencoderParameters(w)
	}
	switch s.Model {
	case "mlp":
		for _, h := range s.Hidden {
			affine(features, float64(h))
			features = float64(h)
		}
	case "cnn", "worm-cnn":
		for i, h := range s.Hidden {
			out := float64(h)
			affine(9*channels, out)
			affine(9*out, out)
			channels = out
			features = channels * float64(s.Input[1]>>(i+1)) * float64(s.Input[2]>>(i+1))
		}
	case "lenet":
		affine(25*channels, 6)
		affine(25*6, 16)
		affine(16*max(height/4-2, 1)*max(width/4-2, 1), 120)
		affine(120, 84)
		features = 84
	}
	if s.HasWorm() {
		d := float64(s.Network.Width)
		signal, readout, units := d, d, float64(w.neurons)
		if s.Network.Signal == "each" {
			signal *= float64(w.sensory)
		}
		if s.Network.Readout == "concat" {
			readout *= float64(w.motor)
		}
		if s.Network.UnitWeights == "shared" {
			units = 1
		}
		affine(features, signal)
		total += units * (d + 1) * d
		features = readout
	}
	affine(features, classes)
	return total
}

// autoencoderParameters is parameters for the models of package m2.
func (s Spec) autoencoderParameters(w worm) float64 {
	total := 0.0
	affine := func(in, out float64) { total += (in + 1) * out }
	c := s.M2
	d, channels := float64(c.Width), 1.0
	for _, n := range c.Encoder {
		affine(9*channels, float64(n))
		channels = float64(n)
	}
	affine(m2.Side/4*(m2.Side/4)*channels, d)
	u, heads := float64(c.Network.Width), float64(c.Heads)
	switch c.Core {
	case "published":
		if c.Heads == 0 {
			heads = float64(w.liveMotor)
		}
		total += float64(w.liveInter+w.liveMotor) * (d + 1) * d
		total += 4 * d * heads * float64(c.KeyDim)
	case "worm", "dense":
		signal := u
		if c.Network.Signal == "each" {
			signal *= float64(w.sensory)
		}
		units := float64(w.neurons)
		if c.Network.UnitWeights == "shared" {
			units = 1
		}
		affine(d, signal)
		total += units * (u + 1) * u
		affine(d, heads*u)
		affine(heads*u, d)
	}
	hidden, latent := [2]float64{float64(c.Hidden[0]), float64(c.Hidden[1])}, float64(c.Latent)
	affine(d, d)
	affine(d, hidden[0])
	affine(hidden[0], hidden[1])
	affine(hidden[1], 16*latent)
	channels = latent
	for _, n := range c.Decoder {
		affine(9*channels, float64(n))
		channels = float64(n)
	}
	affine(9*channels, 1)
	return total
}
