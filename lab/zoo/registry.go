package zoo

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// Family is all that the registry knows of a model. C is its configuration: a struct whose fields
// have JSON keys of their own (no embedded structs).
//
// A description that lacks a key has the default of that field. A field whose default is not its
// zero value must therefore be written even when it is zero, without omitempty.
type Family[C any] struct {
	Name    string // as in Spec.Model
	About   string // a line for lists
	Task    Task
	Default C // may leave to Complete what depends on other fields

	// Complete fills what is not given with defaults and returns an error that names the first
	// field that cannot be used. The common fields of the description are complete. It may be nil.
	Complete func(c *C, s Spec) error
	// Float32 and Float64 make the model of a complete description, with weights drawn from k.
	Float32 func(c C, s Spec, k tensor.Key) (nn.Module[float32], error)
	Float64 func(c C, s Spec, k tensor.Key) (nn.Module[float64], error)

	// Graph points to the wiring within a configuration; it returns nil for a configuration without
	// one. It is nil for families without.
	Graph func(c *C) *Graph
	// Options are the fields that a command line offers.
	Options []Option
	// Idle returns the options that do nothing with a configuration, each with what in it is to
	// blame, as "core none". It is nil where all options always do something.
	Idle func(c C) map[string]string
	// Recipe says how the model is trained where that differs from the recipe of its task: a JSON
	// object with keys of a run's config.json, without "model".
	Recipe string
}

// Entry is a registered Family, whatever the type of its configuration.
type Entry struct {
	Name, About string
	Task        Task
	Options     []Option
	Recipe      string

	config   reflect.Type
	defaults any
	complete func(config any, s Spec) (any, error)
	load     func(ctx context.Context, config any) (any, *connectome.Graph, []connectome.Defect, error)
	idle     func(config any) map[string]string
	float32  func(s Spec, k tensor.Key) (nn.Module[float32], error)
	float64  func(s Spec, k tensor.Key) (nn.Module[float64], error)
}

var registry = map[string]*Entry{}

// Register adds a family. The family's own file calls it from init. It panics with a
// *tensor.UsageError if the name is taken, if the configuration is no struct or one of its keys is
// a key of every description, or if an option names no field of the configuration.
func Register[C any](f Family[C]) {
	e := &Entry{Name: f.Name, About: f.About, Task: f.Task, Options: f.Options, Recipe: f.Recipe, config: reflect.TypeFor[C](), defaults: f.Default}
	e.complete = func(config any, s Spec) (any, error) {
		c := config.(C)
		if f.Complete == nil {
			return c, nil
		}
		err := f.Complete(&c, s)
		return c, err
	}
	e.load = func(ctx context.Context, config any) (any, *connectome.Graph, []connectome.Defect, error) {
		c := config.(C)
		if f.Graph == nil || f.Graph(&c) == nil {
			return c, nil, nil, nil
		}
		g, defects, err := f.Graph(&c).read(ctx)
		return c, g, defects, err
	}
	e.idle = func(config any) map[string]string {
		if f.Idle == nil {
			return nil
		}
		return f.Idle(config.(C))
	}
	e.float32 = func(s Spec, k tensor.Key) (nn.Module[float32], error) { return f.Float32(s.Config.(C), s, k) }
	e.float64 = func(s Spec, k tensor.Key) (nn.Module[float64], error) { return f.Float64(s.Config.(C), s, k) }
	if registry[f.Name] != nil {
		tensor.PanicUsage("zoo.Register", fmt.Sprintf("model %q is registered already", f.Name))
	}
	e.checkKeys()
	for _, o := range f.Options {
		if _, ok := fieldAt(reflect.ValueOf(e.defaults), o.Key); !ok {
			tensor.PanicUsage("zoo.Register", fmt.Sprintf("option %q of model %q: no field with the JSON key %q", o.Name, f.Name, o.Key))
		}
	}
	registry[f.Name] = e
}

// checkKeys panics if the configuration cannot stand beside the common fields in JSON.
func (e *Entry) checkKeys() {
	if e.config.Kind() != reflect.Struct {
		tensor.PanicUsage("zoo.Register", fmt.Sprintf("model %q: the configuration is a %v, expected a struct", e.Name, e.config))
	}
	used := map[string]string{}
	for _, t := range []reflect.Type{reflect.TypeFor[common](), e.config} {
		for i := range t.NumField() {
			f := t.Field(i)
			key := jsonkeys.Name(f)
			// package encoding/json reads keys in any letters
			if other, taken := used[strings.ToLower(key)]; taken {
				tensor.PanicUsage("zoo.Register", fmt.Sprintf("model %q: field %s has the key %q, which stands for %s already", e.Name, f.Name, key, other))
			}
			if !f.IsExported() || f.Anonymous || key == "-" {
				tensor.PanicUsage("zoo.Register", fmt.Sprintf("model %q: field %s has no key of its own in JSON", e.Name, f.Name))
			}
			used[strings.ToLower(key)] = f.Name
		}
	}
}

// Names lists the models, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// Lookup returns what is known of a model.
func Lookup(model string) (*Entry, error) {
	if e, ok := registry[model]; ok {
		return e, nil
	}
	return nil, fmt.Errorf("model %q: unknown, expected one of %s", model, strings.Join(Names(), ", "))
}

// Entries returns all models in the order of their names.
func Entries() []*Entry {
	var list []*Entry
	for _, name := range Names() {
		list = append(list, registry[name])
	}
	return list
}

// Spec returns the description of the model with its defaults.
func (e *Entry) Spec() Spec { return Spec{Model: e.Name, Seed: 1, Config: clone(e.defaults)} }

// build returns the constructor for an element type.
func build[T tensor.Float](e *Entry) func(s Spec, k tensor.Key) (nn.Module[T], error) {
	if f, ok := any(e.float32).(func(s Spec, k tensor.Key) (nn.Module[T], error)); ok {
		return f
	}
	return any(e.float64).(func(s Spec, k tensor.Key) (nn.Module[T], error))
}
