package gradcheck_test

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/tensor"
)

// The gradient of x*tanh(x) is compared with central differences.
func ExampleCheck() {
	f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		return []*autograd.Var[float64]{tp.Mul(in[0], tp.Tanh(in[0]))}
	}
	result, err := gradcheck.Check(f, gradcheck.Options{}, tensor.FromSlice([]float64{-1, 0, 2}, 3))
	fmt.Println(result.Checked, "derivatives, error:", err)
	// Output: 3 derivatives, error: <nil>
}
