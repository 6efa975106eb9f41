package cli

import (
	"encoding/json"
	"fmt"

	"elegans/internal/memory"
	"elegans/lab/inspect"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

type inspectCmd struct {
	subject
	Dtype string `help:"Precision: float32, float64." enum:"float32,float64" default:"float32"`
	JSON  bool   `name:"json" help:"Print as a JSON object, with every head and neuron."`
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
	if err := c.check(); err != nil {
		return err
	}
	if c.Dtype == "float64" {
		return inspectAs[float64](c, env)
	}
	return inspectAs[float32](c, env)
}

func inspectAs[T tensor.Float](c *inspectCmd, env *environment) error {
	cfg, model, err := modelOf[T](&c.subject)
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
	batch, err := recipe.FirstBatch[T](cfg, images, c.Batch, c.seed())
	if err != nil {
		return bad(err)
	}
	g, err := cfg.Model.LoadGraph()
	if err != nil {
		return bad(err)
	}
	report, err := inspect.Run(model, recipe.Objective(cfg, model), batch, g, tensor.NewKey(c.seed(), "inspect"))
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
