package experiment

import (
	"cmp"
	"fmt"

	"elegans/autograd/nn"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/transformer"
)

// formers compares what the worm does in a vision transformer.
func formers() Preset {
	return Preset{
		Name: "former", Seeds: 3,
		Base: func() recipe.Config {
			c := recipe.Default("former")
			c.Data.Name, c.Train.Epochs, c.Train.LR, c.Train.Augment = "cifar10", 4, 1e-3, []string{"flip"}
			c.Model.Input, c.Model.Classes = [3]int{3, 32, 32}, 10
			c.Model.Config = zoo.ElegansFormerConfig{Former: transformer.ElegansConfig{
				Transformer: transformer.Config{Dim: 64, Depth: 3, Heads: 4},
			}}
			if err := zoo.Edit(&c.Model, func(f *zoo.ElegansFormerConfig) {
				f.Former.Network.Width, f.Former.Network.Rounds = 4, 2
			}); err != nil {
				panic(err) // the configuration of its own model
			}
			return c
		},
		New: Formers,
	}
}

// Formers compares a plain vision transformer with ones that have the worm in it, at an equal
// number of parameters: as the feed-forward network that all blocks share, before the logits, and
// as the pool of the tokens; with rewirings of the worm and a worm that is not trained, before the
// logits; and with a reservoir in the place of attention. All have as many parameters as the first
// worm, to within 2 %, by the width of their feed-forward networks. Nothing of the recipe was
// sought.
func Formers(base recipe.Config) (Comparison, error) {
	if base.Model.Input == [3]int{} {
		return Comparison{}, fmt.Errorf("data %q: size of the images not known before they are read, expected model.input in a configuration", base.Data.Name)
	}
	own, err := zoo.ConfigOf[zoo.ElegansFormerConfig](&base.Model)
	if err != nil {
		return Comparison{}, err
	}
	if err := plainFormer(&base, own); err != nil {
		return Comparison{}, err
	}
	shared, err := formerAt(base, transformer.PlaceShared, zoo.NoControl)
	if err != nil {
		return Comparison{}, err
	}
	m, err := zoo.Build[float32](shared.Model)
	if err != nil {
		return Comparison{}, err
	}
	want := nn.Count(m)
	at := func(place transformer.Place, control zoo.Control, frozen bool) func(uint64) (recipe.Config, error) {
		return func(seed uint64) (recipe.Config, error) {
			c, err := formerAt(base, place, control)
			if err != nil {
				return c, err
			}
			if place != transformer.PlaceShared {
				// A frozen network is of the size that it has when it is trained.
				if err := zoo.MatchHidden(&c.Model, want); err != nil {
					return c, err
				}
			}
			c.Model.Seed, c.Train.Seed = seed, seed
			return c, zoo.Edit(&c.Model, func(f *zoo.ElegansFormerConfig) {
				f.Former.Network.Frozen = frozen
				if control != zoo.NoControl {
					f.Graph.Seed = seed
				}
			})
		}
	}
	plain := Variant(base, func(c *recipe.Config, _ uint64) error {
		c.Model.Model, c.Model.Config = "vit", zoo.TransformerConfig{Transformer: own.Former.Transformer}
		return zoo.MatchHidden(&c.Model, want)
	})
	echo := Variant(base, func(c *recipe.Config, _ uint64) error {
		c.Model.Model, c.Model.Config = "echo-vit", nil
		err := zoo.Edit(&c.Model, func(e *zoo.EchoViTConfig) { e.Transformer = own.Former.Transformer })
		return cmp.Or(err, zoo.MatchHidden(&c.Model, want))
	})
	return Comparison{
		Arms: []Arm{{
			"vit", "plain vision transformer", "no connectome", plain,
		}, {
			"worm-ff", "worm as shared feed-forward", "one worm network in place of the feed-forward networks of all blocks, on every token",
			at(transformer.PlaceShared, zoo.NoControl, false),
		}, {
			"worm-head", "worm head", "the vector of the image is the signal of the worm, whose motor neurons give the logits",
			at(transformer.PlaceHead, zoo.NoControl, false),
		}, {
			"worm-pool", "worm pool", "the tokens enter at the sensory neurons; the motor neurons give the vector of the image",
			at(transformer.PlacePool, zoo.NoControl, false),
		}, {
			"rewired-head", "rewired worm head", "the worm head on another graph: " + aboutRewired,
			at(transformer.PlaceHead, zoo.Rewired, false),
		}, {
			"frozen-head", "frozen worm head", "the worm head, its neurons and synapses kept as they were drawn",
			at(transformer.PlaceHead, zoo.NoControl, true),
		}, {
			"echo", "echo-state token mixer", "frozen random reservoirs of 200 neurons, run along the tokens both ways, in place of attention",
			echo,
		}},
		Text: Text{
			Title:   "The worm in a vision transformer",
			Kicker:  "elegans · a connectome in three places of a transformer, against its controls",
			Finding: "A plain vision transformer gets %s %% of the test images right",
			Model: "all have as many parameters, to within 2 %, by the width of their feed-forward networks (the frozen head " +
				"counted as if it were trained), and the same number of steps",
			HeldOut: "set aside",
			Limits: []string{
				"The report on ElegansNet (arXiv 2304.13538) claims 99.99 % on CIFAR-10 for a network that cannot be " +
					"reproduced from what was published. These are small transformers trained for a short time; they say how " +
					"the arms compare, not how well any of them can do.",
			},
		},
	}, nil
}

// plainFormer refuses a recipe that says what the arms decide: it would be lost without a word.
func plainFormer(c *recipe.Config, own zoo.ElegansFormerConfig) error {
	control := own.Graph.Control
	if control == "none" {
		control = zoo.NoControl
	}
	for _, f := range []struct {
		field       string
		found, want any
	}{
		{"model.former.place", string(cmp.Or(own.Former.Place, transformer.PlaceShared)), string(transformer.PlaceShared)},
		{"model.former.family", string(cmp.Or(own.Former.Family, transformer.FamilySound)), string(transformer.FamilySound)},
		{"model.former.network.frozen", own.Former.Network.Frozen, false},
		{"model.former.residual", own.Former.Residual, false},
		{"model.graph.control", string(control), ""},
		{"train.from", c.Train.From, ""},
		{"train.patience", c.Train.Patience, 0},
	} {
		if f.found != f.want {
			return fmt.Errorf("%s %#v, expected %#v: the comparison decides it for each of its networks", f.field, f.found, f.want)
		}
	}
	return nil
}

// formerAt returns the recipe with the network in a place, on its wiring or a control of that.
func formerAt(base recipe.Config, place transformer.Place, control zoo.Control) (recipe.Config, error) {
	c := base
	err := zoo.Edit(&c.Model, func(f *zoo.ElegansFormerConfig) {
		f.Former.Place, f.Graph.Control, f.Graph.Seed = place, control, 0
	})
	return c, err
}
