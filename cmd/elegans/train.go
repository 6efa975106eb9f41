package main

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
	model := ""
	set(&model, c.Model)
	cfg := recipe.Default(model)
	from := recipe.Source{Download: c.Download}
	switch {
	case c.Resume && c.Out == "":
		return badf("--resume: needs the folder of the run, expected --out DIR")
	case c.Resume && c.Config != "":
		return badf("--resume with --config %s: a run goes on with its own description, expected one of the two", c.Config)
	case c.Resume:
		b, err := train.ReadConfig(filepath.Join(c.Out, train.LastFile))
		if err == nil {
			cfg = recipe.Config{}
			err = cfg.Parse(b, filepath.Join(c.Out, train.LastFile))
		}
		if err != nil {
			return bad(fmt.Errorf("--resume: %w", err))
		}
		if c.DataDir != nil { // the data may have moved; that does not make another run
			from.Dir, c.DataDir = *c.DataDir, nil
		}
	case c.Config != "":
		var err error
		if cfg, err = recipe.Load(c.Config, model); err != nil {
			return bad(fmt.Errorf("--config: %w", err))
		}
	}
	if err := c.apply(&cfg); err != nil {
		return err
	}
	if err := c.idle(&cfg); err != nil {
		return err
	}
	sets, err := openData(env, &cfg, from)
	if err != nil {
		return err
	}
	net, err := zoo.Build[float32](cfg.Model)
	if err != nil {
		return bad(err)
	}
	if cfg.Train.From != "" && !c.Resume {
		if err := cfg.StartFrom(net); err != nil {
			return bad(fmt.Errorf("--from: %w", err))
		}
	}
	r, err := cfg.NewRun(net, sets)
	if err != nil {
		return bad(err)
	}
	defer r.Close()
	unlock, err := c.chooseDir(&cfg)
	if err != nil {
		return err
	}
	defer unlock()
	r.Dir = c.Out
	r.Save = saveEvery
	done := 0
	if c.Resume {
		if err := r.Resume(); err != nil {
			return bad(fmt.Errorf("--resume: %w", err))
		}
		done = r.StepsDone()
	}
	fmt.Fprintf(env.stderr, "%s on %s: %d parameters, %d images to train on\n", cfg.Model.Model, cfg.Data.Name, r.Parameters, sets.Train.Len())
	if n := tensornet.NetworkOf(net); n != nil {
		fmt.Fprintln(env.stderr, n.Describe())
	}
	res, err := c.fit(env, &cfg, r, sets, done)
	if err != nil {
		return err
	}
	out, err := finish(env.ctx, &cfg, r, sets, res)
	if env.ctx.Err() != nil {
		return interrupted("interrupted while reading the test set; the training is complete, "+
			"read it again with: elegans train --out %s --resume", c.Out)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(out)
	}
	out.write(env.stdout)
	return nil
}

// fit runs the training with a display.
func (c *trainCmd) fit(env *environment, cfg *recipe.Config, r *recipe.Run, sets *recipe.Sets, done int) (train.Result, error) {
	// of what is written beside the run: every epoch writes it anew, so only the last attempt
	// counts
	var shown error
	show := progress.New(env.stderr)
	show.Start(r.Epochs*r.Train.Steps(), done, "steps")
	r.OnStep = func(p train.Progress) {
		env.fits = true
		show.Step(fmt.Sprintf("epoch %d/%d  loss %.4f", p.Epoch, p.Epochs, p.Loss))
	}
	digits := cfg.Digits()
	r.OnEpoch = func(e train.Epoch) {
		line := fmt.Sprintf("epoch %3d/%d  train loss %.*f accuracy %.*f", e.Number, r.Epochs, digits, e.Train["loss"], digits, e.Train["accuracy"])
		if e.Valid != nil {
			line += fmt.Sprintf("  valid loss %.*f accuracy %.*f", digits, e.Valid["loss"], digits, e.Valid["accuracy"])
		}
		if e.Best {
			line += "  best"
		}
		show.Line("%s  %.1f s", line, e.Seconds)
		shown = r.Averaged(func() error { return cfg.Show(r, sets.Valid, false) })
	}
	res, err := r.Run(env.ctx)
	show.Finish()
	if err == nil {
		err = shown
		if done == r.StepsDone() {
			// the run was finished, perhaps just before its last epoch was shown
			err = r.Averaged(func() error { return cfg.Show(r, sets.Valid, false) })
		}
	}
	if errors.Is(err, train.ErrStopped) {
		return res, interrupted("%w; a checkpoint is saved, go on with: elegans train --out %s --resume", err, c.Out)
	}
	return res, err
}

// chooseDir settles the folder of the run and claims it.
func (c *trainCmd) chooseDir(cfg *recipe.Config) (unlock func(), err error) {
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
	if err := makeDir("--out", c.Out); err != nil {
		return nil, err
	}
	if unlock, err = train.Lock(c.Out); err != nil {
		return nil, bad(fmt.Errorf("--out %w; expected a folder of its own", err))
	}
	if !c.Resume && train.HasRun(c.Out) {
		unlock()
		return nil, badf("--out %s: holds a run; go on with it by --resume, or name another folder", c.Out)
	}
	return unlock, nil
}

// openData loads the data of a configuration. It shows downloads and the reading of large files,
// and prints what of the data is not used.
func openData(env *environment, cfg *recipe.Config, from recipe.Source) (*recipe.Sets, error) {
	show := progress.New(env.stderr)
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
	sets, err := cfg.Open(env.ctx, from)
	show.Finish()
	if sets != nil {
		for _, note := range sets.Notes {
			show.Line("note: %s", quote.Line(note))
		}
	}
	if err != nil && (env.ctx.Err() != nil || errors.Is(err, context.Canceled)) {
		return nil, err
	}
	return sets, bad(err)
}
