package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"elegans/cmd/elegans/internal/bench"
)

type benchCmd struct {
	Only []string      `help:"Measure only what begins with one of these: peak, gemm, unary, binary, rows, csr, conv, step, tensornet." placeholder:"NAME,..."`
	Time time.Duration `help:"Time spent on each figure." default:"400ms"`
	JSON bool          `name:"json" help:"Print one JSON object a figure."`
}

func (benchCmd) Help() string {
	return `Measures the kernels, whole training steps and the connectome network on this machine: the best of many runs of each, with its share of the measured multiply-add peak where that is
the bound. Rows marked scalar are plain Go loops, for comparison. Nothing else should run meanwhile.

Examples:
  elegans bench
  elegans bench --workers 1 --only gemm,tensornet
  ELEGANS_KERNEL=avx2 elegans bench --json`
}

// Run implements the command.
func (c *benchCmd) Run(env *environment) error {
	if c.Time < time.Millisecond || c.Time > time.Minute {
		return badf("--time %v: expected 1ms to 1m", c.Time)
	}
	if !c.JSON {
		fmt.Fprintf(env.stdout, "%-42s %-7s %7s %12s %-8s %6s\n", "name", "kernels", "threads", "value", "unit", "peak")
	}
	var failure error
	measured := 0
	enc := json.NewEncoder(env.stdout)
	bench.Run(bench.Options{Only: c.Only, Time: c.Time, Stop: func() bool { return env.ctx.Err() != nil || failure != nil }}, func(r bench.Result) {
		measured++
		if c.JSON {
			failure = errors.Join(failure, enc.Encode(r))
			return
		}
		share := ""
		if r.PeakShare > 0 {
			share = fmt.Sprintf("%5.1f%%", 100*r.PeakShare)
		}
		_, err := fmt.Fprintf(env.stdout, "%-42s %-7s %7d %12.3f %-8s %6s\n", r.Name, r.Kernels, r.Threads, r.Value, r.Unit, share)
		failure = errors.Join(failure, err)
	})
	if env.ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if measured == 0 {
		return badf("--only %v: found no figure whose name begins so; elegans bench --help lists the names", c.Only)
	}
	return failure
}
