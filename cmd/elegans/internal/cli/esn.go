package cli

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"elegans/connectome"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/internal/quote"
	"elegans/lab/reservoir"
)

type esnCmd struct {
	List     esnListCmd     `cmd:"" help:"List topologies, activations, readouts, tasks and the keys of --set."`
	Train    esnTrainCmd    `cmd:"" help:"Train a network on a task, for several seeds, and measure it."`
	Generate esnGenerateCmd `cmd:"" help:"Let a trained network go on by itself."`
	Memory   esnMemoryCmd   `cmd:"" help:"Measure memory and dynamics of reservoirs."`
	Stream   esnStreamCmd   `cmd:"" help:"Answer each row of standard input with a prediction, and learn on the way."`
	Search   esnSearchCmd   `cmd:"" help:"Look for settings on the validation part, by random or grid search with successive halving."`
	Nulls    esnNullsCmd    `cmd:"" help:"Compare a connectome with its null models as reservoirs."`
}

// esnVars are the values that the help of the commands refers to.
func esnVars() kong.Vars {
	return kong.Vars{
		"reservoirs":  strings.Join(reservoir.Reservoirs(), ", ") + ", or a file of a connectome (" + strings.Join(connectome.ReadExtensions(), ", ") + ")",
		"activations": strings.Join(esn.Activations(), ", "),
		"readouts":    strings.Join(esn.Readouts(), ", "),
		"esnTasks":    strings.Join(task.Names(), ", "),
	}
}

// reservoirFlags change a reservoir.Recipe. Those that are not given change nothing.
type reservoirFlags struct {
	Config     string   `help:"JSON file with a recipe, as --out writes one; flags go before it." placeholder:"FILE" group:"Network"`
	Reservoir  *string  `help:"${reservoirs} (default: random)." placeholder:"NAME" group:"Network"`
	Neurons    *int     `help:"Neurons of each group of each layer (default: 100; a connectome has its own number)." placeholder:"N" group:"Network"`
	Radius     *string  `help:"Spectral radius of the recurrent weights (default: 0.9)." placeholder:"X" group:"Network"`
	Leak       *string  `help:"Part of the state that is new at a step, for all neurons, or from A to B (default: 1)." placeholder:"A[:B]" group:"Network"`
	InputScale *string  `help:"Largest input weight (default: 1)." placeholder:"X" group:"Network"`
	BiasScale  *string  `help:"Largest constant of a neuron (default: 0.1)." placeholder:"X" group:"Network"`
	Degree     *string  `help:"Neurons that each neuron hears (default: 10)." placeholder:"N" group:"Network"`
	Activation *string  `help:"${activations} (default: tanh)." placeholder:"NAME" group:"Network"`
	Layers     *string  `help:"Reservoirs one above the other (default: 1)." placeholder:"N" group:"Network"`
	Readout    *string  `help:"${readouts} (default: ridge)." placeholder:"KIND" group:"Network"`
	Penalties  *string  `help:"Penalties of the readout, of which the validation part chooses one; those of a ridge readout are in units of the mean square of the states (default: 1e-4 to 1e6 times that of the readout)." placeholder:"LIST" group:"Network"`
	Precision  *string  `help:"Of the states: float64 or float32 (default: float64)." placeholder:"NAME" group:"Network"`
	Seed       *string  `help:"Seed of the first run; the others follow (default: 1)." placeholder:"N" group:"Network"`
	Set        []string `help:"Any other field of a recipe, by its key: elegans esn list names them. Go before the other flags." placeholder:"KEY=VALUE" sep:"none" group:"Network"`
}

// recipe returns what the flags describe: they go before the file, and that before what is known
// for the task.
func (f *reservoirFlags) recipe(r reservoir.Recipe) (reservoir.Recipe, error) {
	if f.Config != "" {
		var err error
		if r, err = reservoir.LoadRecipe(f.Config); err != nil {
			return r, badf("--config: %w", err)
		}
	}
	if f.Reservoir != nil {
		if err := r.SetReservoir(*f.Reservoir); err != nil {
			return r, badf("--reservoir %w", err)
		}
	}
	if f.Neurons != nil {
		if *f.Neurons < 1 {
			return r, badf("--neurons %d: expected at least 1", *f.Neurons)
		}
		r.Reservoir.Neurons = *f.Neurons
	}
	for _, o := range []struct {
		flag, key string
		value     *string
	}{
		{"--radius", "radius", f.Radius}, {"--leak", "leak", f.Leak}, {"--input-scale", "input_scale", f.InputScale},
		{"--bias-scale", "bias_scale", f.BiasScale}, {"--degree", "degree", f.Degree}, {"--activation", "activation", f.Activation},
		{"--layers", "layers", f.Layers}, {"--readout", "readout.kind", f.Readout}, {"--penalties", "penalties", f.Penalties},
		{"--precision", "precision", f.Precision}, {"--seed", "seed", f.Seed},
	} {
		if o.value == nil {
			continue
		}
		if err := r.Set(o.key, *o.value); err != nil {
			return r, badf("%s: %s", o.flag, strings.TrimPrefix(err.Error(), o.key+": "))
		}
	}
	for _, s := range f.Set {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return r, badf("--set %s: expected KEY=VALUE", quote.Text(s))
		}
		if err := r.Set(key, value); err != nil {
			return r, badf("--set %w", err)
		}
	}
	if err := r.Validate(); err != nil {
		return r, bad(err)
	}
	for _, s := range f.Set { // once all of them have said which topology it is
		key, _, _ := strings.Cut(s, "=")
		if err := r.Applies(key); err != nil {
			return r, badf("--set %w", err)
		}
	}
	return r, nil
}

// given reports whether one of the flags is.
func (f *reservoirFlags) given() bool { return !reflect.ValueOf(*f).IsZero() }

// describe says in a line what a recipe makes.
func describe(r *reservoir.Recipe, neurons int) string {
	c := &r.Reservoir
	name := c.Topology
	if name == "connectome" {
		name = "connectome " + quote.Name(c.Connectome.File)
	}
	s := fmt.Sprintf("%s of %d neurons", name, neurons)
	if c.Layers > 1 {
		s += fmt.Sprintf(" in %d layers", c.Layers)
	}
	if c.Groups > 1 {
		s += fmt.Sprintf(" in %d groups", c.Groups)
	}
	leak := strconv.FormatFloat(c.Leak.Low, 'g', -1, 64)
	if c.Leak.High != c.Leak.Low {
		leak += fmt.Sprintf(" to %g", c.Leak.High)
	}
	return s + fmt.Sprintf(", scale %g, leak %s, input scale %g, bias scale %g, %s", c.Scale, leak, c.InputScale, c.BiasScale, c.Activation)
}
