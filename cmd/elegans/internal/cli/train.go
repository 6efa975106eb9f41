package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"elegans/autograd/train"
	"elegans/cmd/elegans/internal/progress"
	"elegans/connectome/tensornet"
	"elegans/internal/quote"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

type trainCmd struct {
	Name        string `arg:"" optional:"" name:"model" help:"Model, one of those above (default: worm)."`
	recipeFlags `embed:""`
	Config      string `help:"JSON file with the description of the run; flags go before it. Every run writes one: config.json." placeholder:"FILE"`
	Download    bool   `help:"Permit fetching the data set into the cache."`
	Out         string `help:"Folder for checkpoints and logs (default: runs/MODEL-DATA, numbered)." placeholder:"DIR"`
	Resume      bool   `help:"Go on with the run in --out."`
	JSON        bool   `name:"json" help:"Print the result as JSON."`
}

func (trainCmd) Help() string {
	help := `Trains a model, keeps config.json, epochs.csv, last.safetensors and best.safetensors in a folder, and reads the test set once, at the end. Ctrl-C saves; --resume goes on bit for bit as if nothing had happened.
The defaults that the flags name are those of classifiers; autoencoders have recipes of their own, which config.json shows.

Examples:
  elegans train                                               the worm on the embedded digits
  elegans train worm --control rewired --graph-seed 2         the same on a rewired worm
  elegans train --data mnist --data-dir mnist-files --epochs 10 --augment shift:2 --ema 0.999
  elegans train m2-small --data-dir mnist-files               an autoencoder around the worm, on MNIST
  elegans train --config runs/worm-digits/config.json --seed 7 --out runs/seed7
  elegans train --out runs/seed7 --resume
  elegans train m2 --data-dir mnist-files --from runs/m2-mnist/last.safetensors --lr 0.0005 --out runs/m2-second   a second cycle

The models:`
	for _, e := range zoo.Entries() {
		help += fmt.Sprintf("\n  %-17s %s", e.Name, e.About)
	}
	return help
}

// Run implements the command.
func (c *trainCmd) Run(env *environment) error {
	if c.Name != "" {
		if c.Model != nil && *c.Model != c.Name {
			return badf("--model %s: the model is named %s before it, expected one of the two", *c.Model, c.Name)
		}
		c.Model = &c.Name
	}
	cfg, from, err := c.describe()
	if err != nil {
		return err
	}
	if err := c.idle(&cfg); err != nil {
		return err
	}
	if err := c.chooseDir(&cfg); err != nil {
		return err
	}
	show := progress.New(env.stderr)
	showReading(show, &from)
	t, err := recipe.Begin(env.ctx, cfg, c.Out, recipe.Options{Source: from, New: !c.Resume, Resume: c.Resume, Save: saveEvery})
	show.Finish()
	if err != nil {
		return c.explain(env, err)
	}
	defer t.Close()
	fmt.Fprintf(env.stderr, "%s on %s: %d parameters, %d images to train on\n", cfg.Model.Model, cfg.Data.Name, t.Parameters, t.Sets.Train.Len())
	if n := tensornet.NetworkOf(t.Model); n != nil {
		fmt.Fprintln(env.stderr, n.Describe())
	}
	note(env, t.Notes)
	watch(env, show, t)
	out, err := t.Fit(env.ctx)
	show.Finish()
	switch {
	case errors.Is(err, train.ErrStopped):
		return interrupted("%w; a checkpoint is saved, go on with: %s train --out %s --resume", err, env.program(), c.Out)
	case errors.Is(err, context.Canceled):
		return interrupted("interrupted while reading the test set; the training is complete, "+
			"read it again with: %s train --out %s --resume", env.program(), c.Out)
	case err != nil:
		return err
	}
	o := newOutcome(t, out)
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(o)
	}
	o.write(env.stdout)
	return nil
}

// describe returns the description of the run: that of the folder, of a file or of the model, with
// what the flags change.
func (c *trainCmd) describe() (cfg recipe.Config, from recipe.Source, err error) {
	from.Download = c.Download
	model := ""
	set(&model, c.Model)
	switch {
	case c.Resume && c.Out == "":
		return cfg, from, badf("--resume: needs the folder of the run, expected --out DIR")
	case c.Resume && c.Config != "":
		return cfg, from, badf("--resume with --config %s: a run goes on with its own description, expected one of the two", c.Config)
	case c.Resume:
		if cfg, err = recipe.ReadRun(c.Out); err != nil {
			return cfg, from, bad(fmt.Errorf("--resume: %w", err))
		}
		if c.DataDir != nil { // the data may have moved; that does not make another run
			from.Dir, c.DataDir = *c.DataDir, nil
		}
	case c.Config != "":
		if cfg, err = recipe.Load(c.Config, model); err != nil {
			return cfg, from, bad(fmt.Errorf("--config: %w", err))
		}
	default:
		cfg = recipe.Default(model)
	}
	return cfg, from, c.apply(&cfg)
}

// watch shows the progress of a training.
func watch(env *environment, show *progress.Display, t *recipe.Training) {
	show.Start(t.Epochs*t.Train.Steps(), t.Former, "steps")
	t.OnStep = func(p train.Progress) {
		env.fits = true
		show.Step(fmt.Sprintf("epoch %d/%d  loss %.4f", p.Epoch, p.Epochs, p.Loss))
	}
	digits := t.Config.Digits()
	t.OnEpoch = func(e train.Epoch) {
		line := fmt.Sprintf("epoch %3d/%d  train loss %.*f accuracy %.*f", e.Number, t.Epochs, digits, e.Train["loss"], digits, e.Train["accuracy"])
		if e.Valid != nil {
			line += fmt.Sprintf("  valid loss %.*f accuracy %.*f", digits, e.Valid["loss"], digits, e.Valid["accuracy"])
		}
		if e.Best {
			line += "  best"
		}
		show.Line("%s  %.1f s", line, e.Seconds)
	}
}

// chooseDir settles the folder of the run.
func (c *trainCmd) chooseDir(cfg *recipe.Config) error {
	if c.Out == "" {
		base := filepath.Join("runs", cfg.Model.Model+"-"+cfg.Data.Name)
		c.Out = base
		for n := 2; ; n++ {
			if _, err := os.Stat(c.Out); errors.Is(err, os.ErrNotExist) {
				break
			}
			c.Out = fmt.Sprintf("%s-%d", base, n)
		}
	}
	return notAFile("--out", c.Out)
}

// explain says with which flag an error of recipe.Begin has to do.
func (c *trainCmd) explain(env *environment, err error) error {
	switch {
	case env.ctx.Err() != nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, recipe.ErrHasRun):
		return badf("--out %w; go on with it by --resume, or name another folder", err)
	case errors.Is(err, train.ErrLocked):
		return badf("--out %w; expected a folder of its own", err)
	case c.Resume:
		return badf("--resume: %w", err)
	}
	return bad(err)
}

// note tells the user what is not as it may seem.
func note(env *environment, notes []string) {
	for _, n := range notes {
		fmt.Fprintf(env.stderr, "note: %s\n", quote.Line(n))
	}
}

// openData lets open load data. It shows downloads and the reading of large files.
func openData(env *environment, from recipe.Source, open func(recipe.Source) error) error {
	show := progress.New(env.stderr)
	showReading(show, &from)
	err := open(from)
	show.Finish()
	if err != nil && (env.ctx.Err() != nil || errors.Is(err, context.Canceled)) {
		return err
	}
	return bad(err)
}

// showReading shows how far downloads and the reading of large files have come.
func showReading(show *progress.Display, from *recipe.Source) {
	current := ""
	shower := func(doing string) func(file string, done, total int64) {
		return func(file string, done, total int64) {
			if what := doing + " " + file; what != current && total > 0 {
				show.Finish()
				show.Line("%s (%d bytes)", quote.Line(what), total)
				show.StartBytes(total)
				current = what
			}
			show.To(done)
		}
	}
	from.Progress, from.Reading = shower("downloading"), shower("reading")
}
