package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// AddToEntries adds x to the entries index[0], index[1], ... of dst [n, rows, d]. x is [rows, d],
// which every entry receives, or [rows, len(index)*d], of which entry index[i] receives columns i*d
// to (i+1)*d-1. No entry may be named twice. All are contiguous.
func AddToEntries[T Float](dst *Tensor[T], index []int, x *Tensor[T]) {
	b := newEntries("AddToEntries", dst, index, x)
	if d := device.Active(); d != nil {
		deviceAddEntries(d, &b)
		return
	}
	if b.rows*b.d > 0 {
		parallel.For(len(index), 1+chunkElems/(b.rows*b.d), addToEntries[T]{b})
	}
}

// AddToEntriesGrad adds to dx the gradient of AddToEntries with respect to x: of dy, the gradient
// of the sum, the entries at the index, which are added up in their order if they shared x.
func AddToEntriesGrad[T Float](dx, dy *Tensor[T], index []int) {
	b := newEntries("AddToEntriesGrad", dy, index, dx)
	if d := device.Active(); d != nil {
		deviceEntriesGrad(d, &b)
		return
	}
	if len(index)*b.d > 0 {
		// Some rows together, because the entries lie far apart.
		parallel.For(b.rows, max(16, 1+chunkElems/(len(index)*b.d)), addToEntriesGrad[T]{b})
	}
}

// entries are the operands of AddToEntries and of its gradient.
type entries[T Float] struct {
	k                *kernel.Set[T]
	all, x           []T // [n, rows, d], [rows, columns]
	index            []int
	rows, d, columns int
}

func newEntries[T Float](op string, all *Tensor[T], index []int, x *Tensor[T]) entries[T] {
	if all.Dims() != 3 || x.Dims() != 2 || x.Dim(0) != all.Dim(1) || x.Dim(1) != all.Dim(2) && x.Dim(1) != len(index)*all.Dim(2) {
		PanicShape(op, "want [n, rows, d] and [rows, d] or [rows, len(index)*d]", all.Shape(), x.Shape(), []int{len(index)})
	}
	checkIndices(op, all, index, all.Dim(0), 0)
	return entries[T]{kernel.Of[T](), all.elements(), x.elements(), index, all.Dim(1), all.Dim(2), x.Dim(1)}
}

// entry returns n rows from r on of the i-th entry of the index.
func (b *entries[T]) entry(i, r, n int) []T { return b.all[(b.index[i]*b.rows+r)*b.d:][:n*b.d] }

// part returns what the i-th entry receives of n rows from r on of x.
func (b *entries[T]) part(i, r, n int) []T {
	at := r * b.columns
	if b.columns > b.d {
		at += i * b.d
	}
	return b.x[at:][:n*b.d]
}

// run is the number of rows that lie together both in an entry and in x, at most so many: all, or 1
// where an entry receives columns of its own.
func (b *entries[T]) run(rows int) int {
	if b.columns > b.d {
		return 1
	}
	return min(rows, 1+entriesRun/b.d)
}

// entriesRun is the number of elements that are added in one call.
const entriesRun = 1 << 14

type addToEntries[T Float] struct{ entries[T] }

func (b *addToEntries[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		for r, n := 0, 0; r < b.rows; r += n {
			n = b.run(b.rows - r)
			to := b.entry(i, r, n)
			b.k.Binary[kernel.Add](to, to, b.part(i, r, n))
		}
	}
}

// addToEntriesGrad works on chunks of rows: the sum of a row over the entries is formed by one
// worker, in the order of the index.
type addToEntriesGrad[T Float] struct{ entries[T] }

func (b *addToEntriesGrad[T]) Do(lo, hi int) {
	for i := range b.index {
		for r, n := lo, 0; r < hi; r += n {
			n = b.run(hi - r)
			to := b.part(i, r, n)
			b.k.Binary[kernel.Add](to, to, b.entry(i, r, n))
		}
	}
}
