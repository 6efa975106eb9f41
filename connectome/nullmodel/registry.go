package nullmodel

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"elegans/connectome"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Model is a null model by name, as a command line offers it: a way to make a graph that stands for
// another one in a comparison.
type Model struct {
	Name  string // "er"
	About string // a few words for lists
	// Make makes the control of a graph. It ends with the error of the context soon after that is
	// done; see connectome.WithProgress.
	Make func(ctx context.Context, g *connectome.Graph, key tensor.Key) (*connectome.Graph, error)
}

var models []Model

// Register adds a null model. Its own file calls it from init; it panics if the name is taken.
func Register(m Model) {
	if slices.ContainsFunc(models, func(o Model) bool { return o.Name == m.Name }) {
		panic(fmt.Sprintf("nullmodel: Register: %q is registered already", m.Name))
	}
	models = append(models, m)
	slices.SortFunc(models, func(a, b Model) int { return cmp.Compare(a.Name, b.Name) })
}

// matched returns the Make of a model that needs the sizes of a graph alone.
func matched(generate func(context.Context, Spec, tensor.Key) (*connectome.Graph, error)) func(
	context.Context, *connectome.Graph, tensor.Key,
) (*connectome.Graph, error) {
	return func(ctx context.Context, g *connectome.Graph, key tensor.Key) (*connectome.Graph, error) {
		return generate(ctx, Matched(g), key)
	}
}

// Models lists the null models, by name.
func Models() []Model { return slices.Clone(models) }

// Names lists their names.
func Names() []string {
	var names []string
	for _, m := range models {
		names = append(names, m.Name)
	}
	return names
}

// Lookup returns the null model of a name.
func Lookup(name string) (Model, error) {
	for _, m := range models {
		if m.Name == name {
			return m, nil
		}
	}
	return Model{}, fmt.Errorf("null model %s: unknown, expected one of %s", quote.Text(name),
		strings.Join(Names(), ", "))
}

// edgeBytes is about what an edge of a control takes while it is made: the drawn pair, the record
// of what is drawn, the permutation of the weights, and the edge in two lists.
const edgeBytes = 180

// need refuses a control that would take more memory than one input may.
func need(kind string, neurons int, edges float64) error {
	return memory.Need(fmt.Sprintf("%s: %d neurons with %.4g edges", kind, neurons, edges),
		float64(neurons)*400+edges*edgeBytes)
}
