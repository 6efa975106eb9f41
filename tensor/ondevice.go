package tensor

import (
	"fmt"
	"slices"

	"elegans/tensor/internal/device"
)

// span returns the elements from the first one of t to the last: what a kernel with the strides of
// t may touch.
func (t *Tensor[T]) span() []T {
	if t.Len() == 0 {
		return nil
	}
	last := 0
	for i, d := range t.Shape() {
		last += (d - 1) * t.strides[i]
	}
	return t.data[:last+1]
}

// elements is Data without a wait for the device.
func (t *Tensor[T]) elements() []T {
	if !t.IsContiguous() {
		PanicShape("Data", fmt.Sprintf("not contiguous, strides %v", slices.Clone(t.Strides())), t.Shape())
	}
	return t.data[:t.Len()]
}

// Operand returns the elements of t as Data does, and nil of a nil t, without waiting for a device:
// they are an argument of one of its kernels, and not for the processor to read or write. It is for
// packages that pass them on to functions which take slices, or to kernels.
func Operand[T Float](t *Tensor[T]) []T { return elementsOf(t) }

// elementsOf is elements of a tensor that may be nil.
func elementsOf[T Float](t *Tensor[T]) []T {
	if t == nil {
		return nil
	}
	return t.elements()
}

// written is the operand t of a kernel that writes all of its elements, and reads them if beta is
// not 0. Gaps between them must keep what they hold.
func written[T Float](t *Tensor[T], beta T) device.Arg {
	if beta == 0 && t.IsContiguous() {
		return device.Out(t.span())
	}
	return device.InOut(t.span())
}
