package autograd

import "elegans/tensor"

// The operations of this file remember the indices and masks that they are given, which must stay
// unchanged until Backward has run.

// IndexSelect returns the elements index[0], index[1], ... of x along an axis; an index may occur
// several times.
//
//	x [.., n, ..], index of m numbers below n  ->  [.., m, ..]
func (tp *Tape[T]) IndexSelect(x *Var[T], axis int, index []int) *Var[T] {
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[x.Value.Axis("IndexSelect", axis)] = len(index)
	y := tp.NewResult(Needs(x), shape...)
	tensor.IndexSelect(y.Value, x.Value, axis, index)
	Record(tp, indexSelectOp[T]{x, y, axis, index})
	return y
}

type indexSelectOp[T tensor.Float] struct {
	x, y  *Var[T]
	axis  int
	index []int
}

func (o *indexSelectOp[T]) Backward(*Tape[T]) {
	tensor.IndexAdd(o.x.GradSum(), o.axis, o.index, o.y.GradSum())
}

// IndexAdd returns x with the elements of src along an axis added to the elements index[0],
// index[1], ...; an index may occur several times.
//
//	x [.., n, ..], src [.., m, ..], index of m numbers below n  ->  [.., n, ..]
func (tp *Tape[T]) IndexAdd(x *Var[T], axis int, index []int, src *Var[T]) *Var[T] {
	y := tp.NewResult(Needs(x, src), x.Shape()...)
	tensor.Copy(y.Value, x.Value)
	tensor.IndexAdd(y.Value, axis, index, src.Value)
	Record(tp, indexAddOp[T]{x, src, y, axis, index})
	return y
}

type indexAddOp[T tensor.Float] struct {
	x, src, y *Var[T]
	axis      int
	index     []int
}

func (o *indexAddOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.x.RequiresGrad() {
		tp.addGrad(o.x, dy, 1)
	}
	if o.src.RequiresGrad() {
		g := tp.NewTensor(o.src.Shape()...)
		tensor.IndexSelect(g, dy, o.axis, o.index)
		tp.addGrad(o.src, g, 1)
		tp.Free(g)
	}
}

// Gather picks one element of x for each of the indices, which are given in row-major order of the
// result's shape; see tensor.Gather.
//
//	y[i][j] = x[i][index[i*cols+j]]   for axis 1
func (tp *Tape[T]) Gather(x *Var[T], axis int, index []int, shape ...int) *Var[T] {
	y := tp.NewResult(Needs(x), shape...)
	tensor.Gather(y.Value, x.Value, axis, index)
	Record(tp, gatherOp[T]{x, y, axis, index})
	return y
}

type gatherOp[T tensor.Float] struct {
	x, y  *Var[T]
	axis  int
	index []int
}

func (o *gatherOp[T]) Backward(*Tape[T]) {
	tensor.ScatterAdd(o.x.GradSum(), o.axis, o.index, o.y.GradSum())
}

// ScatterAdd returns x with each element of src added to the element that its index names, in
// row-major order of src; see tensor.ScatterAdd.
//
//	y = x; y[i][index[i*cols+j]] += src[i][j]   for axis 1
func (tp *Tape[T]) ScatterAdd(x *Var[T], axis int, index []int, src *Var[T]) *Var[T] {
	y := tp.NewResult(Needs(x, src), x.Shape()...)
	tensor.Copy(y.Value, x.Value)
	tensor.ScatterAdd(y.Value, axis, index, src.Value)
	Record(tp, scatterAddOp[T]{x, src, y, axis, index})
	return y
}

type scatterAddOp[T tensor.Float] struct {
	x, src, y *Var[T]
	axis      int
	index     []int
}

func (o *scatterAddOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.x.RequiresGrad() {
		tp.addGrad(o.x, dy, 1)
	}
	if o.src.RequiresGrad() {
		g := tp.NewTensor(o.src.Shape()...)
		tensor.Gather(g, dy, o.axis, o.index)
		tp.addGrad(o.src, g, 1)
		tp.Free(g)
	}
}

// MaskedFill returns x with value wherever the mask, which is broadcast to x's shape, is not 0. The
// backward pass reads the mask again: it must stay unchanged until Reset.
func (tp *Tape[T]) MaskedFill(x *Var[T], mask *tensor.Tensor[T], value T) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.MaskedFill(y.Value, x.Value, mask, value)
	Record(tp, maskedFillOp[T]{x, y, mask})
	return y
}

type maskedFillOp[T tensor.Float] struct {
	x, y *Var[T]
	mask *tensor.Tensor[T]
}

func (o *maskedFillOp[T]) Backward(*Tape[T]) {
	tensor.MaskedFillGrad(o.x.GradSum(), o.y.GradSum(), o.mask)
}

// MaskedSelect returns the elements of x where the mask, which is broadcast together with x, is not
// 0, as a vector in row-major order.
func (tp *Tape[T]) MaskedSelect(x *Var[T], mask *tensor.Tensor[T]) *Var[T] {
	var buf [tensor.MaxDims]int
	shape := tensor.BroadcastShape("MaskedSelect", buf[:0], x.Shape(), mask.Shape())
	if !tensor.SameShape(x.Value, mask) {
		x = tp.Expand(x, shape...)
	}
	full := tp.NewTensor(shape...)
	tensor.Copy(full, mask)
	index := tensor.Nonzero(tp.NewInts(x.Value.Len())[:0], full)
	tp.Free(full)
	y := tp.NewResult(Needs(x), len(index))
	flat := flattened(x.Value)
	tensor.Gather(y.Value, &flat, 0, index)
	Record(tp, pickOp[T]{x, y, index})
	return y
}

// flattened returns t, which is contiguous, as a vector.
func flattened[T tensor.Float](t *tensor.Tensor[T]) (v tensor.Tensor[T]) {
	v.ViewOf(t, t.Len())
	return v
}

// pickOp is y[k] = x[index[k]] on the elements in row-major order.
type pickOp[T tensor.Float] struct {
	x, y  *Var[T]
	index []int
}

func (o *pickOp[T]) Backward(*Tape[T]) {
	dx := flattened(o.x.GradSum())
	tensor.ScatterAdd(&dx, 0, o.index, o.y.GradSum())
}

// Sort returns x sorted along an axis and the places that the elements had on it, in row-major
// order; equal elements keep their order. The slice belongs to the tape.
func (tp *Tape[T]) Sort(x *Var[T], axis int, descending bool) (*Var[T], []int) {
	y := tp.NewResult(Needs(x), x.Shape()...)
	index := tp.NewInts(x.Value.Len())
	tensor.Sort(y.Value, index, x.Value, axis, descending)
	Record(tp, gatherOp[T]{x, y, axis, index})
	return y, index
}

// TopK returns the k largest elements of x along an axis, the largest first, and their places on
// it, in row-major order. The slice belongs to the tape.
func (tp *Tape[T]) TopK(x *Var[T], k, axis int) (*Var[T], []int) {
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[x.Value.Axis("TopK", axis)] = k
	y := tp.NewResult(Needs(x), shape...)
	index := tp.NewInts(y.Value.Len())
	tensor.TopK(y.Value, index, x.Value, axis)
	Record(tp, gatherOp[T]{x, y, axis, index})
	return y, index
}

// Outer returns the products of all pairs of elements of two vectors: a [m], b [n]  ->  [m, n].
func (tp *Tape[T]) Outer(a, b *Var[T]) *Var[T] {
	if a.Value.Dims() != 1 || b.Value.Dims() != 1 {
		tensor.PanicShape("Outer", "want two vectors", a.Shape(), b.Shape())
	}
	return tp.Mul(tp.Unsqueeze(a, 1), tp.Unsqueeze(b, 0))
}
