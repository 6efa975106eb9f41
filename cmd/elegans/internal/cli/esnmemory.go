package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"elegans/cmd/elegans/internal/progress"
	"elegans/lab/reservoir"
)

type esnMemoryCmd struct {
	reservoirFlags `embed:""`
	Seeds          int  `help:"Networks, each with weights and inputs of its own (default: ${default})." default:"5" placeholder:"N"`
	Lags           int  `help:"Longest lag of the memory curve (default: ${default})." default:"200" placeholder:"N"`
	Rows           int  `help:"Rows to fit and to test on, each (default: ${default})." default:"10000" placeholder:"N"`
	All            bool `help:"Measure the information processing capacity and the kernel ranks as well."`
	JSON           bool `name:"json" help:"Print as a JSON object, with the whole curve."`
}

func (esnMemoryCmd) Help() string {
	return `Measures reservoirs under independent inputs uniform in [-1, 1]: the memory capacity (squared correlation with the input of so many steps ago, summed over the lags, on rows that were not fitted), the largest Lyapunov exponent and the consistency. By chance every lag adds about one part in --rows.

Examples:
  elegans esn memory --reservoir worm
  elegans esn memory --reservoir ring --input-scale 0.1 --all
  elegans esn memory --neurons 100 --activation linear --bias-scale 0 --json`
}

// Run implements the command.
func (c *esnMemoryCmd) Run(env *environment) error {
	for _, f := range []struct {
		flag  string
		value int
		most  int
	}{{"--seeds", c.Seeds, 10000}, {"--lags", c.Lags, 1 << 20}, {"--rows", c.Rows, 1 << 26}} {
		if f.value < 1 || f.value > f.most {
			return badf("%s %d: expected 1 to %d", f.flag, f.value, f.most)
		}
	}
	if c.Rows < c.Lags {
		return badf("--rows %d: expected at least the %d of --lags, since by chance each lag adds one part in --rows", c.Rows, c.Lags)
	}
	r, err := c.recipe(reservoir.DefaultRecipe())
	if err != nil {
		return err
	}
	env.stop() // nothing is written that Ctrl-C could leave half done
	show := progress.New(env.stderr)
	show.Start(c.Seeds, 0, "networks")
	m, err := reservoir.Measure(env.ctx, r, reservoir.MeasureOptions{
		Seeds: c.Seeds, Lags: c.Lags, Fit: c.Rows, Test: c.Rows, Slow: c.All, Done: func(seed uint64) { show.Step(fmt.Sprintf("seed %d", seed)) },
	})
	show.Finish()
	if err != nil {
		return esnError(env, err)
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(m)
	}
	writeMeasured(env.stdout, m, c.Rows)
	return nil
}

// writeMeasured prints measures on so many rows, and the curve at some lags.
func writeMeasured(w io.Writer, m *reservoir.Measured, rows int) {
	fmt.Fprintf(w, "%s\n", describe(&m.Recipe, m.Neurons))
	fmt.Fprintf(w, "means of %d networks and 95 %% intervals (Student's t)\n\n", m.Memory.N)
	fmt.Fprintf(w, "memory capacity, lags 1 to %d  %s, of which %.2g may be chance\n", len(m.Curve), interval(m.Memory), float64(len(m.Curve))/float64(rows))
	for i, p := range m.Processing {
		fmt.Fprintf(w, "processing capacity, degree %d   %s\n", i+1, interval(p))
	}
	if m.Kernel != nil {
		fmt.Fprintf(w, "kernel rank                     %s\ngeneralisation rank             %s\n", interval(*m.Kernel), interval(*m.Generalisation))
	}
	fmt.Fprintf(w, "largest Lyapunov exponent       %s a step\nconsistency                     %s\n\n", interval(m.Lyapunov), interval(m.Consistency))
	fmt.Fprintf(w, "%-5s  %s\n", "lag", "memory")
	for k, next := 1, 1; k <= len(m.Curve); k++ {
		if k < next && k < len(m.Curve) {
			continue
		}
		fmt.Fprintf(w, "%-5d  %s\n", k, interval(m.Curve[k-1]))
		next = max(k+1, k*3/2)
	}
}
