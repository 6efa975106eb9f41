package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"elegans/tensor"
)

// Split divides d at random into part, round(fraction*N) images, and rest, the others, both in
// their original order. The seed alone decides. With stratified, every class gives its share of
// part: the fraction rounded down, plus one for the classes with the largest remainders until part
// is full.
func (d *Dataset) Split(fraction float64, seed uint64, stratified bool) (rest, part *Dataset) {
	if !(fraction >= 0 && fraction <= 1) {
		tensor.PanicUsage("data.Dataset.Split", fmt.Sprintf("fraction %v, expected a number in [0, 1]", fraction))
	}
	groups := make([][]int, 1)
	if stratified {
		groups = make([][]int, len(d.classes))
	}
	for i := range d.Len() {
		g := 0
		if stratified {
			g = d.Label(i)
		}
		groups[g] = append(groups[g], i)
	}
	quota := quotas(groups, fraction, int(math.Round(fraction*float64(d.Len()))))
	var in, out []int
	for g, members := range groups {
		shuffle(members, tensor.NewKey(seed, "split", uint64(g)))
		in = append(in, members[:quota[g]]...)
		out = append(out, members[quota[g]:]...)
	}
	slices.Sort(in)
	slices.Sort(out)
	return d.Subset(out), d.Subset(in)
}

// quotas apportions total among the groups by the method of largest remainders.
func quotas(groups [][]int, fraction float64, total int) []int {
	quota := make([]int, len(groups))
	order := make([]int, len(groups))
	remainder := make([]float64, len(groups))
	for g, members := range groups {
		share := fraction * float64(len(members))
		quota[g] = int(share)
		remainder[g] = share - float64(quota[g])
		order[g] = g
		total -= quota[g]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder[b], remainder[a]) })
	for _, g := range order {
		if total > 0 && quota[g] < len(groups[g]) {
			quota[g]++
			total--
		}
	}
	return quota
}

// shuffle permutes v by Fisher and Yates' method with the numbers of the key's stream. The
// remainder's bias towards small numbers is below len(v)/2^64.
func shuffle(v []int, key tensor.Key) {
	for i := len(v) - 1; i > 0; i-- {
		j := int(key.Uint64(uint64(i)) % uint64(i+1))
		v[i], v[j] = v[j], v[i]
	}
}
