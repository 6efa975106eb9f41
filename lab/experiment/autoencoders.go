package experiment

import (
	"fmt"

	"elegans/connectome/m2"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// autoencoders compares what stands between the encoder and the decoder of a model.
func autoencoders(model string) Preset {
	return Preset{
		Name: model, Seeds: 3,
		Base: func() recipe.Config { return recipe.Default(model) },
		New:  Autoencoders,
	}
}

// Autoencoders compares what stands between the encoder and the decoder of an autoencoder: the
// worm, the worm untrained, rewirings of it, a dense layer of as many parameters, nothing. The
// recipe, that of the worm's runs, was sought with the worm in its place, which may favour it.
func Autoencoders(base recipe.Config) (Comparison, error) {
	if err := startsFromTheWorm(&base); err != nil {
		return Comparison{}, err
	}
	core := func(kind m2.Core) func(uint64) (recipe.Config, error) {
		return Variant(base, func(c *recipe.Config, _ uint64) error {
			return zoo.Edit(&c.Model, func(m *zoo.M2Config) { m.M2.Core = kind })
		})
	}
	frozen := Variant(base, func(c *recipe.Config, _ uint64) error {
		return zoo.Edit(&c.Model, func(m *zoo.M2Config) { m.M2.Network.Frozen = true })
	})
	rewired := Variant(base, func(c *recipe.Config, seed uint64) error {
		return zoo.Edit(&c.Model, func(m *zoo.M2Config) { m.Graph.Control, m.Graph.Seed = zoo.Rewired, seed })
	})
	own, err := zoo.ConfigOf[zoo.M2Config](&base.Model)
	if err != nil {
		return Comparison{}, err
	}
	m := own.M2 // with its defaults, for the text
	if err := m.Complete(); err != nil {
		return Comparison{}, err
	}
	code := 16 * m.Latent // numbers in the narrowest layer
	codes := []int{128}
	if code != 128 {
		codes = []int{code, 128}
	}
	return Comparison{
		Arms: []Arm{{
			"worm", "C. elegans", "the worm's own wiring, all of it trained", Variant(base, nil),
		}, {
			"frozen", "frozen worm",
			"the same, neurons and synapses kept as they were drawn; the maps into the network, out of it and " +
				"its attention are trained",
			frozen,
		}, {
			"rewired", "rewired worm", aboutRewired, rewired,
		}, {
			"dense", "dense layer", "a hidden layer in its place, with as many parameters", core(m2.CoreDense),
		}, {
			"none", "direct path", "nothing in its place: the encoder's code goes straight to the decoder",
			core(m2.CoreNone),
		}},
		Parts: []Part{Baselines(codes...), Samples},
		Text: Text{
			Title:   "What the worm adds to an autoencoder",
			Kicker:  "elegans · the worm between encoder and decoder, against its controls",
			Finding: "With the worm between encoder and decoder %s %% of the test pixels are right",
			Column:  "between encoder and decoder",
			Model: fmt.Sprintf("%s: encoder %v and decoder %v channels, code of %d numbers, %d in the narrowest "+
				"layer; network of %d numbers a neuron, %d rounds, %s over the synapses, attention of %d heads "+
				"over the motor neurons", base.Model.Model, m.Encoder, m.Decoder, m.Width, min(m.Hidden[1], code),
				m.Network.Width, m.Network.Rounds, m.Network.Combine, m.Heads),
			Digits: 3,
		},
	}, nil
}

// startsFromTheWorm refuses a recipe that is not that of the worm's own runs: what it changes would
// be part of every arm, under the name of one that it is not.
func startsFromTheWorm(c *recipe.Config) error {
	own, err := zoo.ConfigOf[zoo.M2Config](&c.Model)
	if err != nil {
		return err
	}
	control := own.Graph.Control
	if control == "none" {
		control = zoo.NoControl
	}
	m := &own.M2
	for _, f := range []struct {
		field       string
		found, want any
	}{
		{"model.m2.core", m.Core, m2.CoreWorm},
		{"model.m2.frozen", m.Frozen, m2.FrozenNone},
		{"model.m2.network.frozen", m.Network.Frozen, false},
		{"model.graph.control", string(control), ""},
		{"train.from", c.Train.From, ""},
		{"train.patience", c.Train.Patience, 0},
	} {
		if f.found != f.want {
			return fmt.Errorf("%s %#v, expected %#v: the comparison makes the other networks from the worm, "+
				"each with weights of its own and trained for as long", f.field, f.found, f.want)
		}
	}
	return nil
}
