package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"elegans/lab/reservoir"
)

type esnStreamCmd struct {
	Network        string   `arg:"" optional:"" help:"File of a network, as esn train --out writes them."`
	New            bool     `help:"Begin with a network that has learnt nothing and learns from --target (default readout: rls)." group:"Stream"`
	Target         []string `help:"Columns that are learnt and predicted, by name or by number from 0, separated by commas. The readout has to be one that learns online." placeholder:"LIST" group:"Stream"`
	SameRow        bool     `help:"A row predicts the target in it, which is then no input; otherwise it predicts that of the next row." group:"Stream"`
	State          string   `help:"File for network and state: the stream goes on from it if it is there, and it is written at the end, at Ctrl-C and once a minute." placeholder:"FILE" group:"Stream"`
	reservoirFlags `embed:""`
}

func (esnStreamCmd) Help() string {
	return `Reads rows of numbers from standard input, separated by commas, semicolons or tabs, and answers each at once with a line of predictions. The first line may hold names. With --target the readout goes on learning.

Ctrl-C and the end of the input save --state; the same command goes on from there bit for bit. A row that is malformed ends the stream, and nothing of it is taken.

Examples:
  tail -f sensors.csv | elegans esn stream --new --target temperature --neurons 200 --state sensors.safetensors
  elegans esn stream run/network-1.safetensors < new.csv
  elegans esn stream --new --target 0 --same-row --set readout.forgetting=0.999 < pairs.csv`
}

// Run implements the command.
func (c *esnStreamCmd) Run(env *environment) error {
	returnBrokenPipes()
	p, err := c.pipe()
	if err != nil {
		return err
	}
	saved, last := -1, time.Now()
	save := func() error {
		last = time.Now()
		if c.State == "" || p.Model == nil || p.Model.Steps() == saved {
			return nil
		}
		saved = p.Model.Steps()
		return p.Model.Save(c.State)
	}
	p.Row = func() error {
		env.fits = true
		if time.Since(last) < saveEvery {
			return nil
		}
		return save()
	}
	err = p.Run(env.ctx, os.Stdin, env.stdout)
	var lost *reservoir.LostError
	if errors.As(err, &lost) {
		return err
	}
	if err := save(); err != nil {
		return err
	}
	where := ""
	if saved >= 0 {
		where = fmt.Sprintf("; the state after %d rows is saved, the same command goes on with the next", saved)
	}
	var line *reservoir.LineError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return interrupted("interrupted%s", where)
	case errors.As(err, &line):
		return badf("%w%s", err, where)
	}
	return fmt.Errorf("%w%s", err, where)
}

// pipe returns the stream with the network from the state, from a file, or one to be made.
func (c *esnStreamCmd) pipe() (*reservoir.Pipe, error) {
	p := &reservoir.Pipe{Columns: reservoir.Columns{Targets: c.Target, SameRow: c.SameRow}}
	switch {
	case c.New == (c.Network != ""):
		return nil, badf("esn stream: expected a network, or --new")
	case c.SameRow && len(c.Target) == 0:
		return nil, badf("--same-row: does nothing without --target")
	case c.New && len(c.Target) == 0:
		return nil, badf("--new: a network that has learnt nothing, expected --target COLUMN to learn from")
	case !c.New && c.given():
		return nil, badf("esn stream: the network is in %s, expected --new with options of another", c.Network)
	}
	var resumed *reservoir.Model
	if c.State != "" {
		var err error
		if resumed, err = reservoir.Open(c.State); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, badf("--state: %w", err)
		}
	}
	if c.New {
		return p, c.fresh(p, resumed)
	}
	if p.Model = resumed; resumed == nil {
		var err error
		if p.Model, err = reservoir.Open(c.Network); err != nil {
			return nil, bad(err)
		}
	}
	if len(c.Target) > 0 {
		if err := p.Model.CanLearn(); err != nil {
			return nil, badf("--target: %w", err)
		}
	}
	if before := p.Model.Notes.Stream; before != nil && resumed != nil &&
		(!slices.Equal(before.Targets, c.Target) || before.SameRow != c.SameRow) {
		return nil, badf("--state %s: the stream before had --target %v and --same-row %v, expected the same", c.State, before.Targets, before.SameRow)
	}
	p.Model.Notes.Stream = &p.Columns
	return p, nil
}

// fresh is pipe for a network that the flags describe.
func (c *esnStreamCmd) fresh(p *reservoir.Pipe, resumed *reservoir.Model) error {
	if c.Readout == nil && c.Config == "" {
		rls := "rls"
		c.Readout = &rls
	}
	r, err := c.recipe(reservoir.DefaultRecipe())
	if err != nil {
		return err
	}
	if p.Make, err = reservoir.Fresh(r, p.Columns); err != nil {
		return badf("--readout: %w", err)
	}
	if resumed != nil {
		if err := resumed.Differs(r, p.Columns); err != nil {
			return badf("--state %s: %w, as the options say; name another file", c.State, err)
		}
		p.Model = resumed
	}
	return nil
}
