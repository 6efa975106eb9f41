package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"elegans/cmd/elegans/internal/progress"
	"elegans/lab/experiment"
	"elegans/lab/report"
	"elegans/lab/zoo"
	"elegans/tensor"
)

type compareCmd struct {
	Model   string   `help:"What is compared: worm, classifiers of the embedded digits, or one of the autoencoders m2-small, m2." enum:"worm,m2-small,m2" default:"worm"`
	Out     string   `help:"Folder for the report (default: elegans-report, or MODEL-report)." placeholder:"DIR"`
	Seeds   *int     `help:"Runs of each network (default: ${compareSeeds}; autoencoders: ${compareSeedsM2})." placeholder:"N"`
	Seed    uint64   `help:"Seed of the first run of each network; the others follow." default:"1"`
	Epochs  *int     `help:"Passes over the training images (default: ${compareEpochs}; m2-small: ${epochsM2Small}, m2: ${epochsM2})." placeholder:"N"`
	Batch   *int     `help:"Images a step (default: 64; m2-small: ${batchM2Small}, m2: ${batchM2})." placeholder:"N"`
	Width   *int     `help:"Numbers that make up the state of a neuron (default: 16; m2-small: 8, m2: 64)." placeholder:"N"`
	Rounds  *int     `help:"Synapses that a signal travels (default: 4; autoencoders: 6)." placeholder:"N"`
	LR      *float64 `name:"lr" help:"Largest learning rate (default: ${compareLR}; autoencoders: that of train)." placeholder:"X"`
	Data    *string  `help:"Data set for the autoencoders (default: mnist)." placeholder:"NAME"`
	DataDir *string  `help:"Folder to read it from." placeholder:"PATH"`
	Limit   *int     `help:"Train the autoencoders on the first N images only." placeholder:"N"`
	Config  string   `help:"JSON file with the description of the autoencoders' runs, as for train; flags go before it." placeholder:"FILE"`
	Jobs    *int     `help:"Autoencoders trained at a time (default: one a processor)." placeholder:"N"`
	JSON    bool     `help:"Print the runs and comparisons as JSON." name:"json"`
}

func (compareCmd) Help() string {
	return `Trains the worm's network, degree-preserving rewirings of it, random graphs of its density and an MLP of as many parameters on the embedded handwritten digits, several times each, and compares them on
the test digits. Writes a folder with index.html (open it in a browser), results.json, results.csv, curves.csv and the checkpoint of the first worm.

With --model m2-small it compares what stands between the encoder and the decoder of an autoencoder: the worm, the worm untrained, rewirings, a dense layer of as many parameters, nothing; with principal components beside them. Each
run has a folder below --out; the same command goes on with a comparison that was stopped.

Examples:
  elegans                            the main job
  elegans --seeds 10 --out report10  more runs, narrower intervals
  elegans --seed 100 --json          other seeds, results as JSON
  elegans compare --model m2-small --data-dir mnist-files`
}

// options checks the flags of the main job.
func (c *compareCmd) options() (experiment.Options, error) {
	o := experiment.Options{Seeds: 5, Seed: c.Seed, Epochs: 20, Batch: 64, Width: 16, Rounds: 4, LR: 0.003, Jobs: tensor.Workers()}
	for _, f := range []struct {
		flag string
		idle bool
	}{{"--data", c.Data != nil}, {"--data-dir", c.DataDir != nil}, {"--limit", c.Limit != nil}, {"--config", c.Config != ""}, {"--jobs", c.Jobs != nil}} {
		if f.idle {
			return o, badf("%s: does nothing in the main job, expected --model m2-small or m2 with it", f.flag)
		}
	}
	set(&o.Seeds, c.Seeds)
	set(&o.Epochs, c.Epochs)
	set(&o.Batch, c.Batch)
	set(&o.Width, c.Width)
	set(&o.Rounds, c.Rounds)
	set(&o.LR, c.LR)
	err := errors.Join(atMost("--seeds", o.Seeds, 1000), atMost("--epochs", o.Epochs, 100000), atMost("--batch", o.Batch, 1200), atMost("--width", o.Width, 1024), atMost("--rounds", o.Rounds, 100))
	if err == nil && !(o.LR > 0 && o.LR <= 10) {
		err = badf("--lr %v: expected a number above 0 and at most 10", o.LR)
	}
	if err == nil {
		err = bad(o.Check())
	}
	return o, err
}

// atMost checks a flag.
func atMost(flag string, value, most int) error {
	if value < 1 || value > most {
		return badf("%s %d: expected a whole number from 1 to %d", flag, value, most)
	}
	return nil
}

// Run implements the command.
func (c *compareCmd) Run(env *environment) error {
	if zoo.IsAutoencoder(c.Model) {
		return c.autoencoders(env)
	}
	o, err := c.options()
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = "elegans-report"
	}
	if err := makeDir("--out", c.Out); err != nil {
		return err
	}
	show := progress.New(env.stderr)
	res, err := experiment.Do(env.ctx, o, hooks(show, o.Seeds, len(experiment.Networks()), o.Jobs))
	show.Finish()
	if err != nil {
		if env.ctx.Err() != nil {
			return fmt.Errorf("stopped; nothing was written to %s", c.Out)
		}
		return err
	}
	if err := report.Write(c.Out, res, c.line(env)); err != nil {
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

// line returns the command line.
func (c *compareCmd) line(env *environment) string {
	return strings.TrimSpace("elegans " + strings.Join(env.args, " "))
}

// hooks show the progress of runs.
func hooks(show *progress.Display, seeds, networks, jobs int) experiment.Hooks {
	total := seeds * networks
	return experiment.Hooks{
		Start: func(steps int) {
			show.Line("training %d networks of %d kinds, %d at a time", total, networks, min(jobs, total))
			show.Start(steps, 0, "steps")
		},
		Step: func() { show.Step("") },
		Skip: show.Skip,
		Done: func(r experiment.Run, n int) {
			show.Line("%3d/%d  %-8s seed %-4d %.1f s", n, total, r.Network, r.Seed, r.Seconds)
		},
	}
}

// writeComparison prints the table of the main job.
func writeComparison(w io.Writer, res *experiment.Result) {
	fmt.Fprintf(w, "%d handwritten digits to train on, %d to test; %d steps a run; mean over %d runs and 95 %% interval (Student's t)\n\n", res.Images.Train, res.Images.Test, res.StepsPerRun, res.Options.Seeds)
	fmt.Fprintf(w, "%-14s  %-18s  %-16s  %10s  %s\n", "network", "test accuracy", "test loss", "parameters", "s a run")
	for _, n := range res.Networks {
		row := res.Row(n.Name)
		fmt.Fprintf(w, "%-14s  %6s %% ± %-7s  %.4f ± %-7s  %10d  %7.1f\n", n.Title, res.Percent(row.Accuracy.Mean), row.Accuracy.HalfText(100, res.Digits), row.Loss.Mean, row.Loss.HalfText(1, 4), row.Parameters, row.Seconds)
	}
	fmt.Fprintf(w, "\n%s\n", res.Verdict())
	for _, line := range res.Details() {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
