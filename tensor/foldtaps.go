package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// FoldTaps computes the weights y [4*out, in, 2, 2] with which a convolution of a small image makes
// what one with w [out, in, 3, 3] makes of the image enlarged twice, pixel by pixel. Channel 4*o +
// 2*ry + rx of the result is for rows of parity ry and columns of parity rx of the large image.
//
// Along one axis, a result at an even place reads the pixels p, p, p+1 of the small image, and one
// at an odd place p, p+1, p+1. (With padding, where everything stands one place further, the same
// holds.) So the taps 0, 1 | 2 meet the same pixel in the first case, and 0 | 1, 2 in the second.
func FoldTaps[T Float](y, w *Tensor[T]) {
	out, in := foldShape("FoldTaps", y, w)
	if d := device.Active(); d != nil {
		deviceFold(d, y.elements(), w.elements(), in)
		return
	}
	parallel.For(out, max(1, foldGrain/max(1, in)), foldBody[T]{w.Data(), y.Data(), in})
}

// FoldTapsGrad is the backward pass of FoldTaps: it adds to dw.
func FoldTapsGrad[T Float](dw, dy *Tensor[T]) {
	out, in := foldShape("FoldTapsGrad", dy, dw)
	if d := device.Active(); d != nil {
		deviceFoldGrad(d, dw.elements(), dy.elements(), in)
		return
	}
	parallel.For(out, max(1, foldGrain/max(1, in)), foldGradBody[T]{dw.Data(), dy.Data(), in})
}

func foldShape[T Float](op string, y, w *Tensor[T]) (out, in int) {
	if w.ndim != 4 || w.shape[2] != 3 || w.shape[3] != 3 || y.ndim != 4 || y.shape[0] != 4*w.shape[0] || y.shape[1] != w.shape[1] || y.shape[2] != 2 || y.shape[3] != 2 {
		PanicShape(op, "want weights [out, in, 3, 3] and [4*out, in, 2, 2]", w.Shape(), y.Shape())
	}
	return w.shape[0], w.shape[1]
}

// foldGrain is the number of pairs of channels that take about 25 us.
const foldGrain = 1 << 11

type foldBody[T Float] struct {
	w, y []T // [out, in, 9], [out, 4, in, 4]
	in   int
}

// Do folds the weights of the output channels lo to hi-1. Taps are added in their order.
func (b foldBody[T]) Do(lo, hi int) {
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

type foldGradBody[T Float] struct {
	dw, dy []T // as in foldBody
	in     int
}

// Do adds the gradients of the output channels lo to hi-1: every tap takes part in one sum of each
// parity.
func (b foldGradBody[T]) Do(lo, hi int) {
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
