package bench

import (
	"strings"
	"time"

	"elegans/tensor"
)

// Result is one figure.
type Result struct {
	Name string `json:"name"`
	// kernel set, or "scalar" for the plain Go loop that a kernel is compared with
	Kernels   string  `json:"kernels"`
	Threads   int     `json:"threads"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"` // GFLOP/s, M/s (million elements a second), ms, us or MiB
	PeakShare float64 `json:"peak_share,omitempty"`
}

// Options of Run.
type Options struct {
	Only []string      // beginnings of the names to measure; all if empty
	Time time.Duration // spent on each figure
	Stop func() bool   // if not nil, asked before each figure: whether to leave out the rest
}

// minRuns is the least number of runs of a figure.
const minRuns = 5

// runner measures and reports.
type runner struct {
	Options
	report func(Result)
}

// Run measures everything that Options select and reports each figure as it is known.
func Run(o Options, report func(Result)) {
	r := &runner{Options: o, report: report}
	peak[float32](r, "peak/f32")
	peak[float64](r, "peak/f64")
	products[float32](r, "f32")
	products[float64](r, "f64")
	functions(r)
	rows(r)
	sparse(r)
	convolutions(r)
	steps(r)
	networks(r)
	reservoirs(r)
	formers(r)
}

// wanted reports whether a figure is selected.
func (r *runner) wanted(name string) bool {
	if r.Stop != nil && r.Stop() {
		return false
	}
	for _, p := range r.Only {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return len(r.Only) == 0
}

// best returns the shortest time of many runs, after one that warms up.
func (r *runner) best(f func()) time.Duration {
	f()
	best, end := time.Duration(1<<62), time.Now().Add(r.Time)
	for n := 0; n < minRuns || time.Now().Before(end); n++ {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

// rate measures how much of an amount is done a second: amount in units of 1e9 ("GFLOP/s") or 1e6
// ("M/s").
func (r *runner) rate(name, kernels, unit string, amount float64, f func()) {
	if r.wanted(name) {
		r.report(Result{Name: name, Kernels: kernels, Threads: tensor.Workers(), Value: amount / r.best(f).Seconds(), Unit: unit})
	}
}

// share is rate for work that is bound by multiply-adds. The peak is measured in between the runs,
// since the clock of a core varies with time and load; that of several threads is as many times
// that of one.
func share[T tensor.Float](r *runner, name string, amount float64, f func()) {
	if !r.wanted(name) {
		return
	}
	f()
	best, peak := time.Duration(1<<62), 0.0
	const turn = 20 * time.Millisecond // about as long as a measurement of the peak
	for end := time.Now().Add(2 * r.Time); time.Now().Before(end); {
		peak = max(peak, tensor.PeakGFLOPS[T](set()))
		for begin := time.Now(); ; {
			start := time.Now()
			f()
			best = min(best, time.Since(start))
			if time.Since(begin) > turn {
				break
			}
		}
	}
	v := amount / best.Seconds()
	r.report(Result{Name: name, Kernels: set(), Threads: tensor.Workers(), Value: v, Unit: "GFLOP/s", PeakShare: v / (peak * float64(tensor.Workers()))})
}

// duration measures a time in milliseconds.
func (r *runner) duration(name string, f func()) {
	if r.wanted(name) {
		r.report(Result{Name: name, Kernels: set(), Threads: tensor.Workers(), Value: r.best(f).Seconds() * 1e3, Unit: "ms"})
	}
}

// set returns the name of the active kernel set.
func set() string {
	name, _ := tensor.Kernels()
	return name
}

// peak measures the multiply-add rate of one core.
func peak[T tensor.Float](r *runner, name string) {
	if !r.wanted(name) {
		return
	}
	best := 0.0
	for range minRuns {
		best = max(best, tensor.PeakGFLOPS[T](set()))
	}
	r.report(Result{Name: name, Kernels: set(), Threads: 1, Value: best, Unit: "GFLOP/s"})
}
