package tensor

import "elegans/tensor/internal/kernel"

// ActFunc returns a function of one variable, without parameters of its own (a = 1, b = 0), in the
// form that the fused layers (LinearAct, GroupedLinear) take. It returns nil for the identity.
func ActFunc[T Float](op UnaryOp) func(dst, x []T) {
	if f, ok := any(actFuncs32[op]).(func(dst, x []T)); ok {
		return f
	}
	return any(actFuncs64[op]).(func(dst, x []T))
}

// The functions are made once, because a function value that is made for a type parameter
// allocates.
var (
	actFuncs32 = makeActFuncs[float32]()
	actFuncs64 = makeActFuncs[float64]()
)

func makeActFuncs[T Float]() (fs [kernel.NumUnary]func(dst, x []T)) {
	for op := range fs {
		fs[op] = func(dst, x []T) { kernel.Of[T]().Map[op](dst, x, 1, 0) }
	}
	return fs
}
