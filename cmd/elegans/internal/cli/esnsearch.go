package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"elegans/autograd/train"
	"elegans/cmd/elegans/internal/progress"
	"elegans/lab/jobs"
	"elegans/lab/report"
	"elegans/lab/reservoir"
)

type esnSearchCmd struct {
	taskFlags      `embed:""`
	reservoirFlags `embed:""`
	Space          []string `help:"Fields to vary, separated by commas: KEY=log:LO:HI, lin:LO:HI, int:LO:HI or of:A|B|C, with keys as of --set. A range may end with its points in a grid, as log:0.1:2:7 (otherwise 5)." required:"" placeholder:"LIST" group:"Search"`
	Method         string   `help:"random or grid (default: ${default})." default:"random" placeholder:"NAME" group:"Search"`
	Trials         int      `help:"Settings to try; of a grid, the most (default: ${default})." default:"100" placeholder:"N" group:"Search"`
	SearchSeed     uint64   `help:"Seed of the draws (default: ${default})." default:"1" placeholder:"N" group:"Search"`
	Seeds          int      `help:"Networks and series with which the last trials are scored (default: ${default})." default:"4" placeholder:"N" group:"Search"`
	TestSeeds      int      `help:"Fresh networks and series on which the best settings are tested (default: ${default})." default:"10" placeholder:"N" group:"Search"`
	Out            string   `help:"Folder for the trials, the recipe and its test." required:"" placeholder:"DIR"`
	JSON           bool     `name:"json" help:"Print the result as JSON."`
}

func (esnSearchCmd) Help() string {
	return `Looks for settings by successive halving: all are tried on a third of the rows with one seed, the best third of them on all rows, the best third of these with all seeds. Scores are those of the validation part. At the end the test part is measured, once, with other seeds; recipe.json in --out is for esn train --config.

Ctrl-C keeps what was done, and the same command goes on. The result is the same for any number of workers.

Examples:
  elegans esn search --task narma10 --space radius=log:0.1:2,input_scale=log:0.003:1,bias_scale=log:0.01:1 --trials 200 --out found
  elegans esn search --task sales.csv --space "leak=lin:0.1:1,activation=of:tanh|sin" --method grid --out found
  elegans esn train --task narma10 --config found/recipe.json`
}

// Run implements the command.
func (c *esnSearchCmd) Run(env *environment) error {
	if c.TestSeeds < 1 || c.TestSeeds > 10000 {
		return badf("--test-seeds %d: expected 1 to 10000", c.TestSeeds)
	}
	t, err := c.task()
	if err != nil {
		return err
	}
	r, err := c.recipe(reservoir.ForTask(t))
	if err != nil {
		return err
	}
	if err := makeDir("--out", c.Out); err != nil {
		return err
	}
	unlock, err := train.Lock(c.Out)
	if err != nil {
		return badf("--out %w; wait for its end, or name another folder", err)
	}
	defer unlock()
	s := reservoir.Search{Task: c.Task, Recipe: r, Space: c.Space, Method: c.Method, Trials: c.Trials, Seed: c.SearchSeed, Seeds: c.Seeds}
	show := progress.New(env.stderr)
	done, all := 0, 0
	found, err := s.Run(env.ctx, t, reservoir.SearchOptions{
		Path: c.TaskData, Dir: c.Out,
		Start: func(total, kept int) {
			done, all = kept, total
			show.Line("%d trials, %d of them made before", total, kept)
			show.Start(total, kept, "trials")
		},
		Done: func(trial reservoir.Trial) {
			done++
			show.Step(fmt.Sprintf("rung %d", trial.Rung+1))
		},
	})
	show.Finish()
	stopped := func() error {
		return interrupted("interrupted with %d of %d trials done; the same command goes on with those in %s", done, all, c.Out)
	}
	var changed *jobs.ChangedError
	switch {
	case err != nil && (env.ctx.Err() != nil || errors.Is(err, context.Canceled)):
		return stopped()
	case errors.As(err, &changed):
		return badf("--out %w", err)
	case err != nil:
		return bad(err)
	}
	final := found.Recipe
	final.Reservoir.Seed += uint64(c.Seeds) // seeds that no choice has seen
	res, err := reservoir.Evaluate(env.ctx, final, t, reservoir.Options{Path: c.TaskData, Seeds: c.TestSeeds, Show: true})
	if err != nil && env.ctx.Err() != nil {
		return stopped()
	}
	if err != nil {
		return esnError(env, err)
	}
	page := report.Reservoir{Result: res, Found: found, Command: commandLine(env)}
	if err := page.Write(c.Out); err != nil {
		return err
	}
	if err := res.Write(c.Out, commandLine(env)); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(struct {
			Search *reservoir.Found  `json:"search"`
			Test   *reservoir.Result `json:"test"`
		}{found, res})
	}
	note(env, res.Notes)
	fmt.Fprintf(env.stdout, "best of %d settings: validation %s %.4g\n", found.Settings, found.Metric, *found.Best.Score)
	for _, v := range found.Best.Settings {
		fmt.Fprintf(env.stdout, "  %s=%s\n", v.Key, v.Value)
	}
	fmt.Fprintln(env.stdout)
	writeTrained(env.stdout, res)
	fmt.Fprintf(env.stderr, "%s, %s and %s in %s\n", reservoir.RecipeFile, reservoir.RecordFile, reservoir.TrialsFile, c.Out)
	return nil
}
