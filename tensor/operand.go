package tensor

// Operand returns the elements of t as Data does, and nil of a nil t, without waiting for a device:
// they are an argument of one of its kernels, and not for the processor to read or write. It is for
// packages that pass them on to functions which take slices, or to kernels.
func Operand[T Float](t *Tensor[T]) []T { return elementsOf(t) }
