package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"elegans/autograd/train"
	"elegans/cmd/elegans/internal/progress"
	"elegans/internal/quote"
	"elegans/lab/experiment"
	"elegans/lab/recipe"
	"elegans/lab/report"
)

type compareCmd struct {
	Model   string   `help:"What is compared: ${comparisons}. worm stands for classifiers of the embedded digits, the others for autoencoders." enum:"${comparisons}" default:"worm"`
	Out     string   `help:"Folder for the report (default: elegans-report, or MODEL-report)." placeholder:"DIR"`
	Seeds   *int     `help:"Runs of each network (default: ${compareSeeds})." placeholder:"N"`
	Seed    uint64   `help:"Seed of the first run of each network; the others follow." default:"1"`
	Epochs  *int     `help:"Passes over the training images (default: ${compareEpochs})." placeholder:"N"`
	Batch   *int     `help:"Images a step (default: ${compareBatch})." placeholder:"N"`
	Width   *int     `help:"Numbers that make up the state of a neuron (default: 16; m2-small: 8, m2: 64)." placeholder:"N"`
	Rounds  *int     `help:"Synapses that a signal travels (default: 4; autoencoders: 6)." placeholder:"N"`
	LR      *float64 `name:"lr" help:"Largest learning rate (default: ${compareLR})." placeholder:"X"`
	Data    *string  `help:"Data set for the autoencoders (default: mnist)." placeholder:"NAME"`
	DataDir *string  `help:"Folder to read it from." placeholder:"PATH"`
	Limit   *int     `help:"Train the autoencoders on the first N images only." placeholder:"N"`
	Config  string   `help:"JSON file with the description of the autoencoders' runs, as for train; flags go before it." placeholder:"FILE"`
	Jobs    *int     `help:"Networks trained at a time (default: one a processor)." placeholder:"N"`
	JSON    bool     `help:"Print the networks, runs and comparisons as JSON." name:"json"`
}

func (compareCmd) Help() string {
	return `Trains the worm's network, degree-preserving rewirings of it, random graphs of its density and
an MLP of as many parameters on the embedded handwritten digits, several times each, and compares
them on the test digits. Writes a folder with index.html (open it in a browser), results.json,
results.csv, curves.csv and the checkpoint of the first worm.

With --model m2-small it compares what stands between the encoder and the decoder of an autoencoder:
the worm, the worm untrained, rewirings, a dense layer of as many parameters, nothing; with
principal components beside them.

Each run has a folder in OUT/runs. Ctrl-C keeps what is done, and the same command goes on from
there. When the main job is complete, its runs go, and the next call starts afresh. The long runs of
the autoencoders stay: the next call reads them, unless OUT/runs is removed.

Examples:
  elegans                            the main job
  elegans --seeds 10 --out report10  more runs, narrower intervals
  elegans --seed 100 --json          other seeds, results as JSON
  elegans compare --model m2-small --data-dir mnist-files`
}

// compareVars are the values that the help of compare refers to.
func compareVars() kong.Vars {
	presets := experiment.Presets()
	var names []string
	for _, p := range presets {
		names = append(names, p.Name)
	}
	// the default of the main job, and of the others where it is another
	each := func(of func(p experiment.Preset) string) string {
		s := of(presets[0])
		for _, p := range presets[1:] {
			if v := of(p); v != of(presets[0]) {
				s += "; " + p.Name + ": " + v
			}
		}
		return s
	}
	trained := func(of func(t *recipe.Train) any) string {
		return each(func(p experiment.Preset) string { c := p.Base(); return fmt.Sprint(of(&c.Train)) })
	}
	return kong.Vars{
		"comparisons":   strings.Join(names, ","),
		"compareSeeds":  each(func(p experiment.Preset) string { return fmt.Sprint(p.Seeds) }),
		"compareEpochs": trained(func(t *recipe.Train) any { return t.Epochs }),
		"compareBatch":  trained(func(t *recipe.Train) any { return t.Batch }),
		"compareLR":     trained(func(t *recipe.Train) any { return t.LR }),
	}
}

// atMost checks a flag, if it was given.
func atMost(flag string, value *int, most int) error {
	if value != nil && (*value < 1 || *value > most) {
		return badf("%s %d: expected a whole number from 1 to %d", flag, *value, most)
	}
	return nil
}

// comparison returns what the flags ask for.
func (c *compareCmd) comparison(p experiment.Preset) (experiment.Comparison, error) {
	var none experiment.Comparison
	for _, f := range []struct {
		flag  string
		given bool
	}{
		{"--data", c.Data != nil}, {"--data-dir", c.DataDir != nil},
		{"--limit", c.Limit != nil}, {"--config", c.Config != ""},
	} {
		if f.given && p.OwnData {
			return none, badf("%s: does nothing in the main job, expected --model m2-small or m2 with it", f.flag)
		}
	}
	// In a recipe, 0 stands for the default of some of these.
	if err := cmp.Or(atMost("--seeds", c.Seeds, 1000), atMost("--jobs", c.Jobs, 256), atMost("--width", c.Width, 1<<10),
		atMost("--rounds", c.Rounds, 100), atMost("--limit", c.Limit, 1<<30)); err != nil {
		return none, err
	}
	if c.LR != nil && !(*c.LR > 0 && *c.LR <= 10) {
		return none, badf("--lr %v: expected a number above 0 and at most 10", *c.LR)
	}
	base := p.Base()
	if c.Config != "" {
		var err error
		if base, err = recipe.Load(c.Config, c.Model); err != nil {
			return none, bad(fmt.Errorf("--config: %w", err))
		}
		if err := base.Model.SetModel(c.Model); err != nil {
			return none, bad(err)
		}
	}
	if c.Data != nil && *c.Data != base.Data.Name {
		base.Data.Forget()
		base.Model.Input, base.Model.Classes = [3]int{}, 0
	}
	set(&base.Data.Name, c.Data)
	set(&base.Data.Limit, c.Limit)
	set(&base.Train.Epochs, c.Epochs)
	set(&base.Train.Batch, c.Batch)
	set(&base.Train.LR, c.LR)
	for _, f := range []struct {
		option string
		value  *int
	}{{"width", c.Width}, {"rounds", c.Rounds}} {
		if f.value == nil {
			continue
		}
		if err := base.Model.Set(f.option, *f.value); err != nil {
			return none, badf("--%w", err)
		}
	}
	x, err := p.New(base)
	if err != nil {
		if c.Config == "" {
			return none, bad(err)
		}
		return none, badf("--config %s: %w", c.Config, err)
	}
	if err := base.Complete(); err != nil {
		return none, bad(err)
	}
	x.Seeds, x.Seed = p.Seeds, c.Seed
	set(&x.Seeds, c.Seeds)
	set(&x.Jobs, c.Jobs)
	set(&x.From.Dir, c.DataDir)
	return x, nil
}

// Run implements the command.
func (c *compareCmd) Run(env *environment) error {
	presets := experiment.Presets()
	p := presets[slices.IndexFunc(presets, func(p experiment.Preset) bool { return p.Name == c.Model })]
	x, err := c.comparison(p)
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = c.Model + "-report"
		if p.Short {
			c.Out = "elegans-report"
		}
	}
	if err := notAFile("--out", c.Out); err != nil {
		return err
	}
	_, missing := os.Lstat(c.Out)
	absent := errors.Is(missing, fs.ErrNotExist)
	unlock, err := c.claim()
	if err != nil {
		return err
	}
	defer unlock()
	x.Dir = filepath.Join(c.Out, "runs")
	show := progress.New(env.stderr)
	done := 0 // runs that are finished
	x.Hooks = hooks(env, show, &x, &done)
	res, err := x.Run(env.ctx)
	show.Finish()
	if err != nil {
		if absent {
			_ = os.Remove(c.Out) // if it is empty: nothing was begun
		}
		return c.explain(env, &x, done, err)
	}
	if err := report.Write(c.Out, res, commandLine(env)); err != nil {
		return err
	}
	if p.Short {
		if err := os.RemoveAll(x.Dir); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(res.Summary())
	}
	writeComparison(env.stdout, res)
	fmt.Fprintf(env.stderr, "%.1f s in all; open %s\n", res.Seconds, filepath.Join(c.Out, "index.html"))
	return nil
}

// claim makes the folder of the report and keeps a second comparison out of it until the returned
// function is called.
func (c *compareCmd) claim() (unlock func(), err error) {
	if err := makeDir("--out", c.Out); err != nil {
		return nil, err
	}
	if unlock, err = train.Lock(c.Out); err != nil {
		return nil, badf("--out %w; wait for its end, or name another folder", err)
	}
	return unlock, nil
}

// explain tells what the user can mend from what the program cannot do.
func (c *compareCmd) explain(env *environment, x *experiment.Comparison, done int, err error) error {
	var setup *experiment.SetupError
	var held *experiment.FolderError
	switch {
	case env.ctx.Err() != nil && errors.Is(err, context.Canceled):
		return interrupted("stopped with %d of %d runs finished; the same command goes on with the runs in %s",
			done, x.Seeds*len(x.Arms), x.Dir)
	case errors.As(err, &setup):
		return bad(err)
	case errors.As(err, &held):
		return badf("--out %s: %w", c.Out, err)
	}
	return err
}

// commandLine returns how the program was called.
func commandLine(env *environment) string {
	return strings.TrimSpace("elegans " + strings.Join(env.args, " "))
}

// hooks show the progress of runs, and count those that are done.
func hooks(env *environment, show *progress.Display, x *experiment.Comparison, done *int) experiment.Hooks {
	total := x.Seeds * len(x.Arms)
	return experiment.Hooks{
		Start: func(steps, jobs int) {
			show.Line("training %d networks of %d kinds, %d at a time", total, len(x.Arms), min(jobs, total))
			show.Start(steps, 0, "steps")
		},
		Step: func() {
			env.fits = true
			show.Step("")
		},
		Skip: show.Skip,
		Note: func(text string) { show.Line("note: %s", quote.Line(text)) },
		Done: func(r experiment.Run, n int) {
			*done = n
			before := ""
			if r.Recalled {
				before = ", made before"
			}
			show.Line("%3d/%d  %-8s seed %-4d %.1f s%s", n, total, r.Arm, r.Seed, r.Seconds, before)
		},
	}
}

// writeComparison prints the table of a comparison and its verdict.
func writeComparison(w io.Writer, res *experiment.Result) {
	digits := res.Comparison.Text.Digits
	half := digits + 5 // columns of half an interval of the loss
	scored := fmt.Sprintf("mean over %d runs and 95 %% interval (Student's t)", res.Comparison.Seeds)
	names := 14 // columns of the longest name
	for _, r := range res.Rows() {
		names = max(names, utf8.RuneCountInString(r.Title))
	}
	heads := fmt.Sprintf("%-*s  %-18s", names, "network", "test accuracy")
	heldOut := res.Comparison.Text.HeldOut
	if heldOut != "" {
		heads += fmt.Sprintf("  %-18s", heldOut)
	}
	if res.Reconstructs() {
		scored = fmt.Sprintf("last epoch, mean over %d runs, standard deviation and 95 %% interval (Student's t)",
			res.Comparison.Seeds)
		heads = fmt.Sprintf("%-*s  %-12s  %-8s  %-8s", names, "between", "test pixels", "sd", "interval")
	}
	fmt.Fprintf(w, "%d %s to train on, %d to test; %d steps a run; %s\n\n",
		res.Sets.Train.Len(), res.Comparison.Text.Images, res.Sets.Test.Len(), res.Steps[0], scored)
	fmt.Fprintf(w, "%s  %-*s  %10s  %s\n", heads, 2*digits+12, "test loss", "parameters", "s a run")
	for _, r := range res.Rows() {
		mean, interval := res.Percent(r.Accuracy.Mean), r.Accuracy.HalfText(100, digits)
		cells := fmt.Sprintf("%6s %% ± %-7s", mean, interval)
		if heldOut != "" {
			cells += fmt.Sprintf("  %6s %% ± %-7s", res.Percent(r.Valid.Mean), r.Valid.HalfText(100, digits))
		}
		if res.Reconstructs() {
			sd := "–"
			if r.Accuracy.N > 1 {
				sd = res.Percent(r.Accuracy.SD)
			}
			cells = fmt.Sprintf("%8s %%    %-8s  ± %-6s", mean, sd, interval)
		}
		fmt.Fprintf(w, "%-*s  %s  %.*f ± %-*s  %10d  %7.1f\n", names, r.Title, cells,
			digits+2, r.Loss.Mean, half, r.Loss.HalfText(1, digits+2), r.Parameters, r.Seconds)
	}
	for _, b := range res.Baselines {
		fmt.Fprintf(w, "%-*s  %8s %%    %s\n", names, b.Name, res.Percent(b.Accuracy), b.About)
	}
	fmt.Fprintf(w, "\n%s\n", res.Verdict())
	for _, line := range res.Details() {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
