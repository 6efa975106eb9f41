package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// MovingAverage computes dst = keep*dst + take*x, element by element. Both are contiguous, and of
// any shapes of equal length.
func MovingAverage[T Float](dst, x *Tensor[T], keep, take T) {
	checkLength("MovingAverage", dst, x)
	if d := device.Active(); d != nil {
		deviceMovingAverage(d, dst, x, keep, take)
		return
	}
	parallel.For(dst.Len(), grainUpdate, averageBody[T]{dst.Data(), x.Data(), keep, take})
}

type averageBody[T Float] struct {
	dst, x     []T
	keep, take T
}

func (b *averageBody[T]) Do(lo, hi int) {
	dst := b.dst[lo:hi]
	for i, v := range b.x[lo:hi] {
		dst[i] = b.keep*dst[i] + b.take*v
	}
}

// Lerp moves dst towards x: dst += rate*(x - dst), element by element. Both are contiguous and of
// one shape.
func Lerp[T Float](dst, x *Tensor[T], rate T) {
	checkSame("Lerp", dst, x)
	if d := device.Active(); d != nil {
		deviceLerp(d, dst, x, rate)
		return
	}
	parallel.For(dst.Len(), grainUpdate, lerpBody[T]{dst.Data(), x.Data(), rate})
}

type lerpBody[T Float] struct {
	dst, x []T
	rate   T
}

func (b *lerpBody[T]) Do(lo, hi int) {
	dst := b.dst[lo:hi]
	for i, v := range b.x[lo:hi] {
		dst[i] += b.rate * (v - dst[i])
	}
}

// Swap exchanges the elements of a and b, which are contiguous and of one shape.
func Swap[T Float](a, b *Tensor[T]) {
	checkSame("Swap", a, b)
	if d := device.Active(); d != nil {
		deviceSwap(d, a, b)
		return
	}
	parallel.For(a.Len(), grainUpdate, swapBody[T]{a.Data(), b.Data()})
}

type swapBody[T Float] struct{ a, b []T }

func (s *swapBody[T]) Do(lo, hi int) {
	a, b := s.a[lo:hi], s.b[lo:hi]
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// checkLength panics in the name of op unless a and b have equally many elements.
func checkLength[T Float](op string, a, b *Tensor[T]) {
	if a.Len() != b.Len() {
		PanicShape(op, "lengths must be equal", a.Shape(), b.Shape())
	}
}
