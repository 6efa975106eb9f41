package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"elegans/cmd/elegans/internal/experiment"
	"elegans/cmd/elegans/internal/progress"
	"elegans/cmd/elegans/internal/report"
	"elegans/tensor"
)

type compareCmd struct {
	Out    string  `help:"Folder for the report." default:"elegans-report" placeholder:"DIR"`
	Seeds  int     `help:"Runs of each network." default:"${compareSeeds}"`
	Seed   uint64  `help:"Seed of the first run of each network; the others follow." default:"1"`
	Epochs int     `help:"Passes over the training digits." default:"${compareEpochs}"`
	Batch  int     `help:"Images a step." default:"64"`
	Width  int     `help:"Numbers that make up the state of a neuron." default:"16"`
	Rounds int     `help:"Synapses that a signal travels." default:"4"`
	LR     float64 `name:"lr" help:"Largest learning rate." default:"${compareLR}"`
	JSON   bool    `name:"json" help:"Print the runs and comparisons as JSON."`
}

func (compareCmd) Help() string {
	return `Trains the worm's network, degree-preserving rewirings of it, random graphs of its density and an MLP of as many parameters on the embedded handwritten digits, several times each, and compares them on
the test digits. Writes a folder with index.html (open it in a browser), results.json, results.csv, curves.csv and the checkpoint of the first worm.

Examples:
  elegans                            the main job
  elegans --seeds 10 --out report10  more runs, narrower intervals
  elegans --seed 100 --json          other seeds, results as JSON`
}

// options checks the flags.
func (c *compareCmd) options() (experiment.Options, error) {
	o := experiment.Options{Seeds: c.Seeds, Seed: c.Seed, Epochs: c.Epochs, Batch: c.Batch, Width: c.Width, Rounds: c.Rounds, LR: c.LR, Jobs: tensor.Workers()}
	for _, n := range []struct {
		flag       string
		value, max int
	}{{"--seeds", c.Seeds, 1000}, {"--epochs", c.Epochs, 100000}, {"--batch", c.Batch, 1200}, {"--width", c.Width, 1024}, {"--rounds", c.Rounds, 100}} {
		if n.value < 1 || n.value > n.max {
			return o, badf("%s %d: expected a whole number from 1 to %d", n.flag, n.value, n.max)
		}
	}
	if !(c.LR > 0 && c.LR <= 10) {
		return o, badf("--lr %v: expected a number above 0 and at most 10", c.LR)
	}
	return o, nil
}

// Run implements the command.
func (c *compareCmd) Run(env *environment) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	if err := makeDir("--out", c.Out); err != nil {
		return err
	}
	show := progress.New(env.stderr)
	total := o.Seeds * len(experiment.Networks())
	res, err := experiment.Do(env.ctx, o, experiment.Hooks{
		Start: func(steps int) {
			show.Line("training %d networks of %d kinds, %d at a time", total, len(experiment.Networks()), min(o.Jobs, total))
			show.Start(steps, 0, "steps")
		},
		Step: func() { show.Step("") },
		Done: func(r experiment.Run, n int) {
			show.Line("%3d/%d  %-8s seed %-4d %.1f s", n, total, r.Network, r.Seed, r.Seconds)
		},
	})
	show.Finish()
	if err != nil {
		if env.ctx.Err() != nil {
			return fmt.Errorf("stopped; nothing was written to %s", c.Out)
		}
		return err
	}
	command := "elegans " + strings.Join(env.args, " ")
	if err := report.Write(c.Out, res, strings.TrimSpace(command)); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(struct {
			Runs        []experiment.Run        `json:"runs"`
			Comparisons []experiment.Comparison `json:"comparisons"`
			Verdict     string                  `json:"verdict"`
		}{res.Runs, res.Comparisons, res.Verdict()})
	}
	writeComparison(env.stdout, res)
	fmt.Fprintf(env.stderr, "%.1f s in all; open %s\n", res.Seconds, filepath.Join(c.Out, "index.html"))
	return nil
}

// writeComparison prints the table of the main job.
func writeComparison(w io.Writer, res *experiment.Result) {
	fmt.Fprintf(w, "%d handwritten digits to train on, %d to test; %d steps a run; mean over %d runs and 95 %% interval (Student's t)\n\n", res.Images.Train, res.Images.Test, res.StepsPerRun, res.Options.Seeds)
	fmt.Fprintf(w, "%-14s  %-18s  %-16s  %10s  %s\n", "network", "test accuracy", "test loss", "parameters", "s a run")
	for _, n := range res.Networks {
		row := res.Row(n.Name)
		fmt.Fprintf(w, "%-14s  %6s %% ± %-7s  %.4f ± %-7s  %10d  %7.1f\n", n.Title, experiment.Percent(row.Accuracy.Mean), row.Accuracy.HalfText(100, 2), row.Loss.Mean, row.Loss.HalfText(1, 4), row.Parameters, row.Seconds)
	}
	fmt.Fprintf(w, "\n%s\n", res.Verdict())
	for _, line := range res.Details() {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
