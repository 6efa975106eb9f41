package stats

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Alpha is the level of the tests; intervals have the confidence 1 - Alpha.
const Alpha = 0.05

// Estimate is a mean over runs with Student's interval.
type Estimate struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
	// standard deviation of the observations, with N-1 degrees of freedom; 0 for a single run
	SD float64 `json:"sd"`
	// The interval reaches from Mean-Half to Mean+Half. A single run has none, and Half is 0.
	Half float64 `json:"half"`
}

// NewEstimate summarises observations. It panics with a *SampleError if there are none.
func NewEstimate(x []float64) Estimate {
	needs("NewEstimate", x)
	e := Estimate{N: len(x), Mean: stat.Mean(x, nil)}
	if e.N > 1 {
		e.SD = stat.StdDev(x, nil)
		e.Half = quantile(float64(e.N-1)) * e.SD / math.Sqrt(float64(e.N))
	}
	return e
}

// HalfText formats Half times a factor, or a dash for a single run.
func (e Estimate) HalfText(factor float64, digits int) string {
	if e.N < 2 {
		return "-"
	}
	return strconv.FormatFloat(factor*e.Half, 'f', digits, 64)
}

// quantile returns the 1-Alpha/2 quantile of Student's distribution.
func quantile(df float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: df}.Quantile(1 - Alpha/2)
}

// SampleError says that a function was called with too few observations.
type SampleError struct {
	Func string
	N    int
}

// Error implements error.
func (e *SampleError) Error() string {
	return fmt.Sprintf("stats.%s: %d observations, expected at least 1", e.Func, e.N)
}

func needs(function string, x []float64) {
	if len(x) == 0 {
		panic(&SampleError{function, len(x)})
	}
}
