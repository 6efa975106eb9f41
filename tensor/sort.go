package tensor

import (
	"cmp"
	"fmt"
	"slices"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// Sort copies x to dst sorted along an axis, and the places that the elements had on it to index,
// in row-major order. Equal elements keep their order; NaN counts as the largest. index may be nil.
// dst and x are contiguous and may be the same tensor.
func Sort[T Float](dst *Tensor[T], index []int, x *Tensor[T], axis int, descending bool) {
	device.Stay("Sort")
	checkSame("Sort", dst, x)
	sorted("Sort", dst, index, x, axis, x.Dim(axis), descending)
}

// TopK copies the k largest elements of x along an axis to dst, the largest first, and their places
// on it to index, in row-major order; index may be nil.
//
//	x [.., n, ..]  ->  dst [.., k, ..]
func TopK[T Float](dst *Tensor[T], index []int, x *Tensor[T], axis int) {
	device.Stay("TopK")
	axis = x.Axis("TopK", axis)
	bad := dst.ndim != x.ndim
	for i := range min(dst.ndim, x.ndim) {
		bad = bad || i != axis && dst.shape[i] != x.shape[i] || dst.shape[i] > x.shape[i]
	}
	if bad {
		PanicShape("TopK", "want the shape of x with one axis shortened", dst.Shape(), x.Shape())
	}
	k := dst.shape[axis]
	if k > fewLargest {
		sorted("TopK", dst, index, x, axis, k, true)
		return
	}
	if index != nil && len(index) != dst.Len() {
		PanicShape("TopK", fmt.Sprintf("%d places for indices", len(index)), dst.Shape())
	}
	outer, n, inner := axisLines("TopK", x, axis)
	parallel.For(outer*inner, max(1, chunkElems/8/max(1, n)), topKBody[T]{dst.Data(), x.Data(), index, n, k, inner})
}

// fewLargest is the number of elements up to which TopK picks them one by one, without sorting.
const fewLargest = 8

type topKBody[T Float] struct {
	dst, x      []T
	index       []int
	n, k, inner int
}

// Do keeps the largest elements so far in order; an element goes behind its equals.
func (b *topKBody[T]) Do(lo, hi int) {
	var best [fewLargest]placed[T]
	for l := lo; l < hi; l++ {
		o, i, have := l/b.inner, l%b.inner, 0
		for j := range b.n {
			v := b.x[(o*b.n+j)*b.inner+i]
			at := have
			for at > 0 && compareNaNLast(best[at-1].v, v) < 0 {
				at--
			}
			if at == b.k {
				continue
			}
			have = min(have+1, b.k)
			copy(best[at+1:have], best[at:])
			best[at] = placed[T]{v, j}
		}
		for j, p := range best[:b.k] {
			at := (o*b.k+j)*b.inner + i
			b.dst[at] = p.v
			if b.index != nil {
				b.index[at] = p.i
			}
		}
	}
}

// placed is an element and its place on the axis.
type placed[T Float] struct {
	v T
	i int
}

// sorted sorts each line of x and writes its first k elements.
func sorted[T Float](op string, dst *Tensor[T], index []int, x *Tensor[T], axis, k int, descending bool) {
	if index != nil && len(index) != dst.Len() {
		PanicShape(op, fmt.Sprintf("%d places for indices", len(index)), dst.Shape())
	}
	outer, n, inner := axisLines(op, x, axis)
	line := make([]placed[T], n)
	compare := func(a, b placed[T]) int { return compareNaNLast(a.v, b.v) }
	if descending {
		compare = func(a, b placed[T]) int { return compareNaNLast(b.v, a.v) }
	}
	from, to := x.Data(), dst.Data()
	for l := range outer * inner {
		o, i := l/inner, l%inner
		for j := range line {
			line[j] = placed[T]{from[(o*n+j)*inner+i], j}
		}
		slices.SortStableFunc(line, compare)
		for j, p := range line[:k] {
			at := (o*k+j)*inner + i
			to[at] = p.v
			if index != nil {
				index[at] = p.i
			}
		}
	}
}

func compareNaNLast[T Float](a, b T) int {
	switch {
	case a == b || a != a && b != b:
		return 0
	case a != a:
		return 1
	case b != b:
		return -1
	}
	return cmp.Compare(a, b)
}
