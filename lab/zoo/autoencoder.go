package zoo

import (
	"fmt"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/m2"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// autoencoders are the models of package m2 by name, with the graph that they are built on.
var autoencoders = map[string]struct {
	graph  string
	config m2.Config
}{
	"m2-upstream":      {"shipped", m2.Config{Core: "published"}},
	"m2-echo-upstream": {"shipped", m2.Config{Core: "published", Frozen: "published"}},
	"m2":               {"canonical", m2.Config{Core: "worm", NoPenalties: true, BatchMomentum: 0.1}},
	"m2-echo":          {"canonical", m2.Config{Core: "worm", NoPenalties: true, BatchMomentum: 0.1, Frozen: "published"}},
	"m2-small": {"canonical", m2.Config{
		Core: "worm", NoPenalties: true, BatchMomentum: 0.1, Width: 98, Encoder: [3]int{30, 15, 15}, Hidden: [2]int{64, 32}, Latent: 2, Decoder: [3]int{15, 15, 30}, Heads: 4,
		Network: tensornet.Config{Width: 8},
	}},
}

// IsAutoencoder reports whether a model of this name reconstructs images instead of classifying
// them.
func IsAutoencoder(model string) bool {
	_, ok := autoencoders[model]
	return ok
}

// Preset returns the description that the name of an autoencoder stands for.
func Preset(model string, seed uint64) Spec {
	s := Spec{Model: model, Seed: seed}
	s.preset()
	return s
}

// preset fills in what the name of an autoencoder stands for, where nothing else is given.
func (s *Spec) preset() {
	p, ok := autoencoders[s.Model]
	if !ok {
		return
	}
	if s.M2 == (m2.Config{}) {
		s.M2 = p.config
	}
	if s.Graph.Name == "" {
		s.Graph.Name = p.graph
	}
}

// completeAutoencoder is Complete for the models of package m2.
func (s *Spec) completeAutoencoder() error {
	s.preset()
	if s.Input != [3]int{1, m2.Side, m2.Side} {
		return fmt.Errorf("model %q: images %v (channels, height, width), expected [1 %d %d]", s.Model, s.Input, m2.Side, m2.Side)
	}
	if want := autoencoders[s.Model].config.Frozen; want != "" && s.M2.Frozen != want {
		// as by a file that was made for another model
		return fmt.Errorf("model %q: m2.frozen %q, expected %q", s.Model, s.M2.Frozen, want)
	}
	if err := s.M2.Complete(); err != nil {
		return err
	}
	s.Classes, s.Network, s.Hidden, s.Dropout = 0, tensornet.Config{}, nil, 0
	if s.M2.Core == "none" {
		s.Graph = Graph{}
		return nil
	}
	return s.Graph.complete()
}

func buildAutoencoder[T tensor.Float](s Spec, k tensor.Key) (nn.Module[T], error) {
	var g *connectome.Graph
	if s.HasGraph() {
		var err error
		if g, err = s.Graph.Load(); err != nil {
			return nil, err
		}
		if err := s.checkSize(sizeOf(g)); err != nil {
			return nil, err
		}
	}
	return m2.New[T](g, s.M2, k)
}

// Network returns the connectome network within a model, or nil if it has none that package
// tensornet made.
func Network[T tensor.Float](model nn.Module[T]) *tensornet.Network[T] {
	switch m := model.(type) {
	case *Worm[T]:
		return m.Net
	case *m2.Autoencoder[T]:
		if w, ok := m.Core.(*m2.WormCore[T]); ok {
			return w.Net
		}
	}
	return nil
}
