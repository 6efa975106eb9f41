package tensor

// Operand returns the elements of t as Data does, and nil of a nil t, without waiting for a device:
// they are an argument of one of its kernels, and not for the processor to read or write. It is for
// the packages below this one.
func Operand[T Float](t *Tensor[T]) []T { return elementsOf(t) }
