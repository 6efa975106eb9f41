package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/lab/devices"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

type compareDevicesCmd struct {
	subject
	Steps     int      `help:"Steps of training on the batch, whose losses are compared, and the parameters after them." default:"0" placeholder:"N"`
	Optimizer string   `help:"Of these steps, with the learning rate of the description: a name such as sgd, or own for that of the description. An adaptive one (adamw) takes full steps where a gradient is 0 but for rounding, so that parameters then differ." default:"sgd" placeholder:"NAME"`
	Dtype     string   `help:"Precision: float32, float64, both." enum:"float32,float64,both" default:"both"`
	Tolerance *float64 `help:"Largest difference allowed, relative to the largest element of the tensor (default: 1e-4 in float32, 1e-9 in float64)." placeholder:"X"`
	JSON      bool     `name:"json" help:"Print one JSON object for each precision."`
}

func (compareDevicesCmd) Help() string {
	return `Runs a model forward and backward on one batch, on the processor and on the device that --device names, and shows for every tensor, in the order of computation, the largest absolute difference
and that relative to the largest element: results of the layers, loss, gradients of the layers and of the parameters. The last line names the first tensor that departs; then the exit code is 1.

Examples:
  elegans --device cuda compare-devices worm
  elegans --device cuda compare-devices runs/m2-mnist/last.safetensors --batch 8
  elegans --device cuda compare-devices mlp --steps 10 --dtype float64 --json`
}

// Run implements the command.
func (c *compareDevicesCmd) Run(env *environment) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Steps < 0 || c.Steps > 1<<20 {
		return badf("--steps %d: expected 0 to %d", c.Steps, 1<<20)
	}
	if c.Tolerance != nil && !(*c.Tolerance >= 0 && *c.Tolerance <= math.MaxFloat64) {
		return badf("--tolerance %g: expected a finite number that is not negative", *c.Tolerance)
	}
	names := append([]string{"own"}, optim.Names()...)
	if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, c.Optimizer) }) {
		return badf("--optimizer %q: unknown, expected one of %s", c.Optimizer, strings.Join(names, ", "))
	}
	if env.device == "cpu" {
		return badf("compare-devices compares with a device: expected --device cuda before the command")
	}
	if env.open == nil { // does not return where there is such a program
		return env.onDevice(func() error { return nil })
	}
	env.stop() // nothing is written that Ctrl-C could leave half done
	departing := []error{}
	compare := func(run func(*compareDevicesCmd, *environment, float64) (*devices.Report, error), tolerance float64) error {
		set(&tolerance, c.Tolerance)
		r, err := run(c, env, tolerance)
		if err != nil {
			return err
		}
		if !r.OK() {
			departing = append(departing, errors.New(r.Summary()))
		}
		if c.JSON {
			return json.NewEncoder(env.stdout).Encode(r)
		}
		return r.WriteTable(env.stdout)
	}
	if c.Dtype != "float32" {
		if err := compare(compareDevicesAs[float64], 1e-9); err != nil {
			return err
		}
	}
	if c.Dtype != "float64" {
		if err := compare(compareDevicesAs[float32], 1e-4); err != nil {
			return err
		}
	}
	return errors.Join(departing...)
}

// compareDevicesAs records the model on the processor, and a second one with the same weights on
// the device.
func compareDevicesAs[T tensor.Float](c *compareDevicesCmd, env *environment, tolerance float64) (*devices.Report, error) {
	cfg, model, err := modelOf[T](&c.subject)
	if err != nil {
		return nil, bad(err)
	}
	trained := model != nil
	images, err := c.images(env, cfg, trained)
	if err != nil {
		return nil, err
	}
	batch, err := recipe.FirstBatch[T](cfg, images, c.Batch, c.seed())
	if err != nil {
		return nil, bad(err)
	}
	record := func() (t *devices.Trace[T], err error) {
		var model nn.Module[T]
		if trained {
			_, model, err = recipe.FromCheckpoint[T](c.Model)
		} else {
			model, err = zoo.Build[T](cfg.Model)
		}
		if err != nil {
			return nil, bad(err)
		}
		task := devices.Task[T]{Objective: recipe.Objective(cfg, model), Batch: batch, Key: tensor.NewKey(c.seed(), "compare-devices"), Steps: c.Steps}
		if c.Steps > 0 {
			if task.Optimizer, err = optimizerOf(c.Optimizer, cfg, model); err != nil {
				return nil, bad(err)
			}
		}
		return devices.Record(model, task)
	}
	want, err := record()
	if err != nil {
		return nil, err
	}
	var got *devices.Trace[T]
	err = env.onDevice(func() (err error) {
		got, err = record()
		return err
	})
	if err != nil {
		return nil, err
	}
	return devices.Compare(want, got, tolerance)
}

// optimizerOf returns the optimiser of a name, with the learning rate of the description, or that
// of the description.
func optimizerOf[T tensor.Float](name string, cfg *recipe.Config, model nn.Module[T]) (*optim.Optimizer[T], error) {
	if strings.EqualFold(name, "own") {
		return recipe.NewOptimizer(cfg, model)
	}
	o, err := optim.New(name, nn.Trainable(model), fmt.Appendf(nil, `{"lr": %g}`, cfg.Train.LR))
	if err != nil {
		return nil, fmt.Errorf("--optimizer: %w", err)
	}
	return o, nil
}
