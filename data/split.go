package data

import (
	"cmp"
	"context"
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
	rest, part, err := d.SplitContext(context.Background(), fraction, seed, stratified)
	if err != nil { // the background has no end
		panic(err)
	}
	return rest, part
}

// SplitContext is Split until the context ends: fifteen million images take seconds.
func (d *Dataset) SplitContext(ctx context.Context, fraction float64, seed uint64, stratified bool) (rest, part *Dataset, err error) {
	if !(fraction >= 0 && fraction <= 1) {
		tensor.PanicUsage("data.Dataset.Split", fmt.Sprintf("fraction %v, expected a number in [0, 1]", fraction))
	}
	n := d.Len()
	sizes := []int{n}
	if stratified {
		sizes = d.ClassCounts()
	}
	quota := quotas(sizes, fraction, int(math.Round(fraction*float64(n))))
	ends := make([]int, len(sizes)) // of the classes in grouped
	at := 0
	for g, size := range sizes {
		ends[g], at = at, at+size
	}
	grouped := make([]int, n) // the images of one class behind those of another
	for i := range n {
		g := 0
		if stratified {
			g = d.Label(i)
		}
		grouped[ends[g]] = i
		ends[g]++
	}
	inPart := make([]bool, n)
	taken := 0
	for g, size := range sizes {
		members := grouped[ends[g]-size : ends[g]]
		if err := shuffle(ctx, members, tensor.NewKey(seed, "split", uint64(g))); err != nil {
			return nil, nil, err
		}
		for _, i := range members[:quota[g]] {
			inPart[i] = true
		}
		taken += quota[g]
	}
	r, p := *d, *d
	r.index, p.index = make([]int, 0, n-taken), make([]int, 0, taken)
	for i, in := range inPart {
		if in {
			p.index = append(p.index, d.at(i))
		} else {
			r.index = append(r.index, d.at(i))
		}
	}
	return &r, &p, nil
}

// quotas apportions total among groups of the given sizes by the method of largest remainders.
func quotas(sizes []int, fraction float64, total int) []int {
	quota := make([]int, len(sizes))
	order := make([]int, len(sizes))
	remainder := make([]float64, len(sizes))
	for g, size := range sizes {
		share := fraction * float64(size)
		quota[g] = int(share)
		remainder[g] = share - float64(quota[g])
		order[g] = g
		total -= quota[g]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder[b], remainder[a]) })
	for _, g := range order {
		if total > 0 && quota[g] < sizes[g] {
			quota[g]++
			total--
		}
	}
	return quota
}

// shuffle permutes v by Fisher and Yates' method with the numbers of the key's stream. The
// remainder's bias towards small numbers is below len(v)/2^64. It ends early with the context.
func shuffle(ctx context.Context, v []int, key tensor.Key) error {
	const often = 1 << 18
	for i := len(v) - 1; i > 0; i-- {
		j := int(key.Uint64(uint64(i)) % uint64(i+1))
		v[i], v[j] = v[j], v[i]
		if i%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
