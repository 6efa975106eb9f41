package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"elegans/cmd/elegans/internal/progress"
	"elegans/connectome/m2"
	"elegans/lab/experiment"
	"elegans/lab/recipe"
	"elegans/lab/report"
	"elegans/tensor"
)

// autoencoderOptions checks the flags of the comparison of autoencoders.
func (c *compareCmd) autoencoderOptions() (o experiment.AutoencoderOptions, err error) {
	o = experiment.AutoencoderOptions{Base: recipe.Default(c.Model), Seeds: 3, Seed: c.Seed, Jobs: tensor.Workers()}
	if c.Config != "" {
		if o.Base, err = recipe.Load(c.Config, c.Model); err != nil {
			return o, bad(fmt.Errorf("--config: %w", err))
		}
		o.Base.Model.Model = c.Model
	}
	set(&o.Seeds, c.Seeds)
	set(&o.Jobs, c.Jobs)
	set(&o.Base.Data.Name, c.Data)
	set(&o.Base.Data.Limit, c.Limit)
	set(&o.From.Dir, c.DataDir)
	set(&o.Base.Train.Epochs, c.Epochs)
	set(&o.Base.Train.Batch, c.Batch)
	set(&o.Base.Train.LR, c.LR)
	set(&o.Base.Model.M2.Network.Width, c.Width)
	set(&o.Base.Model.M2.Network.Rounds, c.Rounds)
	if err := startsFromTheWorm(&o.Base); err != nil {
		return o, badf("--config %s: %w", c.Config, err)
	}
	for _, f := range []struct {
		flag  string
		given *int
		most  int
	}{{"--width", c.Width, 1 << 10}, {"--rounds", c.Rounds, 100}, {"--limit", c.Limit, 1 << 30}} {
		// in a description, 0 stands for the default
		if f.given != nil {
			if err := atMost(f.flag, *f.given, f.most); err != nil {
				return o, err
			}
		}
	}
	return o, cmp.Or(atMost("--seeds", o.Seeds, 1000), atMost("--jobs", o.Jobs, 256), bad(o.Base.Complete()))
}

// startsFromTheWorm refuses a description that is not that of the worm's own runs: what it changes
// would be part of every network, under the name of one that it is not.
func startsFromTheWorm(c *recipe.Config) error {
	control := c.Model.Graph.Control
	if control == "none" {
		control = ""
	}
	for _, f := range []struct {
		field       string
		found, want any
	}{
		{"model.m2.core", c.Model.M2.Core, m2.CoreWorm}, {"model.m2.frozen", c.Model.M2.Frozen, m2.FrozenNone}, {"model.m2.network.frozen", c.Model.M2.Network.Frozen, false},
		{"model.graph.control", control, ""}, {"train.from", c.Train.From, ""}, {"train.patience", c.Train.Patience, 0},
	} {
		if f.found != f.want {
			return fmt.Errorf("%s %#v, expected %#v: the comparison makes the other networks from the worm, each with weights of its own and trained for as long", f.field, f.found, f.want)
		}
	}
	return nil
}

// autoencoders is Run for the autoencoders.
func (c *compareCmd) autoencoders(env *environment) error {
	o, err := c.autoencoderOptions()
	if err != nil {
		return err
	}
	base := o.Base // opened and begun here for what is wrong with it, before a folder is made
	sets, err := openData(env, &base, o.From)
	if err != nil {
		return err
	}
	if err := experiment.CheckAutoencoders(o, &base, sets); err != nil {
		return bad(err)
	}
	if c.Out == "" {
		c.Out = c.Model + "-report"
	}
	if err := makeDir("--out", c.Out); err != nil {
		return err
	}
	o.Dir = filepath.Join(c.Out, "runs")
	show := progress.New(env.stderr)
	res, err := experiment.DoAutoencoders(env.ctx, o, hooks(show, o.Seeds, len(experiment.AutoencoderNetworks()), o.Jobs))
	show.Finish()
	if err != nil {
		if env.ctx.Err() != nil {
			return fmt.Errorf("stopped; the same command goes on with the runs in %s", o.Dir)
		}
		var held *experiment.FolderError
		if errors.As(err, &held) {
			return badf("--out %s: %w", c.Out, err)
		}
		return err
	}
	if err := report.WriteAutoencoders(c.Out, res, c.line(env)); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(res.Summary())
	}
	writeAutoencoders(env.stdout, res)
	fmt.Fprintf(env.stderr, "open %s\n", filepath.Join(c.Out, "index.html"))
	return nil
}

// writeAutoencoders prints the table of the comparison of autoencoders.
func writeAutoencoders(w io.Writer, res *experiment.Autoencoders) {
	fmt.Fprintf(w, "%d images to train on, %d to test; %d steps a run; last epoch, mean over %d runs, standard deviation and 95 %% interval (Student's t)\n\n", res.Images.Train, res.Images.Test, res.StepsPerRun, res.Options.Seeds)
	fmt.Fprintf(w, "%-14s  %-12s  %-8s  %-8s  %-18s  %10s  %s\n", "between", "test pixels", "sd", "interval", "test loss", "parameters", "s a run")
	for _, n := range res.Networks {
		row := res.Row(n.Name)
		sd := "–"
		if row.Accuracy.N > 1 {
			sd = res.Percent(row.Accuracy.SD)
		}
		fmt.Fprintf(w, "%-14s  %8s %%    %-8s  ± %-6s  %.5f ± %-8s  %10d  %7.1f\n", n.Title, res.Percent(row.Accuracy.Mean), sd, row.Accuracy.HalfText(100, res.Digits),
			row.Loss.Mean, row.Loss.HalfText(1, 5), row.Parameters, row.Seconds)
	}
	for _, b := range res.Baselines {
		fmt.Fprintf(w, "%-14s  %8s %%    %s\n", b.Name, res.Percent(b.Accuracy), b.About)
	}
	fmt.Fprintf(w, "\n%s\n", res.Verdict())
	for _, line := range res.Details() {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
