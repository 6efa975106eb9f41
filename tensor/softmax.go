package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// lines is a contiguous tensor seen as [outer, n, inner], for operations along the axis of length
// n.
type lines struct{ outer, n, inner int }

// linesAlong splits the shape of x at axis; the other tensors must have the same shape.
func linesAlong[T Float](op string, x *Tensor[T], axis int, others ...*Tensor[T]) lines {
	axis = x.Axis(op, axis)
	checkSame(op, x, others...)
	l := lines{1, x.shape[axis], 1}
	for _, d := range x.shape[:axis] {
		l.outer *= d
	}
	for _, d := range x.shape[axis+1 : x.ndim] {
		l.inner *= d
	}
	return l
}

const (
	// chunkElems is the number of elements that one goroutine takes at a time in operations on
	// rows: 20 to 60 microseconds of work.
	chunkElems = 1 << 16
	// columnBlock is the number of neighbouring lines that are worked on together when the axis is
	// not the last.
	columnBlock = 64
)

// blocks is the number of independent pieces of work: rows, or blocks of columns.
func (l lines) blocks() int { return l.outer * ((l.inner + columnBlock - 1) / columnBlock) }

// grain is the number of blocks of a chunk.
func (l lines) grain() int { return max(1, chunkElems/max(1, l.n*min(l.inner, columnBlock))) }

// block returns the offset of the first element of block i, the number of its columns and its place
// among all lines.
func (l lines) block(i int) (offset, width, line int) {
	per := (l.inner + columnBlock - 1) / columnBlock
	o, j := i/per, i%per*columnBlock
	return o*l.n*l.inner + j, min(columnBlock, l.inner-j), o*l.inner + j
}

// Softmax computes dst = exp(x - max) / sum(exp(x - max)) along an axis of x, which must be
// contiguous. dst may be x.
func Softmax[T Float](dst, x *Tensor[T], axis int) { softmax("Softmax", dst, nil, x, axis, false) }

// LogSoftmax computes dst = x - log(sum(exp(x))) along an axis of x, which must be contiguous; dst
// must not be x.
func LogSoftmax[T Float](dst, x *Tensor[T], axis int) {
	softmax("LogSoftmax", dst, nil, x, axis, true)
}

// LogSumExp computes dst = log(sum(exp(x))) along an axis of x, and into soft, which has the shape
// of x and may be x, softmax(x): the gradient of dst. dst has one element for each line of x along
// the axis. All three must be contiguous.
func LogSumExp[T Float](dst, soft, x *Tensor[T], axis int) {
	l := linesAlong("LogSumExp", x, axis, soft)
	if dst.Len() != l.outer*l.inner {
		PanicShape("LogSumExp", "the result needs one element for each line", dst.Shape(), x.Shape())
	}
	softmax("LogSumExp", soft, dst.elements(), x, axis, false)
}

func softmax[T Float](op string, dst *Tensor[T], lse []T, x *Tensor[T], axis int, log bool) {
	l := linesAlong(op, dst, axis, x)
	if d := device.Active(); d != nil {
		deviceSoftmax(d, dst, lse, x, l, log)
		return
	}
	parallel.For(l.blocks(), l.grain(), softmaxBody[T]{kernel.Of[T](), l, dst.Data(), x.Data(), lse, log})
}

type softmaxBody[T Float] struct {
	k *kernel.Set[T]
	lines
	dst, x, lse []T
	log         bool
}

func (b *softmaxBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		if b.inner > 1 {
			b.columns(i)
			continue
		}
		x, dst := b.x[i*b.n:(i+1)*b.n], b.dst[i*b.n:(i+1)*b.n]
		m := b.k.RowMax(x)
		sum := b.k.ExpSum(dst, x, m)
		if b.lse != nil {
			b.lse[i] = logSum(m, sum)
		}
		if b.log {
			b.k.Normalize(dst, x, m, 1, -T(math.Log(float64(sum))))
		} else {
			b.k.RowScale(dst, dst, 1/sum)
		}
	}
}

// logSum is m + log(sum), where sum is relative to exp(m); infinite maxima stand for themselves.
func logSum[T Float](m, sum T) T {
	if math.IsInf(float64(m), 0) {
		return m
	}
	return m + T(math.Log(float64(sum)))
}

// columns works on up to columnBlock lines at once, so that memory is read along the last axis.
func (b *softmaxBody[T]) columns(i int) {
	offset, width, line := b.block(i)
	var high, sum [columnBlock]T
	for j := range width {
		high[j] = T(math.Inf(-1))
	}
	for r := range b.n {
		for j, v := range b.x[offset+r*b.inner:][:width] {
			high[j] = max(high[j], v)
		}
	}
	for r := range b.n {
		at := offset + r*b.inner
		x, dst := b.x[at:at+width], b.dst[at:at+width]
		for j, v := range x {
			dst[j] = v - high[j]
		}
		b.k.ExpSum(dst, dst, 0)
		for j, v := range dst {
			sum[j] += v
		}
	}
	for j, s := range sum[:width] {
		if b.lse != nil {
			b.lse[line+j] = logSum(high[j], s)
		}
		if b.log {
			sum[j] = T(math.Log(float64(s)))
		} else {
			sum[j] = 1 / s
		}
	}
	for r := range b.n {
		at := offset + r*b.inner
		x, dst := b.x[at:at+width], b.dst[at:at+width]
		for j, v := range x {
			if b.log {
				dst[j] = v - high[j] - sum[j]
			} else {
				dst[j] *= sum[j]
			}
		}
	}
}

// SoftmaxGrad adds to dx the gradient of y = Softmax(x): dx += y * (dy - sum(y*dy)) along the axis.
func SoftmaxGrad[T Float](dx, y, dy *Tensor[T], axis int) {
	l := linesAlong("SoftmaxGrad", dx, axis, y, dy)
	if d := device.Active(); d != nil {
		deviceSoftmaxGrad(d, dx, y, dy, l, false)
		return
	}
	parallel.For(l.blocks(), l.grain(), softmaxGradBody[T]{kernel.Of[T](), l, dx.Data(), y.Data(), dy.Data()})
}

type softmaxGradBody[T Float] struct {
	k *kernel.Set[T]
	lines
	dx, y, dy []T
}

func (b *softmaxGradBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		if b.inner == 1 {
			y, dy := b.y[i*b.n:(i+1)*b.n], b.dy[i*b.n:(i+1)*b.n]
			b.k.SoftmaxGrad(b.dx[i*b.n:(i+1)*b.n], y, dy, b.k.RowDot(y, dy))
			continue
		}
		offset, width, _ := b.block(i)
		var dot [columnBlock]T
		for r := range b.n {
			at := offset + r*b.inner
			dy := b.dy[at : at+width]
			for j, v := range b.y[at : at+width] {
				dot[j] += v * dy[j]
			}
		}
		for r := range b.n {
			at := offset + r*b.inner
			dx, dy := b.dx[at:at+width], b.dy[at:at+width]
			for j, v := range b.y[at : at+width] {
				dx[j] += v * (dy[j] - dot[j])
			}
		}
	}
}

// LogSoftmaxGrad adds to dx the gradient of y = LogSoftmax(x): dx += dy - exp(y) * sum(dy) along
// the axis. scratch has the shape of y and is overwritten.
func LogSoftmaxGrad[T Float](dx, y, dy, scratch *Tensor[T], axis int) {
	l := linesAlong("LogSoftmaxGrad", dx, axis, y, dy, scratch)
	if d := device.Active(); d != nil {
		deviceSoftmaxGrad(d, dx, y, dy, l, true)
		return
	}
	parallel.For(l.blocks(), l.grain(), logSoftmaxGradBody[T]{kernel.Of[T](), l, dx.Data(), y.Data(), dy.Data(), scratch.Data()})
}

type logSoftmaxGradBody[T Float] struct {
	k *kernel.Set[T]
	lines
	dx, y, dy, p []T
}

func (b *logSoftmaxGradBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		offset, width, _ := b.block(i)
		var sum [columnBlock]T
		if b.inner == 1 {
			row := b.p[offset : offset+b.n]
			b.k.ExpSum(row, b.y[offset:offset+b.n], 0)
			sum[0] = b.k.RowSum(b.dy[offset : offset+b.n])
			b.k.NormGrad(b.dx[offset:offset+b.n], b.dy[offset:offset+b.n], row, 0, 1, -sum[0], 0)
			continue
		}
		for r := range b.n {
			at := offset + r*b.inner
			b.k.ExpSum(b.p[at:at+width], b.y[at:at+width], 0)
			for j, v := range b.dy[at : at+width] {
				sum[j] += v
			}
		}
		for r := range b.n {
			at := offset + r*b.inner
			dx, p := b.dx[at:at+width], b.p[at:at+width]
			for j, v := range b.dy[at : at+width] {
				dx[j] += v - p[j]*sum[j]
			}
		}
	}
}
