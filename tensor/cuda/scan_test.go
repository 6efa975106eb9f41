package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
)

func scanChecks[T tensor.Float]() (checks []check[T]) {
	for _, shape := range [][]int{
		{7}, {1}, {0}, {3, 0}, {3, 4, 5}, {3, 1000}, {300, 3}, {2, 3, 700}, {40, 4100}, {2, 300, 3},
	} {
		x := tensor.Uniform[T](tensor.NewKey(1, "x"), 0.5, 1.5, shape...)
		if x.Len() > 0 {
			x.Set(0, make([]int, len(shape))...)
		}
		for axis := range shape {
			kernels := []string{"scan", "reduce", "cumprod_grad", "prod_grad"}
			long := shape[axis] > 1000 // the gradients take the square of it
			switch {
			case x.Len() == 0:
				kernels = nil
			case long:
				kernels = kernels[:2]
			}
			checks = append(checks, check[T]{name: fmt.Sprint(shape, " along axis ", axis), kernels: kernels,
				run: func() []*tensor.Tensor[T] {
					var reduced []int
					for i, n := range shape {
						if i != axis {
							reduced = append(reduced, n)
						}
					}
					sum, reverse, product, prod := tensor.New[T](shape...), tensor.New[T](shape...), x.Clone(),
						tensor.New[T](reduced...)
					tensor.CumSum(sum, x, axis)
					tensor.CumSumReverse(reverse, x, axis)
					tensor.CumProd(product, product, axis)
					tensor.Prod(prod, x, axis)
					dx, dp := normal[T]("dx", shape...), normal[T]("dp", shape...)
					if long {
						return []*tensor.Tensor[T]{sum, reverse, product, prod}
					}
					tensor.CumProdGrad(dx, normal[T]("dy", shape...), x, axis)
					tensor.ProdGrad(dp, normal[T]("dy", reduced...), x, axis)
					return []*tensor.Tensor[T]{sum, reverse, product, prod, dx, dp}
				}})
		}
	}
	return checks
}

func TestScan(t *testing.T) {
	compare(t, scanChecks[float32]())
	compare(t, scanChecks[float64]())
}
