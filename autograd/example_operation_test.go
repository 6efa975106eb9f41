package autograd_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/tensor"
)

// gaussian returns exp(-x²), element by element. It computes the result at once, with functions of
// package tensor, and records what its backward pass needs.
func gaussian[T tensor.Float](tape *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y := tape.NewResult(autograd.Needs(x), x.Shape()...)
	tensor.Square(y.Value, x.Value)
	tensor.Neg(y.Value, y.Value)
	tensor.Exp(y.Value, y.Value)
	autograd.Record(tape, gaussianOp[T]{x, y})
	return y
}

type gaussianOp[T tensor.Float] struct{ x, y *autograd.Var[T] }

// Backward adds to the gradient of x: dx += dy * (-2 x y). An operation with several inputs asks
// each for RequiresGrad first.
func (o *gaussianOp[T]) Backward(tape *autograd.Tape[T]) {
	slope := tape.NewTensor(o.x.Shape()...)
	tensor.Mul(slope, o.x.Value, o.y.Value)
	tensor.Scale(slope, slope, -2)
	tensor.MulAdd(o.x.GradSum(), o.y.GradSum(), slope)
	tape.Free(slope)
}

// An operation of one's own is a function that records a struct with a Backward method. Its
// gradient is compared with central differences.
func ExampleRecord() {
	tape := autograd.NewTape[float64]()
	x := tape.Variable(tensor.FromSlice([]float64{-1, 0, 2}, 3))
	y := gaussian(tape, x)
	tape.Backward(tape.Sum(y))
	fmt.Println(y.Value)
	fmt.Println(x.Grad())

	f := func(tape *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		return []*autograd.Var[float64]{gaussian(tape, in[0])}
	}
	result, err := gradcheck.Check(f, gradcheck.Options{}, x.Value.Clone())
	fmt.Println(result.Checked, "derivatives, error:", err)
	// Output:
	// [0.36787944 1.         0.01831564]
	// [ 0.73575888  0.         -0.07326256]
	// 3 derivatives, error: <nil>
}
