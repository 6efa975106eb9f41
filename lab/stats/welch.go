package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Power is the probability with which a test finds a difference as large as Difference.Detectable.
const Power = 0.8

// Difference is the mean of one sample minus that of another, with Welch's test.
type Difference struct {
	Mean float64 `json:"difference"`
	// The interval reaches from Mean-Half to Mean+Half. It is not adjusted for the number of
	// comparisons.
	Half float64 `json:"half"`
	T    float64 `json:"t"`
	DF   float64 `json:"df"` // degrees of freedom; 0 if there is no test
	P    float64 `json:"p"`  // two-sided
	// P adjusted for the number of comparisons. Welch, which knows of one, sets it to P.
	PHolm float64 `json:"p_holm"`
	// The difference that a test of samples with this scatter and of this size finds with the
	// probability Power, by the normal approximation.
	Detectable float64 `json:"detectable"`
}

// Significant reports whether the difference is beyond noise at the level Alpha, all comparisons
// taken together.
func (d Difference) Significant() bool { return d.PHolm < Alpha }

// Welch compares the means of two samples whose variances may differ (B. L. Welch, Biometrika
// 34:28, 1947). There is no test if a sample has one observation only: P is 1. If neither sample
// scatters, P is 0 where the means differ and 1 where they do not. It panics with a *SampleError if
// a sample is empty.
func Welch(a, b []float64) Difference {
	needs("Welch", a)
	needs("Welch", b)
	d := Difference{Mean: stat.Mean(a, nil) - stat.Mean(b, nil), P: 1, PHolm: 1}
	if len(a) < 2 || len(b) < 2 {
		return d
	}
	va, vb := stat.Variance(a, nil)/float64(len(a)), stat.Variance(b, nil)/float64(len(b))
	se := math.Sqrt(va + vb)
	if se == 0 {
		if d.Mean != 0 {
			d.P, d.PHolm = 0, 0
		}
		return d
	}
	d.DF = (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	d.T = d.Mean / se
	d.P = 2 * distuv.StudentsT{Sigma: 1, Nu: d.DF}.Survival(math.Abs(d.T))
	d.PHolm = d.P
	q := quantile(d.DF)
	d.Half = q * se
	d.Detectable = (q + distuv.UnitNormal.Quantile(Power)) * se
	return d
}

// FormatP formats the probability of a test.
func FormatP(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
