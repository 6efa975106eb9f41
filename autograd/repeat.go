package autograd

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// Tile repeats x as a whole, repeats[i] times along axis i; missing leading axes are added.
func (tp *Tape[T]) Tile(x *Var[T], repeats ...int) *Var[T] {
	var shape, kept [tensor.MaxDims]int
	n, lead := len(repeats), len(repeats)-x.Value.Dims()
	if lead < 0 || n > tensor.MaxDims {
		tensor.PanicShape("Tile", "want one repetition for each axis", x.Shape(), repeats)
	}
	for i, r := range repeats {
		shape[i], kept[i] = r, r
		if i >= lead {
			shape[i] = times("Tile", r, x, i-lead)
		}
	}
	y := tp.NewResult(Needs(x), shape[:n]...)
	tensor.Tile(y.Value, x.Value, repeats...)
	Record(tp, tileOp[T]{x, y, n, kept})
	return y
}

// times returns the length of an axis of x times the repeats. It panics in the name of op if that
// is negative or no int.
func times[T tensor.Float](op string, repeats int, x *Var[T], axis int) int {
	n := x.Shape()[axis]
	if repeats < 0 || n > 0 && repeats > math.MaxInt/n {
		tensor.PanicShape(op, fmt.Sprintf("%d repeats of axis %d", repeats, axis), x.Shape())
	}
	return repeats * n
}

type tileOp[T tensor.Float] struct {
	x, y    *Var[T]
	n       int
	repeats [tensor.MaxDims]int
}

func (o *tileOp[T]) Backward(*Tape[T]) {
	tensor.TileGrad(o.x.GradSum(), o.y.GradSum(), o.repeats[:o.n]...)
}

// RepeatInterleave repeats each element of x along an axis: 1 2 becomes 1 1 2 2.
func (tp *Tape[T]) RepeatInterleave(x *Var[T], repeats, axis int) *Var[T] {
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	axis = x.Value.Axis("RepeatInterleave", axis)
	shape[axis] = times("RepeatInterleave", repeats, x, axis)
	y := tp.NewResult(Needs(x), shape...)
	tensor.RepeatInterleave(y.Value, x.Value, repeats, axis)
	Record(tp, repeatInterleaveOp[T]{x, y, repeats, axis})
	return y
}

type repeatInterleaveOp[T tensor.Float] struct {
	x, y          *Var[T]
	repeats, axis int
}

func (o *repeatInterleaveOp[T]) Backward(*Tape[T]) {
	tensor.RepeatInterleaveGrad(o.x.GradSum(), o.y.GradSum(), o.repeats, o.axis)
}

// Flip reverses x along the given axes.
func (tp *Tape[T]) Flip(x *Var[T], axes ...int) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.Flip(y.Value, x.Value, axes...)
	o := flipOp[T]{x: x, y: y, n: len(axes)}
	copy(o.axes[:], axes)
	Record(tp, o)
	return y
}

type flipOp[T tensor.Float] struct {
	x, y *Var[T]
	n    int
	axes [tensor.MaxDims]int
}

func (o *flipOp[T]) Backward(tp *Tape[T]) {
	g := tp.NewTensor(o.x.Shape()...)
	tensor.Flip(g, o.y.GradSum(), o.axes[:o.n]...)
	tp.addGrad(o.x, g, 1)
	tp.Free(g)
}

// Roll moves the elements of x on by shifts[i] places along axes[i], those at the end to the start.
func (tp *Tape[T]) Roll(x *Var[T], shifts, axes []int) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	tensor.Roll(y.Value, x.Value, shifts, axes)
	back, along := tp.NewInts(len(shifts)), tp.NewInts(len(axes))
	for i, s := range shifts {
		back[i], along[i] = -s, axes[i]
	}
	Record(tp, rollOp[T]{x, y, back, along})
	return y
}

type rollOp[T tensor.Float] struct {
	x, y       *Var[T]
	back, axes []int
}

func (o *rollOp[T]) Backward(tp *Tape[T]) {
	g := tp.NewTensor(o.x.Shape()...)
	tensor.Roll(g, o.y.GradSum(), o.back, o.axes)
	tp.addGrad(o.x, g, 1)
	tp.Free(g)
}

// Tril returns x with zeros above a diagonal of the last two axes: element [..., i, j] is kept
// where j <= i + diagonal.
func (tp *Tape[T]) Tril(x *Var[T], diagonal int) *Var[T] { return tp.triangle(x, diagonal, false) }

// Triu returns x with zeros below a diagonal of the last two axes: element [..., i, j] is kept
// where j >= i + diagonal.
func (tp *Tape[T]) Triu(x *Var[T], diagonal int) *Var[T] { return tp.triangle(x, diagonal, true) }

func (tp *Tape[T]) triangle(x *Var[T], diagonal int, upper bool) *Var[T] {
	y := tp.NewResult(Needs(x), x.Shape()...)
	cut(y.Value, x.Value, diagonal, upper)
	Record(tp, triangleOp[T]{x, y, diagonal, upper})
	return y
}

func cut[T tensor.Float](dst, x *tensor.Tensor[T], diagonal int, upper bool) {
	if upper {
		tensor.Triu(dst, x, diagonal)
	} else {
		tensor.Tril(dst, x, diagonal)
	}
}

type triangleOp[T tensor.Float] struct {
	x, y     *Var[T]
	diagonal int
	upper    bool
}

func (o *triangleOp[T]) Backward(tp *Tape[T]) {
	g := tp.NewTensor(o.x.Shape()...)
	cut(g, o.y.GradSum(), o.diagonal, o.upper)
	tp.addGrad(o.x, g, 1)
	tp.Free(g)
}
