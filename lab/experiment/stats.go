package experiment

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Level of the tests; intervals have the confidence 1-Alpha.
const Alpha = 0.05

// Estimate is a mean over runs with Student's interval.
type Estimate struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	// the interval is Mean-Half to Mean+Half; 0 for a single run, which has none
	Half float64 `json:"half"`
}

// NewEstimate summarises observations, of which there must be at least one.
func NewEstimate(x []float64) Estimate {
	e := Estimate{N: len(x), Mean: stat.Mean(x, nil)}
	if e.N > 1 {
		e.SD = stat.StdDev(x, nil)
		e.Half = quantile(float64(e.N-1)) * e.SD / math.Sqrt(float64(e.N))
	}
	return e
}

// quantile returns the 1-Alpha/2 quantile of Student's distribution.
func quantile(df float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: df}.Quantile(1 - Alpha/2)
}

// Comparison is Welch's test of the worm's runs against those of a control.
type Comparison struct {
	Control    string  `json:"control"`
	Difference float64 `json:"difference"` // mean of the worm minus mean of the control
	Half       float64 `json:"half"`       // of the 95 % interval of the difference, not adjusted
	T          float64 `json:"t"`
	DF         float64 `json:"df"`
	P          float64 `json:"p"`      // two-sided
	PHolm      float64 `json:"p_holm"` // adjusted for the number of controls
	Detectable float64 `json:"detectable"`
}

// Significant reports whether the difference is beyond noise at the level Alpha, all comparisons
// taken together.
func (c Comparison) Significant() bool { return c.PHolm < Alpha }

// welch compares two samples (B. L. Welch, Biometrika 34:28, 1947). With fewer than two runs on a
// side there is no test and P is 1. Detectable is the difference that such a comparison would find
// with probability .8, by the normal approximation of the power.
func welch(a, b []float64) Comparison {
	c := Comparison{Difference: stat.Mean(a, nil) - stat.Mean(b, nil), P: 1, PHolm: 1}
	if len(a) < 2 || len(b) < 2 {
		return c
	}
	va, vb := stat.Variance(a, nil)/float64(len(a)), stat.Variance(b, nil)/float64(len(b))
	se := math.Sqrt(va + vb)
	if se == 0 { // all runs of both sides alike: either no difference, or one without any noise
		if c.Difference != 0 {
			c.P, c.PHolm = 0, 0
		}
		return c
	}
	c.DF = (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	c.T = c.Difference / se
	c.P = 2 * distuv.StudentsT{Sigma: 1, Nu: c.DF}.Survival(math.Abs(c.T))
	q := quantile(c.DF)
	c.Half = q * se
	c.Detectable = (q + distuv.UnitNormal.Quantile(0.8)) * se
	return c
}

// holm sets the adjusted p values (S. Holm, Scand. J. Statist. 6:65, 1979).
func holm(cs []Comparison) {
	order := make([]int, len(cs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case cs[i].P < cs[j].P:
			return -1
		case cs[i].P > cs[j].P:
			return 1
		}
		return 0
	})
	worst := 0.0
	for rank, i := range order {
		worst = max(worst, min(1, cs[i].P*float64(len(cs)-rank)))
		cs[i].PHolm = worst
	}
}

// HalfText formats Half times a factor, or a dash for a single run.
func (e Estimate) HalfText(factor float64, digits int) string {
	if e.N < 2 {
		return "-"
	}
	return strconv.FormatFloat(factor*e.Half, 'f', digits, 64)
}

// Row is a line of the table.
type Row struct {
	Accuracy, Loss Estimate
	// of the first run; all runs of a network have as many, unless a rewired graph has fewer
	// entries
	Parameters int
	Seconds    float64 // mean
}

// Row summarises a network.
func (res *Result) Row(network string) Row {
	runs := res.Of(network)
	var loss, seconds []float64
	for _, r := range runs {
		loss, seconds = append(loss, r.Loss), append(seconds, r.Seconds)
	}
	return Row{Accuracy: res.Accuracy(network), Loss: NewEstimate(loss), Parameters: runs[0].Parameters, Seconds: stat.Mean(seconds, nil)}
}
