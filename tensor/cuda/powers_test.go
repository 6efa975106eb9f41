package cuda

import (
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/powers"
)

func powersChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	for _, c := range []struct {
		name    string
		power   []int
		rows, d int
	}{
		{"powers", []int{0, 1, 2, 7}, 3, 5}, {"wide", []int{3, 1}, 2, 700}, {"one number", []int{2}, 1, 1},
		{"vanishing", []int{400, 300}, 2, 3}, {"no units", nil, 2, 3}, {"no rows", []int{1}, 0, 4},
	} {
		e, x := normal[T]("e", len(c.power), c.rows, c.d), normal[T]("x", c.rows, c.d)
		dy := normal[T]("dy", len(c.power), c.rows, c.d)
		if len(c.power) > 1 {
			// A row of zeros is left out, whatever x is.
			dy.Slice(0, 1, 2, 1).Zero()
			x.Set(T(math.Inf(1)), 0, 0)
			dy.Slice(2, 0, 1, 1).Zero()
			x.Set(0, c.rows-1, c.d-1)
		}
		kernels := []string{"powers", "powers_grad"}
		if e.Len() == 0 {
			kernels = nil
		}
		checks = append(checks, check[T]{name: c.name, kernels: kernels, run: func() tensors {
			y, de, dx := e.Clone(), e.Clone(), x.Clone()
			powers.Mul(y, e, x, c.power)
			row := x.Clone()
			powers.MulGrad(de, dx, dy, e, x, c.power, row)
			onlyE, onlyX := e.Clone(), x.Clone()
			powers.MulGrad(onlyE, nil, dy, e, x, c.power, row)
			powers.MulGrad(nil, onlyX, dy, e, x, c.power, row)
			return tensors{y, de, dx, onlyE, onlyX}
		}})
	}
	return checks
}

func TestPowers(t *testing.T) {
	compare(t, powersChecks[float32]())
	compare(t, powersChecks[float64]())
}
