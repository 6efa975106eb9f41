package tensor

import (
	"fmt"
	"slices"
)

// Operand returns the elements of t as Data does, and nil of a nil t, without waiting for a device:
// they are an argument of one of its kernels, and not for the processor to read or write.
func Operand[T Float](t *Tensor[T]) []T {
	if t == nil {
		return nil
	}
	if !t.IsContiguous() {
		PanicShape("Operand", fmt.Sprintf("not contiguous, strides %v", slices.Clone(t.Strides())), t.Shape())
	}
	return t.data[:t.Len()]
}
