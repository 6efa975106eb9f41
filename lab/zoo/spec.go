package zoo

import (
	"context"
	"fmt"
	"reflect"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/tensor"
)

// Spec describes a model completely: two models of the same Spec are equal bit for bit. In JSON the
// keys of the configuration stand beside the common ones.
//
//	zoo.Spec{
//		Model: "mlp", Input: [3]int{1, 8, 8}, Classes: 10, Seed: 1,
//		Config: zoo.MLPConfig{Hidden: []int{64}},
//	}
type Spec struct {
	Model   string // one of Names
	Input   [3]int // channels, height, width of an image
	Classes int    // number of logits; 0 for models without classes
	Seed    uint64 // of the initial weights
	// Config is the configuration of the model's family, a value such as WormConfig; nil stands for
	// the defaults. It is never changed in place, so that a Spec can be copied: see Edit.
	Config any
}

// Edit changes the configuration of a description. It returns an error if C is not the type of the
// model's configuration.
//
//	err := zoo.Edit(&spec, func(c *zoo.WormConfig) { c.Graph.Control = "rewired" })
func Edit[C any](s *Spec, change func(c *C)) error {
	c, err := ConfigOf[C](s)
	if err != nil {
		return err
	}
	change(&c)
	s.Config = c
	return nil
}

// ConfigOf returns a copy of the configuration of a description, the defaults in place of nil. It
// returns an error if C is not the type of the model's configuration.
func ConfigOf[C any](s *Spec) (c C, err error) {
	e, err := s.entry()
	if err != nil {
		return c, err
	}
	c, ok := e.own(s.Config).(C)
	if !ok {
		return c, fmt.Errorf("model %q: its configuration is a %v, not a %v", s.Model, e.config, reflect.TypeFor[C]())
	}
	return c, nil
}

// own returns a copy of a configuration, or of the defaults in place of nil.
func (e *Entry) own(config any) any {
	if config == nil {
		config = e.defaults
	}
	return clone(config)
}

// entry returns what is known of the model, and an error if that does not go with the
// configuration.
func (s *Spec) entry() (*Entry, error) {
	e, err := Lookup(s.Model)
	if err == nil && s.Config != nil && reflect.TypeOf(s.Config) != e.config {
		err = fmt.Errorf("model %q: the configuration is a %T, expected a %v", s.Model, s.Config, e.config)
	}
	return e, err
}

// Task returns what the model is trained for; of an unknown model, classification.
func (s *Spec) Task() Task {
	if e, err := Lookup(s.Model); err == nil {
		return e.Task
	}
	return Classification
}

// SetModel changes the model. What the configurations of both models have in common is kept, the
// rest has the defaults.
func (s *Spec) SetModel(model string) error {
	e, err := Lookup(model)
	if err != nil {
		return err
	}
	if s.Config != nil && reflect.TypeOf(s.Config) != e.config {
		s.Config = e.carry(s.Config)
	}
	s.Model = model
	return nil
}

// Complete fills what is not given with defaults, and returns an error that names the first field
// that cannot be used.
func (s *Spec) Complete() error {
	e, err := s.entry()
	if err != nil {
		return err
	}
	if !e.Task.HasClasses() {
		s.Classes = 0
	}
	if min(s.Input[0], s.Input[1], s.Input[2]) < 1 || e.Task.HasClasses() && s.Classes < 2 {
		want := "positive lengths"
		if e.Task.HasClasses() {
			want += " and at least 2 classes"
		}
		return fmt.Errorf("model %q: images %v and %d classes, expected %s", s.Model, s.Input, s.Classes, want)
	}
	if n := float64(s.Input[0]) * float64(s.Input[1]) * float64(s.Input[2]); n > maxPixels {
		return fmt.Errorf("model %q: images %v: %.3g numbers, expected at most %d", s.Model, s.Input, n, maxPixels)
	}
	s.Config, err = e.complete(e.own(s.Config), *s)
	return err
}

const (
	// maxPixels bounds the numbers of an image, so that products with a few lengths of a layer
	// cannot overflow.
	maxPixels = 1 << 32
	// maxParameters bounds a model to 512 MiB of float32; training holds about four times that. A
	// slip of the pen, or a damaged checkpoint, gives an error rather than a machine without
	// memory.
	maxParameters = 1 << 27
)

// Build makes the model. The Spec is completed first. A model that would have too many parameters
// is refused before memory for the ones in excess is taken.
func Build[T tensor.Float](s Spec) (model nn.Module[T], err error) {
	if err := s.Complete(); err != nil {
		return nil, err
	}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		over, ok := p.(*tensor.BudgetError)
		if !ok {
			panic(p)
		}
		model, err = nil, fmt.Errorf("model %q: at least %.3g parameters, expected at most %d: make it narrower, or its images smaller", s.Model, over.Elements, over.Limit)
	}()
	e, err := s.entry()
	if err != nil {
		return nil, err
	}
	return build[T](e)(s, tensor.NewKey(s.Seed, "init").Within(maxParameters))
}

// LoadGraph returns the graph that the model is built on, and nil for a model without one. The
// SHA-256 of its source becomes part of the description.
func (s *Spec) LoadGraph() (*connectome.Graph, error) {
	g, _, err := s.ReadGraph(context.Background())
	return g, err
}

// ReadGraph is LoadGraph with what the reader of the file says of it. It ends with the error of the
// context soon after that is done.
func (s *Spec) ReadGraph(ctx context.Context) (*connectome.Graph, []connectome.Defect, error) {
	e, err := s.entry()
	if err != nil {
		return nil, nil, err
	}
	config, g, defects, err := e.load(ctx, e.own(s.Config))
	if err == nil {
		s.Config = config
	}
	return g, defects, err
}
