package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"elegans/autograd/train"
	"elegans/cmd/elegans/internal/progress"
	"elegans/lab/jobs"
	"elegans/lab/report"
	"elegans/lab/reservoir"
	"elegans/lab/stats"
)

type esnTrainCmd struct {
	taskFlags      `embed:""`
	reservoirFlags `embed:""`
	Seeds          int    `help:"Runs, each with weights and a series of its own (default: ${default})." default:"10" placeholder:"N"`
	Out            string `help:"Folder for the networks, the record and the recipe." placeholder:"DIR"`
	JSON           bool   `name:"json" help:"Print the result as JSON."`
}

func (esnTrainCmd) Help() string {
	return `Trains echo-state networks: the weights of a reservoir stay as they are, and a readout is fitted. Each run draws weights and series from its own seed, fits to the training part, chooses the penalty on the validation part and measures the test part once. A linear model without a reservoir stands beside it.

With --out Ctrl-C keeps the runs that are done, and the same command goes on.

Examples:
  elegans esn train --task narma10
  elegans esn train --task narma10 --reservoir worm --set connectome.count=log1p --radius 1.2
  elegans esn train --task lorenz63 --neurons 300 --leak 0.3:1 --seeds 5 --json
  elegans esn train --task mackey_glass --reservoir ring --neurons 400 --set readout.intercept=none`
}

// Run implements the command.
func (c *esnTrainCmd) Run(env *environment) error {
	if c.Seeds < 1 || c.Seeds > 10000 {
		return badf("--seeds %d: expected 1 to 10000", c.Seeds)
	}
	t, err := c.task()
	if err != nil {
		return err
	}
	r, err := c.recipe(reservoir.ForTask(t))
	if err != nil {
		return err
	}
	o := reservoir.Options{Path: c.TaskData, Seeds: c.Seeds}
	if c.Out == "" {
		env.stop() // nothing is written that Ctrl-C could leave half done
	} else {
		unlock, err := claimResult(c.Out)
		if err != nil {
			return err
		}
		defer unlock()
		o.Dir, o.Show = c.Out, true
	}
	show := progress.New(env.stderr)
	finished := 0
	o.Kept = func(n int) {
		if finished = n; c.Out != "" {
			show.Line("%d runs, %d of them made before", c.Seeds, n)
		}
		show.Start(c.Seeds, n, "runs")
	}
	o.Done = func(run reservoir.Run, n int) {
		finished = n
		show.Step(fmt.Sprintf("seed %d", run.Seed))
	}
	res, err := reservoir.Evaluate(env.ctx, r, t, o)
	show.Finish()
	var changed *jobs.ChangedError
	switch {
	case err != nil && env.ctx.Err() != nil && c.Out != "":
		return interrupted("interrupted with %d of %d runs done; the same command goes on with those in %s", finished, c.Seeds, c.Out)
	case errors.As(err, &changed):
		return badf("--out %w", err)
	case err != nil:
		return esnError(env, err)
	}
	if c.Out != "" {
		page := report.Reservoir{Result: res, Command: commandLine(env)}
		if err := page.Write(c.Out); err != nil {
			return err
		}
		if err := res.Write(c.Out, commandLine(env)); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(res)
	}
	note(env, res.Notes)
	writeTrained(env.stdout, res)
	if c.Out != "" {
		fmt.Fprintf(env.stderr, "networks and %s in %s; open %s\n", reservoir.RecordFile, c.Out, filepath.Join(c.Out, "index.html"))
	}
	return nil
}

// claimResult makes a folder for a result, which is not one that holds a result, and keeps others
// out of it until the returned function is called.
func claimResult(dir string) (unlock func(), err error) {
	if err := makeDir("--out", dir); err != nil {
		return nil, err
	}
	if unlock, err = train.Lock(dir); err != nil {
		return nil, badf("--out %w; expected a folder of its own", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, reservoir.RecordFile)); err == nil {
		unlock()
		return nil, badf("--out %s: holds a result, expected another folder", dir)
	}
	return unlock, nil
}

// esnError tells what the user can mend from what the program cannot do.
func esnError(env *environment, err error) error {
	var diverged *reservoir.DivergedError
	if env.ctx.Err() != nil || errors.Is(err, context.Canceled) || errors.As(err, &diverged) {
		return err
	}
	return bad(err)
}

// writeTrained prints the table of the runs and what they amount to.
func writeTrained(w io.Writer, res *reservoir.Result) {
	t, runs := res.Task, res.Runs
	fmt.Fprintf(w, "%s: %s\n%s\n%s\n\n", t.Name, t.Doc, t.Alignment, describe(&res.Recipe, runs[0].Neurons))
	fmt.Fprintf(w, "%-6s  %-8s  %-10s  %-10s  %s\n", "seed", "penalty", "validate", "test", "baseline")
	for _, r := range runs {
		penalty := "-"
		if r.Penalty != nil {
			penalty = fmt.Sprintf("%.0e", *r.Penalty)
		}
		fmt.Fprintf(w, "%-6d  %-8s  %-10.4g  %-10.4g  %.4g\n", r.Seed, penalty, r.Valid.Value, r.Test.Value, r.Baseline.Score.Value)
	}
	fmt.Fprintf(w, "\ntest %s %s", t.Metric, interval(res.Test))
	if res.Test.N > 1 {
		fmt.Fprintf(w, ", mean of %d runs and 95 %% interval (Student's t); standard deviation %.3g", res.Test.N, res.Test.SD)
	}
	fmt.Fprintf(w, "\nvalidation %s\n%s: %s\n%.1f s\n", interval(res.Valid), runs[0].Baseline.Name, interval(res.Baseline), res.Seconds)
}

// interval formats a mean with its interval to as many digits as that has sense.
func interval(e stats.Estimate) string {
	if e.N < 2 {
		return fmt.Sprintf("%.4g", e.Mean)
	}
	return fmt.Sprintf("%.4g ± %.2g", e.Mean, e.Half)
}
