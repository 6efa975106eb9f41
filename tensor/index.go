package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// checkIndices panics in the name of op unless all indices lie in [0, n).
func checkIndices[T Float](op string, x *Tensor[T], index []int, n, axis int) {
	for _, i := range index {
		if i < 0 || i >= n {
			PanicShape(op, fmt.Sprintf("index %d out of range on axis %d", i, axis), x.Shape())
		}
	}
}

// checkSelected panics unless part has the shape of x with the axis of the length of index.
func checkSelected[T Float](op string, part, x *Tensor[T], axis int, index []int) {
	bad := part.ndim != x.ndim
	for i := range x.ndim {
		bad = bad || i != axis && part.shape[i] != x.shape[i] || i == axis && part.shape[i] != len(index)
	}
	if bad {
		PanicShape(op, fmt.Sprintf("axis %d must have one element for each of %d indices, and the others equal lengths", axis, len(index)), part.Shape(), x.Shape())
	}
	checkIndices(op, x, index, x.shape[axis], axis)
}

// IndexSelect copies the elements index[0], index[1], ... of x along an axis to dst. Both are
// contiguous.
//
//	x [.., n, ..], index of m numbers below n  ->  dst [.., m, ..]
func IndexSelect[T Float](dst, x *Tensor[T], axis int, index []int) {
	axis = x.Axis("IndexSelect", axis)
	checkSelected("IndexSelect", dst, x, axis, index)
	outer, n, inner := axisLines("IndexSelect", x, axis)
	if d := device.Active(); d != nil {
		deviceSelect(d, dst.elements(), x.elements(), index, n, inner)
		return
	}
	parallel.For(outer*len(index), max(1, moveGrain/max(1, inner)), selectBody[T]{dst.Data(), x.Data(), index, n, inner})
}

type selectBody[T Float] struct {
	dst, x   []T
	index    []int
	n, inner int
}

func (b *selectBody[T]) Do(lo, hi int) {
	m := len(b.index)
	for u := lo; u < hi; u++ {
		from := (u/m*b.n + b.index[u%m]) * b.inner
		copy(b.dst[u*b.inner:][:b.inner], b.x[from:][:b.inner])
	}
}

// IndexAdd adds the elements of src along an axis to the elements index[0], index[1], ... of dst,
// in this order; an index may occur several times. Both are contiguous.
//
//	src [.., m, ..], index of m numbers below n  ->  dst [.., n, ..]
func IndexAdd[T Float](dst *Tensor[T], axis int, index []int, src *Tensor[T]) {
	axis = dst.Axis("IndexAdd", axis)
	checkSelected("IndexAdd", src, dst, axis, index)
	outer, n, inner := axisLines("IndexAdd", dst, axis)
	if src.Len() == 0 {
		return
	}
	indexAdd(dst.elements(), src.elements(), index, outer, n, inner)
}

// EmbeddingGrad adds each row of dy to the row of dw that its id names, in order. Rows with a
// negative id are left out.
//
//	dw [V, D], ids [rows], dy rows*D elements in any shape
func EmbeddingGrad[T Float](dw, dy *Tensor[T], ids []int) {
	if dw.ndim != 2 || dy.Len() != len(ids)*dw.shape[1] {
		PanicShape("EmbeddingGrad", fmt.Sprintf("want [V, D] and D elements for each of %d ids", len(ids)), dw.Shape(), dy.Shape())
	}
	for _, id := range ids {
		if id >= dw.shape[0] {
			PanicShape("EmbeddingGrad", fmt.Sprintf("id %d out of range", id), dw.Shape())
		}
	}
	if dy.Len() > 0 {
		indexAdd(dw.elements(), dy.elements(), ids, 1, dw.shape[0], dw.shape[1])
	}
}

// indexAdd adds src [outer, len(index), inner] to dst [outer, n, inner]. A goroutine adds a block
// of columns, for all indices.
func indexAdd[T Float](dst, src []T, index []int, outer, n, inner int) {
	if d := device.Active(); d != nil {
		deviceScatter(d, dst, src, index, outer, n, inner)
		return
	}
	block := min(inner, 256)
	blocks := (inner + block - 1) / block
	parallel.For(outer*blocks, max(1, moveGrain/(len(index)*block)), indexAddBody[T]{kernel.Of[T](), dst, src, index, n, inner, block, blocks})
}

type indexAddBody[T Float] struct {
	k                       *kernel.Set[T]
	dst, src                []T
	index                   []int
	n, inner, block, blocks int
}

func (b *indexAddBody[T]) Do(lo, hi int) {
	for u := lo; u < hi; u++ {
		o, first := u/b.blocks, u%b.blocks*b.block
		w := min(b.block, b.inner-first)
		for i, at := range b.index {
			if at < 0 {
				continue
			}
			to := b.dst[(o*b.n+at)*b.inner+first:][:w]
			b.k.Binary[kernel.Add](to, to, b.src[(o*len(b.index)+i)*b.inner+first:][:w])
		}
	}
}

// picked walks over the elements of part in row-major order and gives, for each, the position in
// whole that has the same indices but index[i] along the axis.
type picked struct {
	ndim, axis   int
	shape, index [MaxDims]int
	stride       [MaxDims]int // of whole, 0 along the axis
	along        int          // stride of whole along the axis
	at           int
}

func newPicked[T Float](op string, whole, part *Tensor[T], axis int, index []int) (p picked) {
	axis = whole.Axis(op, axis)
	bad := part.ndim != whole.ndim || part.Len() != len(index)
	for i := range min(part.ndim, whole.ndim) {
		bad = bad || i != axis && part.shape[i] > whole.shape[i]
	}
	if bad {
		PanicShape(op, fmt.Sprintf("%d indices along axis %d", len(index), axis), whole.Shape(), part.Shape())
	}
	checkIndices(op, whole, index, whole.shape[axis], axis)
	p.ndim, p.axis, p.along = part.ndim, axis, whole.strides[axis]
	p.shape, p.stride = part.shape, whole.strides
	p.stride[axis] = 0
	return p
}

// next returns the position that belongs to the next element, whose index along the axis is i.
func (p *picked) next(i int) int {
	at := p.at + i*p.along
	for a := p.ndim - 1; a >= 0; a-- {
		p.index[a]++
		p.at += p.stride[a]
		if p.index[a] < p.shape[a] {
			break
		}
		p.at -= p.index[a] * p.stride[a]
		p.index[a] = 0
	}
	return at
}

// Gather picks one element of x for each element of dst: the one with the same indices, except for
// the index along the axis, which is given, in row-major order of dst. No other length of dst may
// exceed x's. dst is contiguous.
//
//	dst[i][j] = x[i][index[i*cols+j]]   for axis 1
func Gather[T Float](dst, x *Tensor[T], axis int, index []int) {
	p := newPicked("Gather", x, dst, axis, index)
	if d := device.Active(); d != nil {
		deviceGather(d, dst.elements(), x.span(), index, &p)
		return
	}
	out := dst.Data()
	for o, i := range index {
		out[o] = x.data[p.next(i)]
	}
}

// ScatterAdd adds each element of src to one element of dst, which it finds as Gather does, in
// row-major order of src. src is contiguous.
//
//	dst[i][index[i*cols+j]] += src[i][j]   for axis 1
func ScatterAdd[T Float](dst *Tensor[T], axis int, index []int, src *Tensor[T]) {
	p := newPicked("ScatterAdd", dst, src, axis, index)
	if d := device.Active(); d != nil {
		places := make([]int, len(index))
		for o, i := range index {
			places[o] = p.next(i)
		}
		deviceScatter(d, dst.span(), src.elements(), places, 1, 0, 1)
		return
	}
	in := src.Data()
	for o, i := range index {
		dst.data[p.next(i)] += in[o]
	}
}

// MaskedFill computes dst = value where the mask is not 0, else x. The mask is broadcast to the
// shape of dst and x, which are contiguous and may be the same tensor.
func MaskedFill[T Float](dst, x, mask *Tensor[T], value T) {
	checkSame("MaskedFill", dst, x)
	b := maskBody[T]{value: value}
	b.run("MaskedFill", dst, x, mask)
}

// MaskedFillGrad is the backward pass of MaskedFill: it adds dy to dx where the mask is 0.
func MaskedFillGrad[T Float](dx, dy, mask *Tensor[T]) {
	checkSame("MaskedFillGrad", dx, dy)
	b := maskBody[T]{grad: true}
	b.run("MaskedFillGrad", dx, dy, mask)
}

type maskBody[T Float] struct {
	dst, x, mask []T
	value        T
	grad         bool
	n            nest
}

func (b *maskBody[T]) run(op string, dst, x, mask *Tensor[T]) {
	var m Tensor[T]
	mask.expandInto(op, &m, dst.Shape())
	b.dst, b.x, b.mask = dst.elements(), x.elements(), m.data
	if d := device.Active(); d != nil {
		deviceMask(d, b, &m)
		return
	}
	if dst.Len() > 0 {
		b.n.init(dst.Shape(), dst.Strides(), x.Strides(), m.Strides(), nil)
		parallel.For(b.n.units, b.n.grain(moveGrain), *b)
	}
}

func (b *maskBody[T]) Do(lo, hi int) {
	ms := b.n.innerStride(2)
	for u := lo; u < hi; u++ {
		at, n := b.n.unit(u)
		dst, mask := b.dst[at[0]:][:n], b.mask[at[2]:]
		for i, v := range b.x[at[1]:][:n] {
			switch masked := mask[i*ms] != 0; {
			case b.grad && !masked:
				dst[i] += v
			case b.grad:
			case masked:
				dst[i] = b.value
			default:
				dst[i] = v
			}
		}
	}
}

// Nonzero appends to index the positions of the elements of x that are not 0, counted in row-major
// order. x is contiguous.
func Nonzero[T Float](index []int, x *Tensor[T]) []int {
	device.Stay("Nonzero")
	for i, v := range x.Data() {
		if v != 0 {
			index = append(index, i)
		}
	}
	return index
}

// OneHot fills the last axis of dst, which has one place for each class, with zeros and a one at
// the class of the item. dst is contiguous; there is one class for each item, in row-major order of
// the other axes.
func OneHot[T Float](dst *Tensor[T], classes []int) {
	n := dst.Dim(-1)
	if len(classes)*n != dst.Len() {
		PanicShape("OneHot", fmt.Sprintf("%d items", len(classes)), dst.Shape())
	}
	checkIndices("OneHot", dst, classes, n, dst.ndim-1)
	if d := device.Active(); d != nil {
		device.Launch[T](d, "index", "one_hot", device.Each(dst.Len()),
			device.Out(dst.elements()), device.In(classes), device.Int(dst.Len()), device.Int(n))
		return
	}
	clear(dst.Data())
	for i, c := range classes {
		dst.data[i*n+c] = 1
	}
}
