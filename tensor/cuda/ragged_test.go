package cuda

import (
	"testing"

	"elegans/tensor"
)

func groupedChecks[T tensor.Float]() []check[T] {
	type tensors = []*tensor.Tensor[T]
	product := []string{"matmul_small"}
	return []check[T]{
		{name: "ragged", kernels: product, run: func() tensors {
			offsets := []int{0, 3, 3, 4, 9} // a group without rows, one of one row
			x, w, b := normal[T]("x", 9, 5), normal[T]("w", 4, 6, 5), normal[T]("b", 4, 6)
			y, plain := normal[T]("y", 9, 6), normal[T]("plain", 9, 6)
			tensor.RaggedLinear(y, x, offsets, w, b)
			tensor.RaggedLinear(plain, x, offsets, w, nil)
			return tensors{y, plain}
		}},
		{name: "ragged gradient", kernels: product, run: func() (all tensors) {
			offsets := []int{0, 3, 3, 4, 9}
			x, w, dy := normal[T]("x", 9, 5), normal[T]("w", 4, 6, 5), normal[T]("dy", 9, 6)
			for _, beta := range []T{0, 1} {
				d := tensor.RaggedLinearGrads[T]{X: x.Clone(), Weight: w.Clone(), Bias: normal[T]("db", 4, 6), BetaX: beta, BetaW: beta, BetaB: beta}
				tensor.RaggedLinearGrad(d, dy, x, offsets, w)
				all = append(all, d.X, d.Weight, d.Bias)
			}
			only := tensor.RaggedLinearGrads[T]{Weight: w.Clone(), BetaW: 0.5}
			tensor.RaggedLinearGrad(only, dy, x, offsets, w)
			return append(all, only.Weight)
		}},
		{name: "ragged without rows", run: func() tensors {
			offsets := []int{0, 0, 0}
			x, w, y := tensor.New[T](0, 5), normal[T]("w", 2, 3, 5), tensor.New[T](0, 3)
			tensor.RaggedLinear(y, x, offsets, w, nil)
			d := tensor.RaggedLinearGrads[T]{X: tensor.New[T](0, 5), Weight: w.Clone(), Bias: normal[T]("db", 2, 3), BetaB: 1}
			tensor.RaggedLinearGrad(d, y, x, offsets, w)
			return tensors{d.Weight, d.Bias}
		}},
		{name: "grouped gradient", kernels: product, run: func() (all tensors) {
			// Groups, rows, columns of the result and of x.
			for _, c := range [][4]int{{3, 4, 6, 5}, {1, 1, 1, 1}, {2, 70, 40, 3}} {
				x, w := normal[T]("x", c[0], c[1], c[3]), normal[T]("w", c[0], c[2], c[3])
				y, dy := normal[T]("y", c[0], c[1], c[2]), normal[T]("dy", c[0], c[1], c[2])
				tensor.Map(tensor.OpTanh, y, y, 0, 0)
				for _, beta := range []T{0, 1} {
					d := tensor.GroupedLinearGrads[T]{X: x.Clone(), Weight: w.Clone(), Bias: normal[T]("db", c[0], c[2]), BetaX: beta, BetaW: beta, BetaB: beta}
					tensor.GroupedLinearGrad(tensor.OpTanh, d, dy, y, x, w)
					all = append(all, d.X, d.Weight, d.Bias)
				}
				only := tensor.GroupedLinearGrads[T]{X: x.Clone()}
				tensor.GroupedLinearGrad(tensor.OpReLU, only, dy, y, x, w)
				all = append(all, only.X)
			}
			return all
		}},
	}
}

func TestGrouped(t *testing.T) {
	compare(t, groupedChecks[float32]())
	compare(t, groupedChecks[float64]())
}
