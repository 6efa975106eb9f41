package stats

import (
	"cmp"
	"slices"
)

// Holm returns the p values adjusted so that, at any level, the chance of one or more false
// discoveries among all comparisons is at most that level (S. Holm, Scand. J. Statist. 6:65, 1979).
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	adjusted := make([]float64, len(p))
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = largest
	}
	return adjusted
}
