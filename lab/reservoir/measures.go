package reservoir

import (
	"context"
	"fmt"

	"elegans/esn"
	"elegans/lab/jobs"
	"elegans/lab/stats"
	"elegans/tensor"
)

// MeasureOptions of Measure. The zero value stands for the defaults.
type MeasureOptions struct {
	Seeds int // networks: 5. The first has the seed of the recipe.
	// Lags of the memory curve are 1 to so many, Fit and Test the rows of the memory capacity and,
	// together, of the processing capacity: see esn.CapacityOptions.
	Lags, Fit, Test int
	// Slow measures the information processing capacity and the kernel ranks as well.
	Slow bool
	Jobs int // networks at a time: as many as there are workers
	Done func(seed uint64)
}

// Measured is what reservoirs of a recipe can do with inputs uniform in [-1, 1], means over the
// seeds with Student's intervals. No readout of the recipe is in use.
type Measured struct {
	Recipe  Recipe `json:"recipe"`
	Neurons int    `json:"neurons"`
	// Curve is the memory at lags 1, 2, ..., and Memory its sum.
	Curve  []stats.Estimate `json:"curve"`
	Memory stats.Estimate   `json:"memory_capacity"`
	// Processing are the capacities of the degrees from 1 on.
	Processing     []stats.Estimate `json:"processing_capacity,omitempty"`
	Kernel         *stats.Estimate  `json:"kernel_rank,omitempty"`
	Generalisation *stats.Estimate  `json:"generalisation_rank,omitempty"`
	// Lyapunov is the largest exponent of a step, Consistency the mean over the neurons.
	Lyapunov    stats.Estimate `json:"lyapunov_exponent"`
	Consistency stats.Estimate `json:"consistency"`
}

// measuredRows is the length of the input for the exponent and the consistency, and measuredWashout
// how many of them come before.
const measuredRows, measuredWashout = 2000, 200

// measures are those of one reservoir.
type measures struct {
	neurons                int
	curve, degrees         []float64
	memory                 float64
	kernel, generalisation float64
	lyapunov, consistency  float64
}

// Measure builds the reservoir of a recipe for each seed and measures it.
func Measure(ctx context.Context, r Recipe, o MeasureOptions) (*Measured, error) {
	if o.Seeds == 0 {
		o.Seeds = 5
	}
	if o.Jobs == 0 {
		o.Jobs = tensor.Workers()
	}
	if o.Seeds < 1 {
		return nil, fmt.Errorf("%d seeds, expected at least 1", o.Seeds)
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	all := make([]measures, o.Seeds)
	err := jobs.Run(ctx, o.Seeds, o.Jobs, func(ctx context.Context, i int, locked func(func())) error {
		c := r.Reservoir
		c.Seed += uint64(i)
		var err error
		if r.Precision == Float32 {
			all[i], err = measure[float32](ctx, c, o)
		} else {
			all[i], err = measure[float64](ctx, c, o)
		}
		if err != nil {
			return fmt.Errorf("seed %d: %w", c.Seed, err)
		}
		if o.Done != nil {
			locked(func() { o.Done(c.Seed) })
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	over := func(of func(m *measures) float64) stats.Estimate {
		x := make([]float64, len(all))
		for i := range all {
			x[i] = of(&all[i])
		}
		return stats.NewEstimate(x)
	}
	m := &Measured{
		Recipe: r, Neurons: all[0].neurons, Memory: over(func(m *measures) float64 { return m.memory }),
		Lyapunov: over(func(m *measures) float64 { return m.lyapunov }), Consistency: over(func(m *measures) float64 { return m.consistency }),
	}
	for k := range all[0].curve {
		m.Curve = append(m.Curve, over(func(m *measures) float64 { return m.curve[k] }))
	}
	for k := range all[0].degrees {
		m.Processing = append(m.Processing, over(func(m *measures) float64 { return m.degrees[k] }))
	}
	if o.Slow {
		kernel, general := over(func(m *measures) float64 { return m.kernel }), over(func(m *measures) float64 { return m.generalisation })
		m.Kernel, m.Generalisation = &kernel, &general
	}
	return m, nil
}

// measure is Measure for one seed.
func measure[T tensor.Float](ctx context.Context, c esn.Config, o MeasureOptions) (m measures, err error) {
	d, err := esn.Build[T](c, 1, 1)
	if err != nil {
		return m, err
	}
	m.neurons = d.Size()
	capacity := esn.CapacityOptions{Lags: o.Lags, Fit: o.Fit, Test: o.Test, Seed: c.Seed}
	if m.curve, m.memory, err = d.Memory(capacity); err != nil {
		return m, err
	}
	u := tensor.Uniform[T](tensor.NewKey(c.Seed, "reservoir.measure"), -1, 1, measuredRows, 1)
	exponents, err := d.Lyapunov(u, esn.LyapunovOptions{Washout: measuredWashout, Seed: c.Seed})
	if err != nil {
		return m, err
	}
	m.lyapunov = exponents[0]
	same, err := d.Consistency(u, esn.ConsistencyOptions{Washout: measuredWashout, Seed: c.Seed})
	if err != nil {
		return m, err
	}
	m.consistency = same.Mean
	if !o.Slow || ctx.Err() != nil {
		return m, ctx.Err()
	}
	list, _, err := d.Processing(capacity)
	if err != nil {
		return m, err
	}
	for _, p := range list {
		m.degrees = append(m.degrees, p.Kept)
	}
	q, err := d.Quality(esn.QualityOptions{Seed: c.Seed})
	m.kernel, m.generalisation = float64(q.Kernel.Millionth), float64(q.Generalisation.Millionth)
	return m, err
}
