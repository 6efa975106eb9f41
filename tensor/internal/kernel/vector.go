package kernel

// Vector holds the kernels over slices. dst may be the same slice as an operand unless the comment of a field says otherwise.
type Vector[T Float] struct {
}

func goVector[T Float]() Vector[T] { return Vector[T]{} }
