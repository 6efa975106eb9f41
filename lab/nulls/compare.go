package nulls

import (
	"fmt"
	"math"

	"elegans/connectome"
	"elegans/esn/task"
	"elegans/lab/stats"
	"elegans/tensor"
)

// Result is a finished comparison.
type Result struct {
	Config  Config `json:"config"`
	Graph   string `json:"graph"`   // its name
	Neurons int    `json:"neurons"` // of every network
	Arms    []Task `json:"tasks"`   // in the order of Config.Arms
}

// Task is what a task says.
type Task struct {
	Task   *task.Task `json:"task"`
	Models []Contrast `json:"models"` // in the order of Config.Models
}

// Contrast sets the network of the graph beside those of a null model.
type Contrast struct {
	Model string `json:"model"`
	// Curve compares at each scale, with p values that are adjusted over all scales, tasks and
	// models.
	Curve []Point `json:"curve"`
	// Own compares every network at the scale that its own validation scores choose, adjusted over
	// tasks and models; Scale is that of the graph's network.
	Own Point `json:"own"`
	// Scales has how many null networks chose each scale.
	Scales []int `json:"null_scales"`
	// Ratio is the score of the graph's network over the mean of the null networks' minus 1, at
	// each one's own scale, with an interval of confidence 1 - 2 Alpha over seeds and null graphs
	// drawn anew.
	Ratio     Value `json:"ratio"`
	RatioLow  Value `json:"ratio_low"`
	RatioHigh Value `json:"ratio_high"`
	// Equivalent says that the interval lies within the margin on both sides, so that two one-sided
	// tests at the level Alpha both reject a larger difference (D. Schuirmann, J. Pharmacokinet.
	// Biopharm. 15:657, 1987).
	Equivalent bool `json:"equivalent"`
	// Failed counts the null networks without a finite score at their own scale. They are the
	// worst, and left out of means.
	Failed int `json:"failed"`
}

// Point compares test scores, each the mean over the seeds.
type Point struct {
	Scale float64 `json:"scale"`
	// Value and SD are of the graph's network, over the seeds.
	Value Value      `json:"value"`
	SD    Value      `json:"sd"`
	Rank  stats.Rank `json:"rank"`
	// Low and High are the 2.5 % and 97.5 % quantiles of the null networks.
	Low  Value `json:"low"`
	High Value `json:"high"`
}

// Verdict says in a few words what a contrast shows at each network's own scale.
func (c *Contrast) Verdict() string {
	switch {
	case c.Own.Rank.PHolm <= stats.Alpha && c.Own.Rank.Delta > 0:
		return "better"
	case c.Own.Rank.PHolm <= stats.Alpha:
		return "worse"
	case c.Equivalent:
		return "equivalent"
	}
	return "not told apart"
}

// Limit says how small p can become with so many graphs and rows, and how many graphs it takes for
// a row to be significant, if that is more.
func (c *Config) Limit() string {
	rows, graphs := len(c.Arms)*len(c.Models), float64(c.Graphs)
	least := 2 / (graphs + 1)
	s := fmt.Sprintf("p is at least %.2g with %d graphs, and %.2g adjusted for %d rows", least, c.Graphs, min(1, least*float64(rows)), rows)
	if least*float64(rows) > stats.Alpha {
		s += fmt.Sprintf(": no row can be better or worse; %.0f graphs are enough for that", math.Ceil(2*float64(rows)/stats.Alpha-1e-9)-1)
	}
	return s
}

// compare makes the result of what was measured.
func compare(c Config, g *connectome.Graph, members []*Member) (*Result, error) {
	res := &Result{Config: c, Graph: g.Name, Neurons: g.Len()}
	var own, all []*stats.Rank
	for a, arm := range c.Arms {
		t, err := task.Get(arm.Task)
		if err != nil {
			return nil, err
		}
		one := Task{Task: t, Models: make([]Contrast, len(c.Models))}
		for i, model := range c.Models {
			nulls := of(model, members)
			one.Models[i] = c.contrast(a, t.Metric.HigherIsBetter(), members[0], nulls)
			one.Models[i].Model = model
		}
		res.Arms = append(res.Arms, one)
	}
	for a := range res.Arms {
		for i := range res.Arms[a].Models {
			m := &res.Arms[a].Models[i]
			own = append(own, &m.Own.Rank)
			for s := range m.Curve {
				all = append(all, &m.Curve[s].Rank)
			}
		}
	}
	adjust(own)
	adjust(all)
	return res, nil
}

// adjust sets the adjusted p values.
func adjust(ranks []*stats.Rank) {
	var p []float64
	for _, r := range ranks {
		p = append(p, r.P)
	}
	for i, h := range stats.Holm(p) {
		ranks[i].PHolm = h
	}
}

// of returns the members of a null model.
func of(model string, members []*Member) (list []*Member) {
	for _, m := range members {
		if m.Model == model {
			list = append(list, m)
		}
	}
	return list
}

// contrast compares on one task.
func (c *Config) contrast(arm int, higher bool, graph *Member, nulls []*Member) Contrast {
	var out Contrast
	key := tensor.NewKey(c.Arms[arm].Recipe.Reservoir.Seed, "nulls.intervals", uint64(arm))
	for s, scale := range c.Scales {
		var values []float64
		for _, m := range nulls {
			values = append(values, mean(m.Arms[arm][s].Test))
		}
		out.Curve = append(out.Curve, point(scale, graph.Arms[arm][s].Test, values, higher, key.Sub("curve", uint64(s))))
	}
	out.Scales = make([]int, len(c.Scales))
	var tests [][]Value
	var values []float64
	for _, m := range nulls {
		s := chosen(m.Arms[arm], higher)
		out.Scales[s]++
		tests = append(tests, m.Arms[arm][s].Test)
		v := mean(m.Arms[arm][s].Test)
		values = append(values, v)
		if math.IsNaN(v) {
			out.Failed++
		}
	}
	s := chosen(graph.Arms[arm], higher)
	own := graph.Arms[arm][s].Test
	out.Own = point(c.Scales[s], own, values, higher, key.Sub("own"))
	out.ratio(own, tests, c.Margin, key.Sub("ratio"))
	return out
}

// chosen returns the scale with the best mean validation score, the first of several.
func chosen(scales []Measured, higher bool) int {
	best, at := math.NaN(), 0
	for s, m := range scales {
		v := mean(m.Valid)
		if math.IsNaN(best) && !math.IsNaN(v) || higher && v > best || !higher && v < best {
			best, at = v, s
		}
	}
	return at
}

// mean returns the mean over the seeds, NaN if one of them has no finite score.
func mean(v []Value) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x)
	}
	return sum / float64(len(v))
}

func point(scale float64, graph []Value, nulls []float64, higher bool, key tensor.Key) Point {
	value := mean(graph)
	p := Point{Scale: scale, Value: Value(value), Rank: stats.NewRank(value, nulls, higher, key)}
	var seeds []float64
	for _, v := range graph {
		seeds = append(seeds, float64(v))
	}
	p.SD = Value(stats.NewEstimate(seeds).SD)
	low, high := stats.Interval(nulls, stats.Alpha)
	p.Low, p.High = Value(low), Value(high)
	return p
}

// ratio sets what belongs to the relative difference.
func (c *Contrast) ratio(graph []Value, nulls [][]Value, margin float64, key tensor.Key) {
	of := func(seeds, members []int) float64 {
		over := func(v []Value) float64 {
			sum := 0.0
			for _, s := range seeds {
				sum += float64(v[s])
			}
			return sum / float64(len(seeds))
		}
		sum, n := 0.0, 0
		for _, i := range members {
			if v := over(nulls[i]); !math.IsNaN(v) {
				sum += v
				n++
			}
		}
		return over(graph)/(sum/float64(n)) - 1
	}
	everyone := func(n int) []int {
		list := make([]int, n)
		for i := range list {
			list[i] = i
		}
		return list
	}
	value := of(everyone(len(graph)), everyone(len(nulls)))
	c.Ratio = Value(value)
	// Seeds and graphs are drawn anew at the same time: a sample is a list of both.
	r := key.Rand()
	seeds := make([]int, len(graph))
	samples := stats.Bootstrap(len(nulls), 1000, key.Sub("graphs"), func(members []int) float64 {
		for i := range seeds {
			seeds[i] = r.IntN(len(seeds))
		}
		return of(seeds, members)
	})
	low, high := stats.Interval(samples, 2*stats.Alpha)
	c.RatioLow, c.RatioHigh = Value(low), Value(high)
	c.Equivalent = !math.IsNaN(value) && low >= -margin && high <= margin
}

// String says what a contrast shows in a line.
func (c *Contrast) String() string {
	r := &c.Own.Rank
	return fmt.Sprintf("%s: %.4g, %d nulls %.4g ± %.2g, better than %.0f %%, z %+.2f, delta %+.2f (%+.2f to %+.2f), p %s, adjusted %s",
		c.Verdict(), float64(c.Own.Value), r.N, r.Mean, r.SD, 100*r.Percentile, r.Z, r.Delta, r.DeltaLow, r.DeltaHigh,
		stats.FormatP(r.P), stats.FormatP(r.PHolm))
}
