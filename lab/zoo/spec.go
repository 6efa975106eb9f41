package zoo

import (
	"fmt"
	"slices"
	"strings"

	"elegans/autograd/nn"
	"elegans/connectome/m2"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// Spec describes a model completely: two models of the same Spec are equal bit for bit.
type Spec struct {
	Model string `json:"model"` // one of Names
	Input [3]int `json:"input"` // channels, height, width of an image
	// number of logits; 0 for the autoencoders, which have no classes
	Classes int    `json:"classes"`
	Seed    uint64 `json:"seed"` // of the initial weights

	Graph   Graph            `json:"graph,omitzero"`   // worm, worm-cnn, m2...
	Network tensornet.Config `json:"network,omitzero"` // worm, worm-cnn
	// mlp: widths of the hidden layers; cnn, worm-cnn: channels of the convolution stages
	Hidden  []int     `json:"hidden,omitempty"`
	Dropout float64   `json:"dropout,omitempty"`
	M2      m2.Config `json:"m2,omitzero"` // the autoencoders, whose names begin with m2
}

// builder makes a model from a complete Spec.
type builder[T tensor.Float] func(s Spec, k tensor.Key) (nn.Module[T], error)

func builders[T tensor.Float]() map[string]builder[T] {
	b := map[string]builder[T]{"worm": buildWorm[T], "worm-cnn": buildWormCNN[T], "cnn": buildCNN[T], "mlp": buildMLP[T], "lenet": buildLeNet[T]}
	for name := range autoencoders {
		b[name] = buildAutoencoder[T]
	}
	return b
}

// Names lists the models, sorted.
func Names() []string {
	var names []string
	for n := range builders[float32]() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// HasWorm reports whether a model classifies by a connectome network.
func (s Spec) HasWorm() bool { return strings.HasPrefix(s.Model, "worm") }

// HasGraph reports whether a model is built on a graph.
func (s Spec) HasGraph() bool { return s.HasWorm() || IsAutoencoder(s.Model) && s.M2.Core != "none" }

// Complete fills what is not given with defaults, and returns an error that names the first field
// that cannot be used.
func (s *Spec) Complete() error {
	if !slices.Contains(Names(), s.Model) {
		return fmt.Errorf("model %q: unknown, expected one of %s", s.Model, strings.Join(Names(), ", "))
	}
	if IsAutoencoder(s.Model) {
		return s.completeAutoencoder()
	}
	s.M2 = m2.Config{}
	if min(s.Input[0], s.Input[1], s.Input[2]) < 1 || s.Classes < 2 {
		return fmt.Errorf("model %q: images %v and %d classes, expected positive lengths and at least 2 classes", s.Model, s.Input, s.Classes)
	}
	if !(s.Dropout >= 0 && s.Dropout < 1) {
		return fmt.Errorf("model %q: dropout %v, expected 0 <= dropout < 1", s.Model, s.Dropout)
	}
	if s.HasWorm() {
		if s.Network.Width == 0 {
			s.Network.Width = 16
		}
		if s.Network.Rounds == 0 {
			s.Network.Rounds = 4
		}
		if err := s.Network.Complete(); err != nil {
			return err
		}
		if s.Network.Readout == "states" {
			return fmt.Errorf("model %q: network.readout %q keeps the motor neurons apart, expected concat, mean or attention", s.Model, s.Network.Readout)
		}
		if err := s.Graph.complete(); err != nil {
			return err
		}
	} else {
		s.Graph, s.Network = Graph{}, tensornet.Config{}
	}
	switch s.Model {
	case "mlp":
		if len(s.Hidden) == 0 {
			s.Hidden = []int{512, 256}
		}
	case "cnn", "worm-cnn":
		if len(s.Hidden) == 0 {
			s.Hidden = []int{24, 48}
		}
		if min(s.Input[1], s.Input[2])>>len(s.Hidden) == 0 {
			return fmt.Errorf("model %q: %d stages halve images of %dx%d to nothing", s.Model, len(s.Hidden), s.Input[1], s.Input[2])
		}
	case "lenet":
		if s.Input[1] < 12 || s.Input[2] < 12 {
			return fmt.Errorf("model %q: images of %dx%d, expected at least 12x12", s.Model, s.Input[1], s.Input[2])
		}
	}
	for _, h := range s.Hidden {
		if h < 1 || h > 1<<20 {
			return fmt.Errorf("model %q: hidden width %d, expected 1 to %d", s.Model, h, 1<<20)
		}
	}
	return nil
}

// Build makes the model. The Spec is completed first.
func Build[T tensor.Float](s Spec) (nn.Module[T], error) {
	if err := s.Complete(); err != nil {
		return nil, err
	}
	if !s.HasGraph() { // those know their size when the graph is read
		if err := s.checkSize(worm{}); err != nil {
			return nil, err
		}
	}
	return builders[T]()[s.Model](s, tensor.NewKey(s.Seed, "init"))
}
