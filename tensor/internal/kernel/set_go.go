package kernel

// goLevel is the reference implementation in plain Go.
func goLevel() level {
	return level{"go", goSet[float32](), goSet[float64]()}
}

func goSet[T Float]() *Set[T] {
	return &Set[T]{Name: "go", Vector: goVector[T](), Rows: goRows[T](), Columns: goColumns[T](), CSR: goCSR[T](), Recurrent: goRecurrent[T](), Gemm: goMicroKernel[T](), Conv: goConv[T](), Pool: goPool[T]()}
}
