package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"elegans/tensor"
)

// Rank is the place of one value among those of an ensemble, such as the score of a network among
// the scores of the networks of a null model. The members of the ensemble are the units: how often
// each was measured does not count.
type Rank struct {
	N int `json:"n"` // members
	// Better and Worse count the members that the value is better and worse than.
	Better int `json:"better_than"`
	Worse  int `json:"worse_than"`
	// P is two-sided: twice the smaller of (1 + members at least as good)/(N+1) and (1 + members at
	// least as bad)/(N+1), at most 1 (B. Phipson and G. Smyth, Permutation p-values should never be
	// zero, Stat. Appl. Genet. Mol. Biol. 9:39, 2010). It is 2/(N+1) at least.
	P float64 `json:"p"`
	// P adjusted for the number of comparisons, see Holm. NewRank, which knows of one, sets it to
	// P.
	PHolm float64 `json:"p_holm"`
	// Mean and SD of the members that are finite, and Z = (value - Mean)/SD with the sign such that
	// more is better; it is 0 where they do not scatter.
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	Z    float64 `json:"z"`
	// Percentile is the part of the members that the value is better than, ties by half.
	Percentile float64 `json:"percentile"`
	// Delta is Cliff's: the part of the members that the value is better than, minus the part that
	// it is worse than (N. Cliff, Psychol. Bull. 114:494, 1993), with the interval of confidence
	// 1 - Alpha over ensembles drawn anew from the members.
	Delta     float64 `json:"delta"`
	DeltaLow  float64 `json:"delta_low"`
	DeltaHigh float64 `json:"delta_high"`
}

func isNotFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// resamples is the number of ensembles that are drawn anew for an interval.
const resamples = 2000

// NewRank finds the place of a value among the members, of which NaN is worse than all else. The
// key draws what the interval needs. It panics with a *SampleError if there are no members.
func NewRank(value float64, members []float64, higherIsBetter bool, key tensor.Key) Rank {
	if len(members) == 0 {
		panic(&SampleError{"NewRank", 0})
	}
	worth := func(v float64) float64 { // more is better
		switch {
		case math.IsNaN(v):
			return math.Inf(-1)
		case higherIsBetter:
			return v
		}
		return -v
	}
	sign := make([]float64, len(members)) // of the difference between the value and each member
	r := Rank{N: len(members)}
	for i, m := range members {
		switch a, b := worth(value), worth(m); {
		case a > b:
			r.Better++
			sign[i] = 1
		case a < b:
			r.Worse++
			sign[i] = -1
		}
	}
	n := float64(r.N)
	ties := r.N - r.Better - r.Worse
	r.P = min(1, 2*float64(1+ties+min(r.Better, r.Worse))/(n+1))
	r.PHolm = r.P
	if finite := slices.DeleteFunc(slices.Clone(members), isNotFinite); len(finite) > 0 {
		e := NewEstimate(finite)
		r.Mean, r.SD = e.Mean, e.SD
	}
	if r.SD > 0 && !isNotFinite(value) {
		if r.Z = (value - r.Mean) / r.SD; !higherIsBetter {
			r.Z = -r.Z
		}
	}
	r.Percentile = (float64(r.Better) + float64(ties)/2) / n
	r.Delta = float64(r.Better-r.Worse) / n
	deltas := Bootstrap(r.N, resamples, key, func(members []int) float64 {
		sum := 0.0
		for _, i := range members {
			sum += sign[i]
		}
		return sum / n
	})
	r.DeltaLow, r.DeltaHigh = Interval(deltas, Alpha)
	return r
}

// Bootstrap returns a statistic of so many samples that are drawn with replacement from n
// observations, in ascending order (B. Efron, Ann. Statist. 7:1, 1979). The statistic gets the
// indices of the observations, a list that is overwritten after it returns.
func Bootstrap(n, samples int, key tensor.Key, statistic func(indices []int) float64) []float64 {
	r := key.Rand()
	indices, values := make([]int, n), make([]float64, samples)
	for s := range values {
		for i := range indices {
			indices[i] = r.IntN(n)
		}
		values[s] = statistic(indices)
	}
	slices.Sort(values)
	return values
}

// Interval returns the alpha/2 and 1-alpha/2 quantiles of the values that are finite, NaN if none
// is.
func Interval(values []float64, alpha float64) (low, high float64) {
	finite := slices.DeleteFunc(slices.Clone(values), isNotFinite)
	if len(finite) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(finite)
	return stat.Quantile(alpha/2, stat.LinInterp, finite, nil), stat.Quantile(1-alpha/2, stat.LinInterp, finite, nil)
}
