package kernel

// MicroKernel is the register-blocked heart of the matrix product.
type MicroKernel[T Float] struct {
}

func goMicroKernel[T Float]() MicroKernel[T] { return MicroKernel[T]{} }
