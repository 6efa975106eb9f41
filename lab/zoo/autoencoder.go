package zoo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/m2"
	"elegans/internal/choice"
	"elegans/tensor"
)

// M2Config describes an autoencoder of package m2 and the graph that its core is built on.
type M2Config struct {
	Graph Graph     `json:"graph,omitzero"` // none with the core "none"
	M2    m2.Config `json:"m2,omitzero"`
}

func init() {
	const (
		// Keras' Adam at a constant rate, as the published program trains.
		published = `{"train": {"epochs": 1000, "batch": 128, "optimizer": "adam",
			"optimizer_options": {"eps": 1e-7, "epsilon_hat": true}, "lr": 1e-3, "weight_decay": 0, "schedule": "none", "warmup": 0, "clip": 0, "ema": 0}}`
		small = `{"train": {"epochs": 10, "batch": 128, "lr": 1e-2}}`
	)
	sound := m2.Config{Core: m2.CoreWorm, NoPenalties: true, BatchMomentum: 0.1}
	frozen := sound
	frozen.Frozen = m2.FrozenPublished
	eighth := sound
	eighth.Width, eighth.Latent, eighth.Heads, eighth.Network.Width = 98, 2, 4, 8
	eighth.Encoder, eighth.Hidden, eighth.Decoder = [3]int{30, 15, 15}, [2]int{64, 32}, [3]int{15, 15, 30}

	registerM2("m2-upstream", "autoencoder as published: its worm, its initial weights, its penalties", "shipped", m2.Config{Core: m2.CorePublished}, published)
	registerM2("m2-echo-upstream", "m2-upstream with encoder and network frozen", "shipped", m2.Config{Core: m2.CorePublished, Frozen: m2.FrozenPublished}, published)
	registerM2("m2", "autoencoder as published, but around a worm whose every synapse takes part and whose products are bounded", "canonical", sound, "")
	registerM2("m2-echo", "m2 with encoder and network frozen", "canonical", frozen, "")
	// Its code is not an eighth of 128 numbers, 16, but 32: as many as the narrowest dense layer of
	// the decoder has at this width. With 16 the code would be what every comparison measures.
	registerM2("m2-small", "m2 at an eighth of its width", "canonical", eighth, small)
}

// registerM2 adds a configuration of package m2 under a name.
func registerM2(name, about, graph string, c m2.Config, recipe string) {
	Register(Family[M2Config]{
		Name: name, About: about, Task: Reconstruction, Recipe: recipe,
		Default: M2Config{M2: c}, // Complete names the graph, which the core "none" lacks.
		Complete: func(own *M2Config, s Spec) error {
			if c.Frozen != m2.FrozenNone && own.M2.Frozen != c.Frozen {
				// as by a file that was made for another model
				return fmt.Errorf("model %q: m2.frozen %q, expected %q", name, own.M2.Frozen, c.Frozen)
			}
			own.Graph.Name = cmp.Or(own.Graph.Name, graph)
			return own.complete(s)
		},
		Float32: newAutoencoder[float32], Float64: newAutoencoder[float64],
		Graph:   (*M2Config).graph,
		Options: slices.Concat(m2Options, graphOptions(), networkOptions("m2.network")),
		Idle:    M2Config.idle,
	})
}

func (c *M2Config) complete(s Spec) error {
	if s.Input != [3]int{1, m2.Side, m2.Side} {
		return fmt.Errorf("model %q: images %v (channels, height, width), expected [1 %d %d]", s.Model, s.Input, m2.Side, m2.Side)
	}
	if err := c.M2.Complete(); err != nil {
		return err
	}
	g := c.graph()
	if g == nil {
		c.Graph = Graph{}
		return nil
	}
	return g.complete()
}

// graph returns the wiring of the core, nil if nothing stands there.
func (c *M2Config) graph() *Graph {
	if c.M2.Core == m2.CoreNone {
		return nil
	}
	return &c.Graph
}

var headsOption = Option{Name: "heads", Key: "m2.heads", Help: "Heads of the attention in an autoencoder.", Placeholder: "N", Size: true}

var m2Options = []Option{
	{Name: "core", Key: "m2.core", Help: "What stands between encoder and decoder of an autoencoder: " + choice.List(m2.Cores) + ".", Placeholder: "KIND"},
	{Name: "latent", Key: "m2.latent", Help: "Channels of the 4x4 image from which an autoencoder's decoder grows.", Placeholder: "N", Size: true},
	headsOption,
	{Name: "penalties", Key: "m2.no_penalties", Help: "Add the penalties of the published program to the loss of an autoencoder.", Negated: true},
}

// idle returns the options of networks and graphs that the core does not read. The dense core reads
// those that decide how many parameters the worm's would have.
func (c M2Config) idle() map[string]string {
	idle := map[string]string{}
	add := func(list []Option, but ...string) {
		for _, o := range list {
			if !slices.Contains(but, o.Name) {
				idle[o.Name] = "core " + string(c.M2.Core)
			}
		}
	}
	network := networkOptions("m2.network")
	maps.Copy(idle, idleGraphOptions(c.Graph))
	switch c.M2.Core {
	case m2.CoreNone:
		add(slices.Concat(network, graphOptions(), []Option{headsOption}))
	case m2.CorePublished:
		add(network)
	case m2.CoreDense:
		add(network, "width", "synaptic-weights", "synapses", "unit-weights", "norm", "signal")
	case m2.CoreWorm:
		idle["readout"] = "core worm"
	}
	return idle
}

func newAutoencoder[T tensor.Float](c M2Config, _ Spec, k tensor.Key) (nn.Module[T], error) {
	var g *connectome.Graph
	if wiring := c.graph(); wiring != nil {
		var err error
		if g, err = wiring.Load(); err != nil {
			return nil, err
		}
	}
	a, err := m2.New[T](g, c.M2, k)
	if err != nil {
		return nil, err // not a nil *m2.Autoencoder, which is no nil Module
	}
	return a, nil
}
