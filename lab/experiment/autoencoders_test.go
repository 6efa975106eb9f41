package experiment

import (
	"strings"
	"testing"

	"elegans/connectome/m2"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// edit changes the configuration of a model that is known to be of type C.
func edit[C any](c *recipe.Config, change func(c *C)) {
	if err := zoo.Edit(&c.Model, change); err != nil {
		panic(err)
	}
}

// autoencoderRecipe is that of a small autoencoder for the images in a folder.
func autoencoderRecipe(dir string) recipe.Config {
	c := recipe.Default("m2-small")
	c.Data = recipe.Data{Name: "npy", Dir: dir, TestFraction: .5, ValidFraction: .25, Binarize: .5}
	edit(&c, func(own *zoo.M2Config) {
		m := &own.M2
		m.Width, m.Encoder, m.Hidden, m.Decoder, m.Heads = 8, [3]int{2, 2, 2}, [2]int{6, 4}, [3]int{2, 2, 2}, 2
		m.Network.Width, m.Network.Rounds = 2, 2
	})
	c.Train.Epochs, c.Train.Batch = 2, 5
	return c
}

// TestStartsFromTheWorm refuses recipes of other networks, by the field that makes them others.
func TestStartsFromTheWorm(t *testing.T) {
	for want, change := range map[string]func(c *recipe.Config){
		"":                         func(c *recipe.Config) { edit(c, func(m *zoo.M2Config) { m.Graph.Control = "none" }) },
		"model.m2.core ":           func(c *recipe.Config) { edit(c, func(m *zoo.M2Config) { m.M2.Core = m2.CoreDense }) },
		"model.m2.network.frozen ": func(c *recipe.Config) { edit(c, func(m *zoo.M2Config) { m.M2.Network.Frozen = true }) },
		"model.graph.control ":     func(c *recipe.Config) { edit(c, func(m *zoo.M2Config) { m.Graph.Control = zoo.ErdosRenyi }) },
		"train.from ":              func(c *recipe.Config) { c.Train.From = "a.safetensors" },
		"train.patience 2, ":       func(c *recipe.Config) { c.Train.Patience = 2 },
	} {
		c := recipe.Default("m2-small")
		change(&c)
		_, err := Autoencoders(c)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, expected one about %q", err, want)
		}
	}
}
