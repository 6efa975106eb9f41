package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// CountingSort orders numbers below n: places[i] becomes the place of numbers[i] among all, equal
// numbers in the order in which they come, and offsets[g] the number of those below g, so that the
// numbers g stand at the places offsets[g] to offsets[g+1]-1. index, which may be nil, becomes the
// inverse of places.
func CountingSort(places, index, offsets, numbers []int, n int) {
	if len(places) != len(numbers) || index != nil && len(index) != len(numbers) || len(offsets) != n+1 {
		PanicUsage("CountingSort", fmt.Sprintf("%d places and %d offsets for %d numbers below %d", len(places), len(offsets), len(numbers), n))
	}
	clear(offsets)
	for _, g := range numbers {
		if g < 0 || g >= n {
			PanicUsage("CountingSort", fmt.Sprintf("number %d, expected 0 to %d", g, n-1))
		}
		offsets[g+1]++
	}
	for g := range n {
		offsets[g+1] += offsets[g]
	}
	for i, g := range numbers {
		places[i] = offsets[g]
		offsets[g]++
		if index != nil {
			index[places[i]] = i
		}
	}
	copy(offsets[1:], offsets[:n]) // each offset has moved to the next
	offsets[0] = 0
}

// GroupSizes sets dst [G] to the numbers of rows of the groups that G+1 offsets bound.
func GroupSizes[T Float](dst *Tensor[T], offsets []int) {
	if dst.ndim != 1 || len(offsets) != dst.shape[0]+1 {
		PanicShape("GroupSizes", fmt.Sprintf("want a vector for %d offsets", len(offsets)), dst.Shape())
	}
	if d := device.Active(); d != nil {
		device.Launch[T](d, "index", "sizes", device.Each(dst.Len()),
			device.Out(dst.elements()), device.In(offsets), device.Int(dst.Len()))
		return
	}
	sizes := dst.Data()
	for g := range sizes {
		sizes[g] = T(offsets[g+1] - offsets[g])
	}
}

// CombineRows computes weighted sums of rows:
//
//	y [A, n], weights [R, k], places of R*k rows of y  ->  dst [R, n]
//	dst[r] = beta dst[r] + sum over j < k of weights[r, j] y[places[r*k+j]]
//
// in ascending order of j. Nil weights are ones; beta is 0 or 1. All operands are contiguous.
func CombineRows[T Float](dst, y, weights *Tensor[T], places []int, beta T) {
	b := newCombine("CombineRows", dst, y, weights, places)
	b.dst, b.beta = dst.elements(), beta
	if d := device.Active(); d != nil {
		deviceCombine(d, &b)
		return
	}
	parallel.For(b.rows, max(1, moveGrain/max(1, b.each*b.n)), combineForward[T]{b})
}

// CombineRowsGrad is the backward pass of CombineRows where places names every row of y once:
//
//	dy[places[r*k+j]] = weights[r, j] d[r],   dweights[r, j] += y[places[r*k+j]] · d[r]
//
// dy or dweights may be nil. What dy holds is overwritten.
func CombineRowsGrad[T Float](dy, dweights, d, y, weights *Tensor[T], places []int) {
	const op = "CombineRowsGrad"
	b := newCombine(op, d, y, weights, places)
	if len(places) != y.shape[0] {
		PanicShape(op, fmt.Sprintf("want a place for each row, found %d", len(places)), y.Shape())
	}
	b.d = d.elements()
	if dy != nil {
		checkSame(op, y, dy)
		b.dy = dy.elements()
	}
	if dweights != nil {
		checkSame(op, weights, dweights)
		b.dw = dweights.elements()
	}
	if on := device.Active(); on != nil {
		deviceCombineGrad(on, &b)
		return
	}
	parallel.For(b.rows, max(1, moveGrain/max(1, b.each*b.n)), combineBackward[T]{b})
}

type combine[T Float] struct {
	kern          *kernel.Set[T]
	y, weights    []T
	places        []int
	rows, each, n int
	beta          T
	dst           []T
	d, dy, dw     []T
}

func newCombine[T Float](op string, dst, y, weights *Tensor[T], places []int) combine[T] {
	if dst.ndim != 2 || y.ndim != 2 || dst.shape[1] != y.shape[1] || dst.shape[0] == 0 && len(places) > 0 || dst.shape[0] > 0 && len(places)%dst.shape[0] != 0 {
		PanicShape(op, fmt.Sprintf("want rows of equal lengths and equally many places for each result, found %d", len(places)), dst.Shape(), y.Shape())
	}
	checkIndices(op, y, places, y.shape[0], 0)
	b := combine[T]{kern: kernel.Of[T](), y: y.elements(), places: places, rows: dst.shape[0], n: y.shape[1]}
	b.each = len(places) / max(1, b.rows)
	if weights != nil {
		if weights.Len() != len(places) {
			PanicShape(op, fmt.Sprintf("want a weight for each of %d places", len(places)), weights.Shape())
		}
		b.weights = weights.elements()
	}
	return b
}

type combineForward[T Float] struct{ combine[T] }

func (b *combineForward[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		dst := b.dst[r*b.n:][:b.n]
		begun := b.beta != 0
		for j := range b.each {
			i := r*b.each + j
			y, w := b.y[b.places[i]*b.n:][:b.n], T(1)
			if b.weights != nil {
				w = b.weights[i]
			}
			if begun {
				b.kern.AddScaled(dst, y, w)
			} else {
				b.kern.RowScale(dst, y, w)
			}
			begun = true
		}
		if !begun {
			clear(dst)
		}
	}
}

type combineBackward[T Float] struct{ combine[T] }

func (b *combineBackward[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		d := b.d[r*b.n:][:b.n]
		for j := range b.each {
			i := r*b.each + j
			at := b.places[i] * b.n
			if b.dw != nil {
				b.dw[i] += b.kern.RowDot(b.y[at:][:b.n], d)
			}
			if b.dy != nil {
				w := T(1)
				if b.weights != nil {
					w = b.weights[i]
				}
				b.kern.RowScale(b.dy[at:][:b.n], d, w)
			}
		}
	}
}
