package cuda

import (
	"testing"

	"elegans/tensor"
)

func matmulChecks[T tensor.Float]() []check[T] {
	a, b := normal[T]("a", 70, 33), normal[T]("b", 33, 50)
	small := []string{"matmul_small"}
	return []check[T]{
		{name: "large", kernels: []string{"matmul"}, run: func() []*tensor.Tensor[T] { return []*tensor.Tensor[T]{a.MatMul(b)} }},
		{name: "transposed", kernels: []string{"matmul"}, run: func() []*tensor.Tensor[T] {
			dst := tensor.New[T](50, 70)
			tensor.MatMul(dst.T(), a, b)
			return []*tensor.Tensor[T]{dst, b.T().MatMul(a.T())}
		}},
		{name: "transposed, few columns", kernels: small, run: func() (results []*tensor.Tensor[T]) {
			for n := 1; n <= 3; n++ {
				dst := tensor.New[T](n, 7)
				tensor.MatMul(dst.T(), normal[T]("r", 7, 3), normal[T]("s", 3, n))
				results = append(results, dst)
			}
			return results
		}},
		{name: "vectors", kernels: small, run: func() []*tensor.Tensor[T] {
			x, y := normal[T]("x", 9), normal[T]("y", 9)
			return []*tensor.Tensor[T]{x.MatMul(y), x.MatMul(normal[T]("m", 2, 9, 3)), normal[T]("n", 2, 3, 9).MatMul(y)}
		}},
		{name: "no inner elements", kernels: small, run: func() []*tensor.Tensor[T] {
			return []*tensor.Tensor[T]{tensor.New[T](3, 0).MatMul(tensor.New[T](0, 4))}
		}},
		{name: "batches broadcast", kernels: small, run: func() []*tensor.Tensor[T] {
			return []*tensor.Tensor[T]{normal[T]("p", 3, 1, 4, 5).MatMul(normal[T]("q", 2, 5, 6))}
		}},
		{name: "destination with gaps", kernels: small, run: func() []*tensor.Tensor[T] {
			dst := normal[T]("gaps", 7, 2, 5, 2)
			view := dst.Slice(1, 0, 1, 1).Squeeze(1).Slice(2, 1, 2, 1).Squeeze(2)
			tensor.Gemm(view, normal[T]("r", 7, 3), normal[T]("s", 3, 5), 2, 0)
			tensor.Gemm(view, normal[T]("r", 7, 3), normal[T]("s", 3, 5), -1, 3)
			return []*tensor.Tensor[T]{dst}
		}},
		{name: "linear", kernels: small, run: func() []*tensor.Tensor[T] {
			dst := tensor.New[T](2, 3, 4)
			tensor.LinearAct(dst, normal[T]("x", 2, 3, 5), normal[T]("w", 4, 5), normal[T]("b", 4), tensor.OpTanh)
			return []*tensor.Tensor[T]{dst}
		}},
		{name: "grouped linear", kernels: small, run: func() []*tensor.Tensor[T] {
			dst := tensor.New[T](3, 2, 4)
			tensor.GroupedLinear(dst, normal[T]("x", 3, 2, 5), normal[T]("w", 3, 4, 5), normal[T]("b", 3, 4), tensor.OpNone)
			return []*tensor.Tensor[T]{dst}
		}},
		{name: "gradients", kernels: small, run: func() []*tensor.Tensor[T] {
			x, w, dy := normal[T]("x", 2, 3, 5), normal[T]("w", 5, 4), normal[T]("dy", 2, 3, 4)
			dx, dw := normal[T]("dx", 2, 3, 5), normal[T]("dw", 5, 4)
			tensor.MatMulGradA(dx, dy, w, 1)
			tensor.MatMulGradB(dw, x, dy, 0)
			// One a for two products, whose gradients are summed.
			da := tensor.New[T](3, 5)
			tensor.MatMulGradA(da, normal[T]("dp", 2, 3, 4), normal[T]("b2", 2, 5, 4), 0)
			return []*tensor.Tensor[T]{dx, dw, da}
		}},
	}
}

func TestMatMul(t *testing.T) {
	compare(t, matmulChecks[float32]())
	compare(t, matmulChecks[float64]())
}
