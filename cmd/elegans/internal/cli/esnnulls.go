package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"elegans/cmd/elegans/internal/progress"
	"elegans/internal/quote"
	"elegans/lab/nulls"
	"elegans/lab/reservoir"
)

type esnNullsCmd struct {
	Tasks          []string          `help:"Tasks: see elegans esn list (default: ${default})." default:"memory,narma10,mackey_glass,lorenz63" placeholder:"NAMES" group:"Comparison"`
	TaskData       map[string]string `help:"File or folder of a task that reads one." placeholder:"TASK=PATH" group:"Comparison"`
	Models         []string          `help:"Null models: ${controls} (default: ${default})." default:"rewired,er" placeholder:"NAMES" group:"Comparison"`
	Graphs         int               `help:"Graphs of each null model (default: ${default})." default:"99" placeholder:"N" group:"Comparison"`
	Seeds          int               `help:"Runs of each network, the same for all: series and input weights (default: ${default})." default:"3" placeholder:"N" group:"Comparison"`
	Scales         []float64         `help:"Spectral radii (default: ${default})." default:"0.3,0.6,0.8,0.9,1,1.2,1.5,1.8" placeholder:"LIST" group:"Comparison"`
	TaskSet        []string          `help:"A field of the recipe on one task, as --set." placeholder:"TASK:KEY=VALUE" sep:"none" group:"Comparison"`
	Margin         float64           `help:"Relative difference up to which networks are equivalent (default: ${default})." default:"0.1" placeholder:"X" group:"Comparison"`
	Out            string            `help:"Folder that keeps what was measured. A comparison that was stopped goes on when it is called again." placeholder:"DIR"`
	reservoirFlags `embed:""`
	JSON           bool `name:"json" help:"Print the result as JSON."`
}

func (esnNullsCmd) Help() string {
	return `Asks whether the wiring of a connectome makes another reservoir than chance would. Its network stands beside those of graphs that null models draw from it: on several tasks, over spectral radii, and at the radius that each network's own validation scores choose. The unit is the graph; p values are adjusted for all tasks and null models together.

Examples:
  elegans esn nulls --out worm-nulls
  elegans esn nulls --set weights=normal --tasks narma10 --graphs 199
  elegans esn nulls --set input_neurons=sensory --set readout_neurons=motor --task-set narma10:input_scale=0.01
  elegans esn nulls --reservoir mine.graphml --models rewired,er,ws --json`
}

// config returns what the flags describe.
func (c *esnNullsCmd) config() (nulls.Config, error) {
	out := nulls.Config{
		Models: c.Models, Graphs: c.Graphs, Seeds: c.Seeds, Scales: c.Scales, Margin: c.Margin,
	}
	if c.Reservoir == nil && c.Config == "" {
		worm := "worm"
		c.Reservoir = &worm
	}
	base, err := c.recipe(reservoir.DefaultRecipe())
	if err != nil {
		return out, err
	}
	for _, name := range c.Tasks {
		out.Arms = append(out.Arms, nulls.Arm{Task: name, Path: c.TaskData[name], Recipe: base})
	}
	arm := func(name string) *nulls.Arm {
		for i := range out.Arms {
			if out.Arms[i].Task == name {
				return &out.Arms[i]
			}
		}
		return nil
	}
	for name := range c.TaskData {
		if arm(name) == nil {
			return out, badf("--task-data %s: not one of the tasks %s", quote.Text(name), strings.Join(c.Tasks, ", "))
		}
	}
	for _, s := range c.TaskSet {
		name, setting, ok := strings.Cut(s, ":")
		key, value, ok2 := strings.Cut(setting, "=")
		if !ok || !ok2 {
			return out, badf("--task-set %s: expected TASK:KEY=VALUE", quote.Text(s))
		}
		a := arm(name)
		if a == nil {
			return out, badf("--task-set %s: not one of the tasks %s", quote.Text(s), strings.Join(c.Tasks, ", "))
		}
		if err := a.Recipe.Set(key, value); err != nil {
			return out, badf("--task-set %s: %w", quote.Text(s), err)
		}
	}
	return out, bad(out.Validate())
}

// Run implements the command.
func (c *esnNullsCmd) Run(env *environment) error {
	config, err := c.config()
	if err != nil {
		return err
	}
	if c.Out == "" {
		env.stop()
	}
	show := progress.New(env.stderr)
	defer show.Finish()
	res, err := nulls.Run(env.ctx, config, nulls.Options{
		Dir:  c.Out,
		Kept: func(n int) { show.Start(config.Members(), n, "networks") },
		Done: func(m *nulls.Member, n int) {
			what := m.Model
			if what == "" {
				what = "the graph itself"
			}
			show.Step(what)
		},
	})
	show.Finish()
	if err != nil && env.ctx.Err() != nil && c.Out != "" {
		return interrupted("what was measured is in %s: the same command goes on", quote.Name(c.Out))
	}
	if err != nil {
		return esnError(env, err)
	}
	if c.Out != "" {
		if err := nulls.Write(c.Out, res, commandLine(env)); err != nil {
			return err
		}
		note(env, []string{"report in " + filepath.Join(c.Out, nulls.PageFile)})
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(res)
	}
	writeNulls(env.stdout, res)
	return nil
}

// writeNulls prints the table of a comparison.
func writeNulls(w io.Writer, res *nulls.Result) {
	fmt.Fprintf(w, "%s, %d neurons, against %d graphs of each null model; %d seeds, test scores at each network's own scale\n\n",
		quote.Name(res.Graph), res.Neurons, res.Config.Graphs, res.Config.Seeds)
	fmt.Fprintf(w, "%-14s %-9s %-15s %-10s %-20s %-11s %-7s %-23s %-8s %-8s %s\n",
		"task", "nulls", "metric", "graph", "nulls (sd)", "better than", "z", "Cliff's delta", "p", "adjusted", "verdict")
	for _, a := range res.Arms {
		for _, m := range a.Models {
			r := &m.Own.Rank
			fmt.Fprintf(w, "%-14s %-9s %-15s %-10.4g %-20s %-11s %-+7.2f %-23s %-8s %-8s %s\n", a.Task.Name, m.Model, a.Task.Metric,
				float64(m.Own.Value), fmt.Sprintf("%.4g (%.2g)", r.Mean, r.SD), fmt.Sprintf("%.0f %%", 100*r.Percentile), r.Z,
				fmt.Sprintf("%+.2f (%+.2f to %+.2f)", r.Delta, r.DeltaLow, r.DeltaHigh), fmt.Sprintf("%.3g", r.P), fmt.Sprintf("%.3g", r.PHolm), m.Verdict())
		}
	}
	fmt.Fprintf(w, "\nz and delta: more is better. p: two-sided; adjusted: Holm, over all rows. With these, %s.\n", res.Config.Limit())
	fmt.Fprintf(w, "Equivalent: the difference from the mean of the nulls lies within %g %%, with its 90 %% interval.\n", 100*res.Config.Margin)
	for _, a := range res.Arms {
		writeCurves(w, &a)
	}
}

// writeCurves prints test scores over scales, one row a scale.
func writeCurves(w io.Writer, a *nulls.Task) {
	fmt.Fprintf(w, "\n%s, %s at one scale for all\n%-8s %-10s", a.Task.Name, a.Task.Metric, "scale", "graph")
	for _, m := range a.Models {
		fmt.Fprintf(w, " %-32s", m.Model+" (graph better than)")
	}
	fmt.Fprintln(w)
	for s, p := range a.Models[0].Curve {
		fmt.Fprintf(w, "%-8.3g %-10.4g", p.Scale, float64(p.Value))
		for _, m := range a.Models {
			r := &m.Curve[s].Rank
			fmt.Fprintf(w, " %-32s", fmt.Sprintf("%.4g, sd %.2g (%.0f %%)", r.Mean, r.SD, 100*r.Percentile))
		}
		fmt.Fprintln(w)
	}
}
