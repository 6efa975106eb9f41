package tensor

import "elegans/tensor/internal/kernel"

// OpNone stands for no function in LinearAct and GroupedLinear, which apply a function to their
// results: the identity.
const OpNone UnaryOp = 255

// actFunc returns a function, with the parameters a = 1 and b = 0, in the form that a product's
// epilogue takes: nil for OpNone.
func actFunc[T Float](op UnaryOp) func(dst, x []T) {
	if op == OpNone {
		return nil
	}
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
