package main

import (
	"encoding/json"
	"fmt"

	"elegans/lab/recipe"
)

type evalCmd struct {
	Checkpoint string  `arg:"" help:"Checkpoint (last.safetensors, best.safetensors, worm.safetensors)."`
	Data       *string `help:"Another data set of the same form: ${dataNames}." placeholder:"NAME"`
	DataDir    *string `help:"Folder or file to read it from." placeholder:"PATH"`
	Download   bool    `help:"Permit fetching the data set into the cache."`
	Part       string  `help:"Part of the data: test, valid or train." enum:"test,valid,train" default:"test"`
	JSON       bool    `name:"json" help:"Print as a JSON object."`
}

func (evalCmd) Help() string {
	return `The model and its normalisation are those that the checkpoint describes; averaged parameters are used where there are any.

Examples:
  elegans eval runs/worm-digits/last.safetensors
  elegans eval runs/worm-mnist/last.safetensors --data-dir mnist-files --part valid --json`
}

// Run implements the command.
func (c *evalCmd) Run(env *environment) error {
	cfg, model, err := recipe.FromCheckpoint[float32](c.Checkpoint)
	if err != nil {
		return bad(err)
	}
	set(&cfg.Data.Name, c.Data)
	set(&cfg.Data.Dir, c.DataDir)
	sets, err := openData(env, cfg, recipe.Source{Download: c.Download})
	if err != nil {
		return err
	}
	env.stop() // from here on nothing is written that Ctrl-C could leave half done
	part := sets.Test
	switch c.Part {
	case "valid":
		part = sets.Valid
	case "train":
		part = sets.Train
	}
	if part == nil {
		return badf("--part valid: the run had no validation part, expected test or train")
	}
	s, err := cfg.Score(env.ctx, model, part)
	if env.ctx.Err() != nil {
		return interrupted("interrupted")
	}
	if err != nil {
		return bad(err)
	}
	if !c.JSON {
		fmt.Fprintf(env.stdout, "%s, %s part of %s: %s\n", cfg.Model.Model, c.Part, cfg.Data.Name, s)
		return nil
	}
	return json.NewEncoder(env.stdout).Encode(struct {
		Checkpoint string `json:"checkpoint"`
		Model      string `json:"model"`
		Data       string `json:"data"`
		Part       string `json:"part"`
		recipe.Score
	}{c.Checkpoint, cfg.Model.Model, cfg.Data.Name, c.Part, s})
}
