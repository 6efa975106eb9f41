package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"elegans/autograd/nn"
	"elegans/data"
	"elegans/internal/memory"
	"elegans/lab/inspect"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

type inspectCmd struct {
	Model    string  `arg:"" help:"Model (${modelNames}) with its usual sizes and initial weights, checkpoint (.safetensors), or description of a run (.json)."`
	Data     *string `help:"Data set: ${dataNames} (default: that of the model)." placeholder:"NAME"`
	DataDir  *string `help:"Folder or file to read it from." placeholder:"PATH"`
	Download bool    `help:"Permit fetching the data set into the cache."`
	Batch    int     `help:"Images to look at." default:"32" placeholder:"N"`
	Seed     *uint64 `help:"Seed of the choice of images and, without a checkpoint, of the weights (default: 1)." placeholder:"N"`
	Dtype    string  `help:"Precision: float32, float64." enum:"float32,float64" default:"float32"`
	JSON     bool    `name:"json" help:"Print as a JSON object, with every head and neuron."`
}

func (inspectCmd) Help() string {
	return `Runs a model once forward and backward on images of the training set, in training mode, and shows for every layer: shape of the result for the batch, parameters, multiply-accumulates an
image, mean, deviation, largest absolute value and share of exact zeros of the result, norm of the gradient of the result and of the layer's parameters; for an attention its entropy; for a
connectome network which neurons receive a gradient and which motor neurons attention.

Examples:
  elegans inspect worm
  elegans inspect m2-upstream --data-dir mnist-files
  elegans inspect runs/m2-mnist/last.safetensors --batch 128 --json
  elegans inspect m2 --dtype float64`
}

// Run implements the command.
func (c *inspectCmd) Run(env *environment) error {
	if c.Batch < 1 || c.Batch > 1<<12 {
		return badf("--batch %d: expected 1 to %d", c.Batch, 1<<12)
	}
	if c.Dtype == "float64" {
		return inspectAs[float64](c, env)
	}
	return inspectAs[float32](c, env)
}

// subject returns the description of what is to be inspected, with its model if that came from a
// checkpoint.
func subject[T tensor.Float](c *inspectCmd) (*recipe.Config, nn.Module[T], error) {
	switch filepath.Ext(c.Model) {
	case ".json":
		cfg, err := recipe.Load(c.Model, "")
		return &cfg, nil, err
	case ".safetensors":
		return recipe.FromCheckpoint[T](c.Model)
	}
	if _, err := zoo.Lookup(c.Model); err != nil {
		if _, err := os.Stat(c.Model); !errors.Is(err, fs.ErrNotExist) {
			return recipe.FromCheckpoint[T](c.Model) // a checkpoint under an unusual name
		}
		return nil, nil, fmt.Errorf("%w, or a file", err)
	}
	cfg := recipe.Default(c.Model)
	return &cfg, nil, nil
}

// images returns the images to look at: those that the model is trained on, or data of the same
// form for one that is trained already.
func (c *inspectCmd) images(env *environment, cfg *recipe.Config, trained bool) (images *data.Dataset, err error) {
	err = openData(env, recipe.Source{Download: c.Download}, func(from recipe.Source) error {
		if !trained {
			if err := (&recipeFlags{Data: c.Data, DataDir: c.DataDir, Seed: c.Seed}).apply(cfg); err != nil {
				return err
			}
			sets, err := cfg.Open(env.ctx, from)
			if err == nil {
				images = sets.Train
			}
			return err
		}
		given, err := cfg.OpenGiven(env.ctx, c.Data, c.DataDir, from)
		if err != nil {
			return err
		}
		note(env, given.Notes)
		if images = given.Whole; images == nil {
			images = given.Train
		}
		return nil
	})
	return images, err
}

func inspectAs[T tensor.Float](c *inspectCmd, env *environment) error {
	cfg, model, err := subject[T](c)
	if err != nil {
		return bad(err)
	}
	images, err := c.images(env, cfg, model != nil)
	if err != nil {
		return err
	}
	env.stop() // from here on nothing is written that Ctrl-C could leave half done
	if model == nil {
		if model, err = zoo.Build[T](cfg.Model); err != nil {
			return bad(err)
		}
	}
	seed := uint64(1)
	set(&seed, c.Seed)
	batch, err := recipe.FirstBatch[T](cfg, images, c.Batch, seed)
	if err != nil {
		return bad(err)
	}
	g, err := cfg.Model.LoadGraph()
	if err != nil {
		return bad(err)
	}
	report, err := inspect.Run(model, recipe.Objective(cfg, model), batch, g, tensor.NewKey(seed, "inspect"))
	if err != nil {
		return err
	}
	if c.JSON {
		peak, _ := memory.Peak()
		return json.NewEncoder(env.stdout).Encode(struct {
			Model string `json:"model"`
			Data  string `json:"data"`
			Dtype string `json:"dtype"`
			*inspect.Report
			PeakMemory int64 `json:"peak_memory_bytes"`
		}{cfg.Model.Model, images.Name(), c.Dtype, report, peak})
	}
	fmt.Fprintf(env.stdout, "%s on %s, %s: ", cfg.Model.Model, images.Name(), c.Dtype)
	if err := report.WriteTable(env.stdout); err != nil {
		return err
	}
	fmt.Fprintln(env.stderr, memory.Line())
	return nil
}
