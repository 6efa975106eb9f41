package inspect

import "testing"

// TestOwner: a parameter counts for the innermost layer that holds it, else for the first layer
// within its module, else for one made for it.
func TestOwner(t *testing.T) {
	r := &Report{Layers: []Layer{{Name: "encoder.0.act"}, {Name: "encoder.0"}, {Name: "encoder"}, {Name: "encoder.0.linear"}, {Name: "encoders"}}}
	for path, want := range map[string]string{
		"encoder.0.linear.weight":   "encoder.0.linear",
		"encoder.0.linear.a.weight": "encoder.0.linear",
		"encoder.0.norm.weight":     "encoder.0",
		"encoder.weight":            "encoder",
		"encoder.1.weight":          "encoder",
		"encoders.weight":           "encoders",
		"head.bias":                 "head",
	} {
		if got := r.Layers[r.owner(path)].Name; got != want {
			t.Errorf("%s counts for %q, expected %q", path, got, want)
		}
	}
	if len(r.Layers) != 6 {
		t.Errorf("%d layers, expected one more for the head", len(r.Layers))
	}
	// a module whose own result is not marked, but those of its parts are
	r = &Report{Layers: []Layer{{Name: "core.first"}, {Name: "core.second"}}}
	if got := r.Layers[r.owner("core.weight")].Name; got != "core.first" {
		t.Errorf("core.weight counts for %q, expected the first layer within core", got)
	}
}
