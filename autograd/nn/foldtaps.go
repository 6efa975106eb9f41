package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// foldTaps returns the weights [4*out, in, 2, 2] with which UpsampleConv2d convolves the small
// image, from those of the large one, w [out, in, 3, 3]. Channel 4*o + 2*ry + rx is for the results
// at rows of parity ry and columns of parity rx of the large image.
//
// Along one axis, a result at an even place reads the pixels p, p, p+1 of the small image, one at
// an odd place p, p+1, p+1 (with padding, where everything stands one place further, the same
// holds): the taps 0, 1 | 2 meet the same pixel in the first case, 0 | 1, 2 in the second.
func foldTaps[T tensor.Float](tp *autograd.Tape[T], w *autograd.Var[T]) *autograd.Var[T] {
	s := w.Shape()
	y := tp.NewResult(w.RequiresGrad(), 4*s[0], s[1], 2, 2)
	tensor.Parallel(s[0], max(1, foldChunk/s[1]), foldLoop[T]{w.Value.Data(), y.Value.Data(), s[1]})
	autograd.Record(tp, foldOp[T]{w, y})
	return y
}

// foldChunk is the number of pairs of channels that take about 25 us.
const foldChunk = 1 << 11

type foldLoop[T tensor.Float] struct {
	w, y []T // [out, in, 9], [out, 4, in, 4]
	in   int
}

// Do folds the weights of the output channels lo to hi-1. Taps are added in their order.
func (b foldLoop[T]) Do(lo, hi int) {
	n := 4 * b.in
	for o := lo; o < hi; o++ {
		y := b.y[o*4*n:][:4*n]
		y0, y1, y2, y3 := y[:n], y[n:][:n], y[2*n:][:n], y[3*n:][:n]
		for i := range b.in {
			w := (*[9]T)(b.w[(o*b.in+i)*9:])
			*(*[4]T)(y0[4*i:]) = [4]T{w[0] + w[1] + w[3] + w[4], w[2] + w[5], w[6] + w[7], w[8]}
			*(*[4]T)(y1[4*i:]) = [4]T{w[0] + w[3], w[1] + w[2] + w[4] + w[5], w[6], w[7] + w[8]}
			*(*[4]T)(y2[4*i:]) = [4]T{w[0] + w[1], w[2], w[3] + w[4] + w[6] + w[7], w[5] + w[8]}
			*(*[4]T)(y3[4*i:]) = [4]T{w[0], w[1] + w[2], w[3] + w[6], w[4] + w[5] + w[7] + w[8]}
		}
	}
}

type foldOp[T tensor.Float] struct{ w, y *autograd.Var[T] }

func (o *foldOp[T]) Backward(*autograd.Tape[T]) {
	s, dy := o.w.Shape(), o.y.GradSum()
	dw := o.w.GradSum()
	tensor.Parallel(s[0], max(1, foldChunk/s[1]), foldGradLoop[T]{dw.Data(), dy.Data(), s[1]})
}

type foldGradLoop[T tensor.Float] struct {
	dw, dy []T // as in foldLoop
	in     int
}

// Do adds the gradients of the output channels lo to hi-1: every tap takes part in one sum of each
// parity.
func (b foldGradLoop[T]) Do(lo, hi int) {
	n := 4 * b.in
	for o := lo; o < hi; o++ {
		y := b.dy[o*4*n:][:4*n]
		y0, y1, y2, y3 := y[:n], y[n:][:n], y[2*n:][:n], y[3*n:][:n]
		for i := range b.in {
			w := (*[9]T)(b.dw[(o*b.in+i)*9:])
			a, b, c, d := (*[4]T)(y0[4*i:]), (*[4]T)(y1[4*i:]), (*[4]T)(y2[4*i:]), (*[4]T)(y3[4*i:])
			w[0] += a[0] + b[0] + c[0] + d[0]
			w[1] += a[0] + b[1] + c[0] + d[1]
			w[2] += a[1] + b[1] + c[1] + d[1]
			w[3] += a[0] + b[0] + c[2] + d[2]
			w[4] += a[0] + b[1] + c[2] + d[3]
			w[5] += a[1] + b[1] + c[3] + d[3]
			w[6] += a[2] + b[2] + c[2] + d[2]
			w[7] += a[2] + b[3] + c[2] + d[3]
			w[8] += a[3] + b[3] + c[3] + d[3]
		}
	}
}
