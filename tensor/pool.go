package tensor

import (
	"fmt"
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// PoolOptions holds the attributes of pooling, those of the height first. Zero values stand for a
// stride as large as the kernel, no padding and dilation 1.
type PoolOptions struct {
	Kernel, Stride, Padding, Dilation [2]int
	CeilMode                          bool // keep a last window that begins inside but does not fit
	ExcludePadding                    bool // average over elements only, not over padding
}

// window is a pooling window along one axis.
type window struct{ in, out, kernel, stride, padding, dilation int }

// clip returns the elements of window i that lie within the axis: lo, lo+dilation, ... below hi.
func (w *window) clip(i int) (lo, hi int) {
	lo = i*w.stride - w.padding
	hi = min(lo+w.dilation*(w.kernel-1)+1, w.in)
	if lo < 0 {
		lo += (-lo + w.dilation - 1) / w.dilation * w.dilation
	}
	return lo, hi
}

// extent returns the length of window i with its padding, which ends where the padded axis ends.
func (w *window) extent(i int) int {
	lo := i*w.stride - w.padding
	return min(lo+w.kernel, w.in+w.padding) - lo
}

// windows completes and checks the options for planes of the given height and width.
func (o PoolOptions) windows(op string, shape []int) (w [2]window) {
	if len(shape) < 2 {
		PanicShape(op, "want [.., height, width]", shape)
	}
	for d := range 2 {
		w[d] = window{in: shape[len(shape)-2+d], kernel: o.Kernel[d], stride: o.Stride[d], padding: o.Padding[d], dilation: o.Dilation[d]}
		v := &w[d]
		checkAttributes(op, shape, v.kernel, v.stride, v.padding, v.dilation)
		if v.stride == 0 {
			v.stride = v.kernel
		}
		if v.dilation == 0 {
			v.dilation = 1
		}
		if v.kernel < 1 || v.stride < 1 || v.dilation < 1 || v.padding < 0 || 2*v.padding > v.kernel {
			PanicShape(op, fmt.Sprintf("kernel %v, stride %v, padding %v, dilation %v: want positive numbers, and padding of at most half the kernel", o.Kernel, o.Stride, o.Padding, o.Dilation), shape)
		}
		room := v.in + 2*v.padding - v.dilation*(v.kernel-1) - 1
		if room < 0 && (!o.CeilMode || room <= -v.stride || v.in == 0) {
			PanicShape(op, fmt.Sprintf("kernel %v is larger than the padded input", o.Kernel), shape)
		}
		if o.CeilMode {
			// a last window that begins inside may end outside, even if it is the only one
			v.out = (room+v.stride-1)/v.stride + 1
			if (v.out-1)*v.stride >= v.in+v.padding {
				v.out-- // it would begin in the padding
			}
		} else {
			v.out = room/v.stride + 1
		}
	}
	return w
}

// PoolShape appends the shape of the result of pooling planes x [.., H, W] to dst.
func PoolShape(dst, x []int, o PoolOptions) []int {
	w := o.windows("Pool", x)
	dst = append(dst, x[:len(x)-2]...)
	return append(dst, w[0].out, w[1].out)
}

// poolPlanes checks that y is the result of pooling x and returns the number of planes.
func poolPlanes[T Float](op string, x, y *Tensor[T], h, w int) int {
	n := x.ndim
	if y.ndim != n || y.shape[n-2] != h || y.shape[n-1] != w {
		PanicShape(op, fmt.Sprintf("want planes of %d by %d as result", h, w), x.Shape(), y.Shape())
	}
	planes := 1
	for i, d := range x.shape[:n-2] {
		if y.shape[i] != d {
			PanicShape(op, "leading axes differ", x.Shape(), y.Shape())
		}
		planes *= d
	}
	return planes
}

// planeGrain is the number of planes that are worth a goroutine, when each takes about work
// nanoseconds.
func planeGrain(work int) int { return max(1, 50000/max(work, 1)) }

// MaxPool computes the maximum of each window of the planes x [.., H, W]; padding counts as -Inf. A
// NaN in a window is its maximum. Both must be contiguous.
func MaxPool[T Float](dst, x *Tensor[T], o PoolOptions) {
	w := o.windows("MaxPool", x.Shape())
	planes := poolPlanes("MaxPool", x, dst, w[0].out, w[1].out)
	if d := device.Active(); d != nil {
		deviceMaxPool(d, dst.elements(), x.elements(), w)
		return
	}
	if halves(w) {
		parallel.For(planes, planeGrain(w[0].out*w[1].out), maxHalves[T]{w: w, x: x.Data(), y: dst.Data()})
		return
	}
	parallel.For(planes, planeGrain(w[0].out*w[1].out*w[0].kernel*w[1].kernel), maxPool[T]{w[0], w[1], dst.Data(), x.Data()})
}

type maxPool[T Float] struct {
	h, w   window
	dst, x []T
}

func (p *maxPool[T]) Do(lo, hi int) {
	in, out := p.h.in*p.w.in, p.h.out*p.w.out
	for i := lo; i < hi; i++ {
		x, dst := p.x[i*in:(i+1)*in], p.dst[i*out:(i+1)*out]
		for r := range p.h.out {
			for q := range p.w.out {
				if j := maxIndex(&p.h, &p.w, x, r, q); j >= 0 {
					dst[r*p.w.out+q] = x[j]
				} else {
					dst[r*p.w.out+q] = T(math.Inf(-1))
				}
			}
		}
	}
}

// maxIndex returns the place of the first maximum, in row-major order, of a window of a plane, or
// -1 if all of the (dilated) window lies in the padding. A NaN counts as larger than all numbers.
func maxIndex[T Float](h, w *window, x []T, r, q int) int {
	h0, h1 := h.clip(r)
	w0, w1 := w.clip(q)
	if h0 >= h1 || w0 >= w1 {
		return -1
	}
	best := h0*w.in + w0
	for i := h0; i < h1; i += h.dilation {
		for j := i*w.in + w0; j < i*w.in+w1; j += w.dilation {
			if v := x[j]; v > x[best] || v != v && x[best] == x[best] {
				best = j
			}
		}
	}
	return best
}

// halves reports whether the windows are blocks of 2 by 2 that all lie inside.
func halves(w [2]window) bool {
	for _, v := range w {
		if v.kernel != 2 || v.stride != 2 || v.padding != 0 || v.dilation != 1 || 2*v.out > v.in {
			return false
		}
	}
	return true
}

// maxHalves runs the kernels for windows of 2 by 2: forward, or, if dx is there, backward.
type maxHalves[T Float] struct {
	w            [2]window
	x, y, dx, dy []T
	add          bool
}

func (p *maxHalves[T]) Do(lo, hi int) {
	k := &kernel.Of[T]().Pool
	h, w := p.w[0], p.w[1]
	in, out := h.in*w.in, h.out*w.out
	planes, rows := 1, h.out
	if 2*h.out == h.in { // the rows of all planes follow each other
		planes, rows = hi-lo, (hi-lo)*h.out
	}
	for i := lo; i < hi; i += planes {
		x, y := p.x[i*in:(i+planes)*in], p.y[i*out:(i+planes)*out]
		if p.dx != nil {
			k.MaxGrad(p.dx[i*in:(i+planes)*in], p.dy[i*out:(i+planes)*out], x, y, rows, w.out, w.in, p.add)
		} else {
			k.Max(y, x, rows, w.out, w.in)
		}
	}
}

// MaxPoolGrad computes dx = beta*dx + the gradient of MaxPool with respect to x, given the result y
// and the gradient dy with respect to it, which goes to the first maximum of each window. beta is 0
// or 1.
func MaxPoolGrad[T Float](dx, dy, x, y *Tensor[T], beta T, o PoolOptions) {
	const op = "MaxPoolGrad"
	w := o.windows(op, x.Shape())
	checkSame(op, dx, x)
	checkSame(op, dy, y)
	planes := poolPlanes(op, x, y, w[0].out, w[1].out)
	if d := device.Active(); d != nil {
		deviceMaxPoolGrad(d, dx.elements(), dy.elements(), x.elements(), beta, w)
		return
	}
	covered := halves(w) && 2*w[0].out == w[0].in && 2*w[1].out == w[1].in
	if beta == 0 && !covered {
		clear(dx.Data())
	}
	if halves(w) {
		body := maxHalves[T]{w: w, x: x.Data(), y: y.Data(), dx: dx.Data(), dy: dy.Data(), add: beta != 0 || !covered}
		parallel.For(planes, planeGrain(2*w[0].out*w[1].out), body)
		return
	}
	parallel.For(planes, planeGrain(w[0].out*w[1].out*w[0].kernel*w[1].kernel), maxPoolGrad[T]{w[0], w[1], dx.Data(), dy.Data(), x.Data()})
}

type maxPoolGrad[T Float] struct {
	h, w      window
	dx, dy, x []T
}

func (p *maxPoolGrad[T]) Do(lo, hi int) {
	in, out := p.h.in*p.w.in, p.h.out*p.w.out
	for i := lo; i < hi; i++ {
		x, dx, dy := p.x[i*in:(i+1)*in], p.dx[i*in:(i+1)*in], p.dy[i*out:(i+1)*out]
		for r := range p.h.out {
			for q := range p.w.out {
				if j := maxIndex(&p.h, &p.w, x, r, q); j >= 0 {
					dx[j] += dy[r*p.w.out+q]
				}
			}
		}
	}
}
