package reservoir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"elegans/connectome"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

// Recipe describes a network and how its readout is fitted. In JSON a key that is left out keeps
// its default, and one that does not exist is an error.
type Recipe struct {
	// Precision is the type in which states are computed, float64 or float32: float64.
	Precision string `json:"precision"`
	// Reservoir is what the weights are made from. Its seed is that of the first run; its washout
	// is replaced by that of the task.
	Reservoir esn.Config `json:"reservoir"`
	// Readout is its kind with its options: ridge. See esn.DecodeReadout.
	Readout json.RawMessage `json:"readout"`
	// Penalties are those among which the validation part chooses, if the readout has one; none
	// stands for 1e-4 to 1e6 times that of the readout, in steps of 100.
	Penalties []float64 `json:"penalties,omitempty"`
}

// The precisions.
const (
	Float64 = "float64"
	Float32 = "float32"
)

// DefaultRecipe returns the recipe that the comments on its fields describe.
func DefaultRecipe() Recipe {
	readout, err := esn.EncodeReadout(esn.NewRidgeReadout())
	if err != nil { // options that we know
		panic(err)
	}
	return Recipe{
		Precision: Float64, Reservoir: esn.Defaults(), Readout: readout,
	}
}

// ForTask returns the recipe that is known for a task, or DefaultRecipe where none was looked for.
func ForTask(t *task.Task) Recipe {
	r := DefaultRecipe()
	if t.Kind == task.Classification {
		r.Reservoir.ReadoutTimes = 4
		if err := r.Set("readout.kind", "ridge_classifier"); err != nil { // which exists
			panic(err)
		}
	}
	if t.Recipe == nil {
		return r
	}
	c, readout := t.Recipe()
	b, err := esn.EncodeReadout(readout)
	if err != nil { // options that we know
		panic(err)
	}
	r.Reservoir, r.Readout = c, b
	return r
}

// penalties returns those that are tried with a readout whose own is given.
func (r *Recipe) penalties(own float64) []float64 {
	if len(r.Penalties) > 0 {
		return r.Penalties
	}
	return penaltiesAbout(own)
}

// penaltiesAbout returns those about a penalty.
func penaltiesAbout(own float64) []float64 {
	if own == 0 {
		return []float64{0}
	}
	return []float64{1e-4 * own, 1e-2 * own, own, 1e2 * own, 1e4 * own, 1e6 * own}
}

// maxRecipe is the largest file that Load reads, in bytes.
const maxRecipe = 1 << 20

// LoadRecipe reads a recipe from a JSON file. What it does not say is as in DefaultRecipe.
func LoadRecipe(path string) (Recipe, error) {
	r := DefaultRecipe()
	b, err := regular.ReadFile(path, maxRecipe)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%s: %w", quote.Name(path), err)
	}
	if err := r.Validate(); err != nil {
		return r, fmt.Errorf("%s: %w", quote.Name(path), err)
	}
	return r, nil
}

// UnmarshalJSON reads an object over what r holds.
func (r *Recipe) UnmarshalJSON(b []byte) error {
	type plain Recipe
	next := *r
	if err := (jsonkeys.Aliases{}).Decode(b, (*plain)(&next)); err != nil {
		return err
	}
	*r = next
	return nil
}

// JSON returns the recipe as an indented document.
func (r *Recipe) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	return append(b, '\n'), err
}

// Validate brings the readout to its full form and returns an error that names the first fault.
func (r *Recipe) Validate() error {
	if err := choice.Complete(choice.Of("precision", &r.Precision, Float64, Float32)); err != nil {
		return err
	}
	if err := r.Reservoir.Validate(); err != nil {
		return first(err)
	}
	readout, err := esn.DecodeReadout(r.Readout)
	if err != nil {
		return err
	}
	if r.Readout, err = esn.EncodeReadout(readout); err != nil {
		return err
	}
	if err := readout.Begin(1, 1); err != nil { // which looks at the options
		return err
	}
	if len(r.Penalties) > 0 && penaltyOf(readout) == nil {
		return fmt.Errorf("penalties: given, which a %s readout does not have", readout.Kind())
	}
	for _, p := range r.Penalties {
		if !(p >= 0) || math.IsInf(p, 0) {
			return fmt.Errorf("penalties: %v, expected finite numbers of at least 0", p)
		}
	}
	return nil
}

// first returns the first of several errors in one.
func first(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(strings.TrimPrefix(line, "esn: "))
}

// Worm is the name of the reservoir of the embedded connectome.
const Worm = "worm"

// Reservoirs returns the names that SetReservoir knows besides files.
func Reservoirs() []string {
	names := []string{Worm}
	for _, t := range esn.Topologies() {
		if t.Name != "connectome" {
			names = append(names, t.Name)
		}
	}
	return names
}

// SetReservoir takes a topology, the worm, or the file of a connectome. Options that it does not
// have are dropped.
func (r *Recipe) SetReservoir(name string) error {
	c := &r.Reservoir
	switch {
	case name == Worm:
		c.Topology, c.Neurons, c.Connectome.File = "connectome", 0, connectome.NameCanonical
	case slices.Contains(Reservoirs(), name):
		c.Topology = name
		if c.Neurons == 0 {
			c.Neurons = esn.Defaults().Neurons
		}
	case isGraph(name):
		c.Topology, c.Neurons, c.Connectome.File = "connectome", 0, name
	default:
		return fmt.Errorf("%s: unknown, expected one of %s, or a file of a connectome (%s)", quote.Text(name),
			strings.Join(Reservoirs(), ", "), strings.Join(connectome.ReadExtensions(), ", "))
	}
	for _, t := range esn.Topologies() {
		if t.Name == c.Topology {
			keep(c, t.Options)
		}
	}
	return nil
}

// keep drops the options of other topologies, but for rewiring, at which they do not look.
func keep(c *esn.Config, options []string) {
	has := func(key string) bool { return slices.Contains(options, key) }
	if !has("degree") {
		c.Degree = 0
	}
	if !has("density") {
		c.Density = 0
	}
	if !has("weights") {
		c.Weights = ""
	}
}

// isGraph reports whether a name is that of a file of a connectome, by its ending or because there
// is one.
func isGraph(name string) bool {
	if slices.ContainsFunc(connectome.ReadExtensions(), func(e string) bool { return strings.HasSuffix(strings.ToLower(name), e) }) {
		return true
	}
	_, err := os.Stat(name)
	return err == nil || slices.Contains([]string{connectome.NameCanonical, connectome.NameCook, connectome.NameShipped}, name)
}

// load reads the connectome, once for all runs.
func (r *Recipe) load(ctx context.Context) (err error) {
	c := &r.Reservoir
	if c.Topology == "connectome" && c.Connectome.Graph == nil {
		c.Connectome.Graph, _, err = connectome.Load(ctx, c.Connectome.File)
	}
	return err
}
