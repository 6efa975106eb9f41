package experiment

import (
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/transformer"
)

// smallFormers is the recipe of the comparison on images of 8 x 8 pixels.
func smallFormers() recipe.Config {
	c := formers().Base()
	c.Data.Name, c.Model.Input = "digits", [3]int{1, 8, 8}
	return c
}

// TestFormers builds the arms of a seed: all have as many parameters, to within 2 %, each is what
// its name says, and the wiring of the recipe is that of all worms.
func TestFormers(t *testing.T) {
	base := smallFormers()
	if err := zoo.Edit(&base.Model, func(f *zoo.ElegansFormerConfig) { f.Graph.Name = "shipped" }); err != nil {
		t.Fatal(err)
	}
	x, err := Formers(base)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]transformer.Place{
		"worm-ff": transformer.PlaceShared, "worm-head": transformer.PlaceHead, "worm-pool": transformer.PlacePool,
		"rewired-head": transformer.PlaceHead, "frozen-head": transformer.PlaceHead,
	}
	models := map[string]string{"vit": "vit", "echo": "echo-vit"}
	want := 0
	for _, name := range []string{"worm-ff", "vit", "worm-head", "worm-pool", "rewired-head", "frozen-head", "echo"} {
		var arm Arm
		for _, a := range x.Arms {
			if a.Name == name {
				arm = a
			}
		}
		c, err := arm.Config(3)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.Model.Seed != 3 || c.Train.Seed != 3 {
			t.Errorf("%s: seeds %d and %d, want 3", name, c.Model.Seed, c.Train.Seed)
		}
		m, err := zoo.Build[float32](c.Model)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		count := 0
		for _, p := range nn.Params(m) {
			if p.RequiresGrad() || name == "frozen-head" {
				// which is as large as if it were trained
				count += p.Value.Len()
			}
		}
		if want == 0 {
			want = count
		}
		if diff := max(count-want, want-count); diff > want/50 {
			t.Errorf("%s: %d parameters, want %d to within 2 %%", name, count, want)
		}
		if model := models[name]; model != "" {
			if c.Model.Model != model {
				t.Errorf("%s: model %q, want %q", name, c.Model.Model, model)
			}
			continue
		}
		f, err := zoo.ConfigOf[zoo.ElegansFormerConfig](&c.Model)
		if err != nil {
			t.Fatal(err)
		}
		rewired := name == "rewired-head"
		if f.Former.Place != places[name] || f.Graph.Name != "shipped" || f.Former.Network.Frozen != (name == "frozen-head") ||
			(f.Graph.Control == zoo.Rewired) != rewired || rewired && f.Graph.Seed != 3 {
			t.Errorf("%s: place %q, frozen %v, graph %+v", name, f.Former.Place, f.Former.Network.Frozen, f.Graph)
		}
	}
}

// TestFormersRefuse: what the comparison decides itself cannot be asked for.
func TestFormersRefuse(t *testing.T) {
	for want, change := range map[string]func(f *zoo.ElegansFormerConfig){
		`model.former.place "pool", expected "ff-shared"`:   func(f *zoo.ElegansFormerConfig) { f.Former.Place = transformer.PlacePool },
		`model.former.family "published", expected "sound"`: func(f *zoo.ElegansFormerConfig) { f.Former.Family = transformer.FamilyPublished },
		"model.former.network.frozen true, expected false":  func(f *zoo.ElegansFormerConfig) { f.Former.Network.Frozen = true },
		`model.graph.control "er", expected ""`:             func(f *zoo.ElegansFormerConfig) { f.Graph.Control = zoo.ErdosRenyi },
		"model.former.residual true, expected false":        func(f *zoo.ElegansFormerConfig) { f.Former.Residual = true },
	} {
		base := smallFormers()
		if err := zoo.Edit(&base.Model, change); err != nil {
			t.Fatal(err)
		}
		if _, err := Formers(base); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	base := smallFormers()
	base.Model.Input = [3]int{}
	if _, err := Formers(base); err == nil || !strings.Contains(err.Error(), "model.input") {
		t.Errorf("images that are not known: error %v", err)
	}
}
