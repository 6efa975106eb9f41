package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"strings"

	"elegans/cmd/elegans/internal/bench"
	"elegans/data/atomicfile"
	"elegans/lab/zoo"
)

// modelOptions completes and checks the options about a model.
func (c *benchCmd) modelOptions() (o bench.ModelOptions, runs int, err error) {
	o, runs = bench.ModelOptions{Model: c.Model, Start: "own", Seed: 1, Batch: 128}, 5
	if c.Start != nil {
		o.Start = *c.Start
	}
	if c.Seed != nil {
		o.Seed = *c.Seed
	}
	if c.Batch != nil {
		o.Batch = *c.Batch
	}
	if c.DataDir != nil {
		o.Data = *c.DataDir
	}
	if c.Runs != nil {
		runs = *c.Runs
	}
	if c.What == nil {
		c.What = bench.Quantities
	}
	_, unknown := zoo.Lookup(o.Model)
	switch {
	case unknown != nil:
		err = bad(unknown)
	case !slices.Contains(bench.Starts, o.Start):
		err = badf("--start %q: unknown, expected one of %s", o.Start, strings.Join(bench.Starts, ", "))
	case o.Start != "own" && c.Seed != nil:
		err = badf("--seed: does nothing with --start %s, expected --start own", o.Start)
	case o.Batch < 1 || o.Batch > 4096:
		err = badf("--batch %d: expected 1 to 4096", o.Batch)
	case runs < 1 || runs > 1000:
		err = badf("--runs %d: expected 1 to 1000", runs)
	case c.Runs != nil && c.turns():
		err = badf("--runs: does nothing with --what -, which measures each line once")
	}
	for _, what := range c.What {
		if err == nil && !c.turns() && !slices.Contains(bench.Quantities, what) {
			err = badf("--what %q: unknown, expected some of %s, or -", what, strings.Join(bench.Quantities, ", "))
		}
	}
	return o, runs, err
}

// turns reports whether standard input says what to measure, so that several programs can take
// turns.
func (c *benchCmd) turns() bool { return slices.Equal(c.What, []string{"-"}) }

// model measures a model.
func (c *benchCmd) model(env *environment) error {
	o, runs, err := c.modelOptions()
	if err != nil {
		return err
	}
	m, err := bench.NewModel(env.ctx, o)
	if err != nil {
		return badf("%w", err)
	}
	measure := func() error {
		if c.turns() {
			return c.takeTurns(env, m)
		}
		return c.list(env, m, runs)
	}
	if c.CPUProfile == nil {
		return measure()
	}
	return atomicfile.Write(*c.CPUProfile, func(w io.Writer) error {
		if err := pprof.StartCPUProfile(w); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
		return measure()
	})
}

// takeTurns measures what standard input says.
func (c *benchCmd) takeTurns(env *environment, m *bench.Model) error {
	out := json.NewEncoder(env.stdout)
	if err := out.Encode(m.Built()); err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		r, err := m.Measure(in.Text())
		if err != nil {
			return badf("standard input: %w", err)
		}
		if err := out.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// list measures the quantities one after the other.
func (c *benchCmd) list(env *environment, m *bench.Model, runs int) error {
	built := m.Built()
	if !c.JSON {
		fmt.Fprintf(env.stdout, "%s, start %s, batch %d, %s kernels, %d threads, GOGC %d, %.1f MiB when built\n", built.Model, built.Start, built.Batch, built.Kernels, built.Threads, built.GOGC, built.MiB)
		fmt.Fprintf(env.stdout, "%-9s %10s %10s %10s %9s %6s %7s %9s\n", "what", "median, s", "least", "most", "GFLOP/s", "peak", "GB/s", "MiB")
	}
	for _, what := range c.What {
		n := runs + 1 // the first warms up
		if what == "memory" {
			n = 1
		}
		results := make([]bench.ModelResult, n)
		for i := range results {
			if env.ctx.Err() != nil {
				return interrupted("interrupted")
			}
			r, err := m.Measure(what)
			if err != nil {
				return err
			}
			results[i] = r
		}
		if n > 1 {
			results = results[1:]
		}
		if err := c.show(env, results); err != nil {
			return err
		}
	}
	return nil
}

// show prints the measurements of one quantity: all of them as JSON, or their median and range.
func (c *benchCmd) show(env *environment, results []bench.ModelResult) error {
	if c.JSON {
		out := json.NewEncoder(env.stdout)
		for _, r := range results {
			if err := out.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	slices.SortFunc(results, func(a, b bench.ModelResult) int { return cmp.Compare(a.Seconds, b.Seconds) })
	number := func(format string, v float64) string {
		if v == 0 {
			return ""
		}
		return fmt.Sprintf(format, v)
	}
	median := results[len(results)/2]
	_, err := fmt.Fprintf(env.stdout, "%-9s %10s %10s %10s %9s %6s %7s %9s\n", median.What, number("%.4f", median.Seconds), number("%.4f", results[0].Seconds), number("%.4f", results[len(results)-1].Seconds),
		number("%.1f", median.GFLOPS), number("%.1f%%", 100*median.PeakShare), number("%.1f", median.GBPS), number("%.1f", median.MiB))
	return err
}
