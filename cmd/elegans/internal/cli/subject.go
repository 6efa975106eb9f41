package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"elegans/autograd/nn"
	"elegans/data"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// subject is what a command looks into: a model and images for it.
type subject struct {
	Model    string  `arg:"" help:"Model (${modelNames}) with its usual sizes and initial weights, checkpoint (.safetensors), or description of a run (.json)."`
	Data     *string `help:"Data set: ${dataNames} (default: that of the model)." placeholder:"NAME"`
	DataDir  *string `help:"Folder or file to read it from." placeholder:"PATH"`
	Download bool    `help:"Permit fetching the data set into the cache."`
	Batch    int     `help:"Images to look at." default:"32" placeholder:"N"`
	Seed     *uint64 `help:"Seed of the choice of images and, without a checkpoint, of the weights (default: 1)." placeholder:"N"`
}

// check refuses sizes that no batch has.
func (c *subject) check() error {
	if c.Batch < 1 || c.Batch > 1<<12 {
		return badf("--batch %d: expected 1 to %d", c.Batch, 1<<12)
	}
	return nil
}

func (c *subject) seed() uint64 {
	seed := uint64(1)
	set(&seed, c.Seed)
	return seed
}

// modelOf returns the description of what is to be looked at, with its model if that came from a
// checkpoint.
func modelOf[T tensor.Float](c *subject) (*recipe.Config, nn.Module[T], error) {
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
func (c *subject) images(env *environment, cfg *recipe.Config, trained bool) (images *data.Dataset, err error) {
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
