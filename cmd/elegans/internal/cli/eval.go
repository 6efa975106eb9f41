package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"elegans/internal/quote"
	"elegans/lab/recipe"
)

type evalCmd struct {
	Checkpoint string  `arg:"" help:"Checkpoint (last.safetensors, best.safetensors, worm.safetensors)."`
	Data       *string `help:"Another data set of the same form: ${dataNames}." placeholder:"NAME"`
	DataDir    *string `help:"Folder or file to read it from." placeholder:"PATH"`
	Download   bool    `help:"Permit fetching the data set into the cache."`
	Part       *string `help:"Part of the data: test, valid or train (default: test; data that are not the run's and have no division are used whole)." placeholder:"PART"`
	JSON       bool    `name:"json" help:"Print as a JSON object."`
}

func (evalCmd) Help() string {
	return `The model and its normalisation are those that the checkpoint describes; averaged parameters are used where there are any. The data are compared with the record of the run: others are
named as such, their labels are translated to the run's classes by name, and data without a division of their own are used whole.

Examples:
  elegans eval runs/worm-digits/last.safetensors
  elegans eval runs/worm-mnist/last.safetensors --data-dir mnist-files --part valid --json
  elegans eval runs/mine/best.safetensors --data-dir new-pictures`
}

// Run implements the command.
func (c *evalCmd) Run(env *environment) error {
	if c.Part != nil && !slices.Contains([]string{"test", "valid", "train"}, *c.Part) {
		return badf("--part %s: expected test, valid or train", quote.Text(*c.Part))
	}
	cfg, model, err := recipe.FromCheckpoint[float32](c.Checkpoint)
	if err != nil {
		return bad(err)
	}
	var given *recipe.Given
	err = openData(env, recipe.Source{Download: c.Download}, func(from recipe.Source) (err error) {
		given, err = cfg.OpenGiven(env.ctx, c.Data, c.DataDir, from)
		return err
	})
	if err != nil {
		return err
	}
	env.stop() // from here on nothing is written that Ctrl-C could leave half done
	name := ""
	set(&name, c.Part)
	part, what, err := given.Part(name)
	if err != nil {
		return badf("--part: %w", err)
	}
	note(env, given.Notes)
	s, err := cfg.Score(env.ctx, model, part)
	if env.ctx.Err() != nil {
		return interrupted("interrupted")
	}
	if err != nil {
		return bad(err)
	}
	if !c.JSON {
		fmt.Fprintf(env.stdout, "%s, %s: %s\n", cfg.Model.Model, what, s)
		return nil
	}
	name = cmp.Or(name, "test")
	if given.Whole != nil {
		name = "all"
	}
	return json.NewEncoder(env.stdout).Encode(struct {
		Checkpoint string `json:"checkpoint"`
		Model      string `json:"model"`
		Data       string `json:"data"`
		Own        bool   `json:"data_of_the_run"`
		Part       string `json:"part"`
		recipe.Score
	}{c.Checkpoint, cfg.Model.Model, part.Name(), given.Own, name, s})
}
