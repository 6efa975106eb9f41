package zoo

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/connectome"
	"elegans/tensor"
	"elegans/transformer"
)

// TestControlsFollowTheSeed: a control is drawn from its seed and from nothing else.
func TestControlsFollowTheSeed(t *testing.T) {
	load := func(control Control, seed uint64) *connectome.Graph {
		g, err := (&Graph{Name: connectome.NameCanonical, Control: control, Seed: seed}).Load()
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	drawn := map[Control]bool{NoControl: false, "complete": false}
	for _, name := range Controls() {
		control := Control(name)
		if control == "none" {
			control = NoControl
		}
		if _, fixed := drawn[control]; !fixed {
			drawn[control] = true
		}
		a, again, b := load(control, 1), load(control, 1), load(control, 2)
		if !a.Equal(again) {
			t.Errorf("control %q: two graphs of one seed", name)
		}
		if a.Equal(b) == drawn[control] {
			t.Errorf("control %q: the graphs of two seeds are equal: %v", name, a.Equal(b))
		}
	}
}

// TestDropoutReachesTheModel: every model that offers a dropout drops, in training and only there.
func TestDropoutReachesTheModel(t *testing.T) {
	found := 0
	for _, e := range Entries() {
		s := e.Spec()
		s.Input, s.Classes = [3]int{1, 16, 16}, 3
		if !s.Has("dropout") {
			continue
		}
		found++
		for _, p := range []float64{0, .5} {
			if err := s.Set("dropout", p); err != nil {
				t.Fatal(err)
			}
			model, err := Build[float32](s)
			if err != nil {
				t.Fatal(err)
			}
			x := tensor.Uniform[float32](tensor.NewKey(1, "x"), 0, 1, 4, 1, 16, 16)
			logits := func(training bool, key uint64) []float32 {
				tp := autograd.NewTape[float32]()
				tp.Training = training
				tp.SetKey(tensor.NewKey(key, "step"))
				return slices.Clone(model.Forward(tp, tp.Input(x)).Value.Data())
			}
			if differ := !slices.Equal(logits(true, 1), logits(true, 2)); differ != (p > 0) {
				t.Errorf("%s with dropout %v: two steps of training differ: %v", e.Name, p, differ)
			}
			if !slices.Equal(logits(false, 1), logits(false, 2)) {
				t.Errorf("%s with dropout %v: two evaluations differ", e.Name, p)
			}
		}
	}
	if found < 4 {
		t.Errorf("%d models offer a dropout, expected at least 4", found)
	}
}

// TestDescriptionsShareNothing changes lists of one description in place: neither a copy of it nor
// the defaults of its model change.
func TestDescriptionsShareNothing(t *testing.T) {
	first, err := Lookup("mlp")
	if err != nil {
		t.Fatal(err)
	}
	s := first.Spec()
	if err := Edit(&s, func(c *MLPConfig) { c.Hidden = []int{7, 8} }); err != nil {
		t.Fatal(err)
	}
	other := s
	if err := Edit(&other, func(c *MLPConfig) { c.Hidden[0] = 99 }); err != nil {
		t.Fatal(err)
	}
	if c, err := ConfigOf[MLPConfig](&s); err != nil || !slices.Equal(c.Hidden, []int{7, 8}) {
		t.Errorf("a change of the copy made the widths %v (%v)", c.Hidden, err)
	}
	c, err := ConfigOf[MLPConfig](&s)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden[1] = 77
	if again, err := ConfigOf[MLPConfig](&s); err != nil || !slices.Equal(again.Hidden, []int{7, 8}) {
		t.Errorf("a change of what ConfigOf returned made the widths %v (%v)", again.Hidden, err)
	}
	// the defaults of a family with lists
	for _, name := range Names() {
		e, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		a, b := e.Spec(), e.Spec()
		if err := Edit(&a, func(c *MLPConfig) {
			for i := range c.Hidden {
				c.Hidden[i]++
			}
		}); err != nil {
			continue // of another family
		}
		before, _ := ConfigOf[MLPConfig](&b)
		after, _ := ConfigOf[MLPConfig](&a)
		if len(before.Hidden) > 0 && slices.Equal(before.Hidden, after.Hidden) {
			t.Errorf("%s: two descriptions share their widths %v", name, before.Hidden)
		}
	}
}

// TestDescriptionsReadAsWritten: the description of every model, and of such whose parts differ in
// kind, reads as it was written.
func TestDescriptionsReadAsWritten(t *testing.T) {
	list := []Spec{}
	for _, e := range Entries() {
		s := e.Spec()
		s.Input, s.Classes = [3]int{1, 28, 28}, 10
		list = append(list, s)
	}
	for _, family := range []transformer.Family{transformer.FamilySound, transformer.FamilyPublished} {
		for _, place := range transformer.Places() {
			s := Spec{Model: "former", Input: [3]int{1, 8, 8}, Classes: 10}
			if err := Edit(&s, func(c *ElegansFormerConfig) {
				c.Former.Place, c.Former.Family = place, family
			}); err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
	}
	for _, s := range list {
		if err := s.Complete(); err != nil {
			t.Fatalf("%s: %v", s.Model, err)
		}
		text, err := json.Marshal(&s)
		if err != nil {
			t.Fatalf("%s: %v", s.Model, err)
		}
		var again Spec
		if err := json.Unmarshal(text, &again); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		// A run that goes on is compared as it was written, before anything is completed.
		if same, err := json.Marshal(&again); err != nil || !bytes.Equal(same, text) {
			t.Errorf("%s\nwas read as\n%s, %v", text, same, err)
		}
		if err := again.Complete(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if same, err := json.Marshal(&again); err != nil || !bytes.Equal(same, text) {
			t.Errorf("%s\nbecame\n%s, %v", text, same, err)
		}
	}
}
