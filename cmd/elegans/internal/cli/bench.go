package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"elegans/cmd/elegans/internal/bench"
	"elegans/lab/zoo"
)

type benchCmd struct {
	Model string `arg:"" optional:"" help:"Measure this model and not the kernels: ${modelNames}; or esn, echo-state networks alone."`

	Only []string       `help:"Measure only what begins with one of these: peak, gemm, unary, binary, rows, csr, conv, step, tensornet, esn, former." placeholder:"NAME" group:"Kernels"`
	Time *time.Duration `help:"Time spent on each figure (default: 400ms)." placeholder:"TIME" group:"Kernels"`

	What       []string `help:"Quantities in this order: step, forward, forward1 (one image), read (of all parameters), memory; - reads them from standard input, one a line." placeholder:"NAME" group:"A model"`
	Start      *string  `help:"Weights: own, or gamma05 and gamma1 for those of the recorded values of m2-upstream (default: own)." placeholder:"NAME" group:"A model"`
	Seed       *uint64  `help:"Seed of the start own (default: 1)." placeholder:"N" group:"A model"`
	Batch      *int     `help:"Images of a step and of forward (default: 128)." placeholder:"N" group:"A model"`
	Runs       *int     `help:"Measurements of each quantity, after one that warms up (default: 5)." placeholder:"N" group:"A model"`
	DataDir    *string  `help:"Folder of the MNIST files from which the images are taken (default: random images)." placeholder:"PATH" group:"A model"`
	CPUProfile *string  `name:"cpuprofile" help:"Write a profile of all measurements to this file, for go tool pprof." placeholder:"FILE" group:"A model"`

	JSON bool `name:"json" help:"Print one JSON object a figure."`
}

func (benchCmd) Help() string {
	return `Measures the kernels, whole training steps and the connectome network on this machine: the best of many runs of each, with its share of the measured multiply-add peak where that is
the bound. Rows marked scalar are plain Go loops, for comparison. With a MODEL it measures that one as it is trained: time of a step, of a forward pass, and peak memory.
Nothing else should run meanwhile.

Examples:
  elegans bench
  elegans bench esn --workers 1
  elegans bench --workers 1 --only gemm,tensornet
  ELEGANS_KERNEL=avx2 elegans bench --json
  elegans bench m2-upstream --start gamma05 --data-dir mnist-files
  elegans bench m2 --what step --cpuprofile step.pprof`
}

// Run implements the command.
func (c *benchCmd) Run(env *environment) error {
	if c.Model == "esn" && c.Only == nil { // not a model, but what --only begins with
		c.Model, c.Only = "", []string{"esn"}
	}
	for _, f := range []struct {
		flag         string
		given, model bool // model: whether it is about a model
	}{
		{"only", c.Only != nil, false}, {"time", c.Time != nil, false}, {"what", c.What != nil, true}, {"start", c.Start != nil, true}, {"seed", c.Seed != nil, true},
		{"batch", c.Batch != nil, true}, {"runs", c.Runs != nil, true}, {"data-dir", c.DataDir != nil, true}, {"cpuprofile", c.CPUProfile != nil, true},
	} {
		if f.given && !f.model && c.Model != "" {
			return badf("--%s: does nothing with a model, expected none of %q", f.flag, c.Model)
		}
		if f.given && f.model && c.Model == "" {
			return badf("--%s: does nothing without a model, expected one of %s", f.flag, strings.Join(zoo.Names(), ", "))
		}
	}
	if c.CPUProfile == nil {
		env.stop() // nothing is written that Ctrl-C could leave half done
	}
	if c.Model != "" {
		return c.model(env)
	}
	return c.kernels(env)
}

func (c *benchCmd) kernels(env *environment) error {
	each := 400 * time.Millisecond
	if c.Time != nil {
		each = *c.Time
	}
	if each < time.Millisecond || each > time.Minute {
		return badf("--time %v: expected 1ms to 1m", each)
	}
	var failure error
	measured := 0
	enc := json.NewEncoder(env.stdout)
	bench.Run(bench.Options{Only: c.Only, Time: each, Stop: func() bool { return env.ctx.Err() != nil || failure != nil }}, func(r bench.Result) {
		measured++
		if c.JSON {
			failure = errors.Join(failure, enc.Encode(r))
			return
		}
		if measured == 1 {
			fmt.Fprintf(env.stdout, "%-42s %-7s %7s %12s %-8s %6s\n", "name", "kernels", "threads", "value", "unit", "peak")
		}
		share := ""
		if r.PeakShare > 0 {
			share = fmt.Sprintf("%5.1f%%", 100*r.PeakShare)
		}
		_, err := fmt.Fprintf(env.stdout, "%-42s %-7s %7d %12.3f %-8s %6s\n", r.Name, r.Kernels, r.Threads, r.Value, r.Unit, share)
		failure = errors.Join(failure, err)
	})
	if env.ctx.Err() != nil {
		return interrupted("interrupted")
	}
	if measured == 0 {
		return badf("--only %v: found no figure whose name begins so; elegans bench --help lists the names", c.Only)
	}
	return failure
}
