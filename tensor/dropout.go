package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Dropout computes dst = beta*dst + m*x/(1-p), where m is 0 with probability p and 1 otherwise, for
// contiguous tensors of equal shapes; beta is 0 or 1. The mask depends on the key and the index of
// the element only, so the same call with dy in place of x is the backward pass, and nothing has to
// be kept. Element i is dropped if 32 bits of k.Uint64(i/2), the lower for even and the upper for
// odd i, are below p*2^32. p must lie in [0, 1).
func Dropout[T Float](dst, x *Tensor[T], k Key, p float64, beta T) {
	checkSame("Dropout", dst, x)
	if !(p >= 0 && p < 1) {
		PanicShape("Dropout", "the probability must lie in [0, 1)", x.Shape())
	}
	o := kernel.Drop[T]{Key: k.state, Threshold: uint32(p * (1 << 32)), Scale: T(1 / (1 - p)), Beta: beta}
	if d := device.Active(); d != nil {
		deviceDropout(d, dst, x, o)
		return
	}
	parallel.For(x.Len(), grainFunction, dropout[T]{dst.Data(), x.Data(), o})
}

type dropout[T Float] struct {
	dst, x []T
	d      kernel.Drop[T]
}

func (m *dropout[T]) Do(lo, hi int) {
	d := m.d
	for ; lo < hi; lo += block {
		end := min(lo+block, hi)
		d.First = uint64(lo)
		kernel.Of[T]().Dropout(m.dst[lo:end], m.x[lo:end], d)
	}
}
