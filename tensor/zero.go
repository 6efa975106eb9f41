package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// IsZero reports whether every element of x, which must be contiguous, is 0. It stops at the first
// stretch that is not.
func IsZero[T Float](x *Tensor[T]) bool {
	if d := device.Active(); d != nil {
		return deviceWhole(d, x.elements(), nil, wholeNonZero, 0, 0) == 0
	}
	return isZero(kernel.Of[T](), x.Data())
}

func isZero[T Float](k *kernel.Set[T], x []T) bool {
	const stretch = 2048
	for i := 0; i < len(x); i += stretch {
		s := x[i:min(i+stretch, len(x))]
		if k.Max(s) != 0 || k.Min(s) != 0 { // or a NaN
			return false
		}
	}
	return true
}

// NonzeroGroups sets flags[g] to 1 if some element of x[g] is other than 0, and else to 0, for x
// [groups, ..], which must be contiguous. What a gradient is multiplied with need not be computed
// where it is 0: products with finite numbers then add exactly nothing.
func NonzeroGroups[T Float](flags []int, x *Tensor[T]) {
	if x.ndim < 1 || len(flags) != x.shape[0] {
		PanicShape("NonzeroGroups", "want a flag for each group", x.Shape(), []int{len(flags)})
	}
	clear(flags)
	if x.Len() == 0 {
		return
	}
	n := x.Len() / len(flags)
	if d := device.Active(); d != nil {
		device.Launch[T](d, "reduce", "nonzero_groups", device.Rows(len(flags), n),
			device.Out(flags), device.In(x.elements()), device.Int(len(flags)), device.Int(n))
		return
	}
	parallel.For(len(flags), max(1, 8*chunkElems/n), nonzeroGroups[T]{kernel.Of[T](), flags, x.Data(), n})
}

type nonzeroGroups[T Float] struct {
	k     *kernel.Set[T]
	flags []int
	x     []T
	n     int
}

func (b *nonzeroGroups[T]) Do(lo, hi int) {
	for g := lo; g < hi; g++ {
		if !isZero(b.k, b.x[g*b.n:(g+1)*b.n]) {
			b.flags[g] = 1
		}
	}
}
