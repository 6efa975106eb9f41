package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
)

// convCases have every attribute of a convolution, alone and together, in one and two dimensions.
var convCases = []struct {
	x, weight []int
	o         tensor.ConvOptions
	product   bool // all three are products of matrices
}{
	{x: []int{2, 3, 6, 5}, weight: []int{4, 3, 3, 2}},
	{x: []int{2, 3, 1, 1}, weight: []int{4, 3, 1, 1}},
	{x: []int{1, 4, 9, 8}, weight: []int{6, 2, 3, 3}, o: tensor.ConvOptions{Stride: [2]int{2, 3}, Padding: [2]int{2, 1}, Dilation: [2]int{1, 2}, Groups: 2}},
	// One channel a group, and strides that leave out some of x.
	{x: []int{3, 5, 7, 7}, weight: []int{5, 1, 3, 3}, o: tensor.ConvOptions{Padding: [2]int{1, 1}, Groups: 5}},
	{x: []int{2, 2, 8, 4}, weight: []int{3, 2, 2, 2}, o: tensor.ConvOptions{Stride: [2]int{3, 4}}},
	{x: []int{2, 3, 33}, weight: []int{4, 3, 5}},
	{x: []int{2, 6, 40}, weight: []int{4, 3, 3}, o: tensor.ConvOptions{Stride: [2]int{0, 2}, Padding: [2]int{0, 3}, Dilation: [2]int{0, 4}, Groups: 2}},
	{x: []int{4, 8, 20, 20}, weight: []int{2, 8, 3, 3}, o: tensor.ConvOptions{Padding: [2]int{1, 1}}},
	{x: []int{2, 26, 5, 6}, weight: []int{70, 26, 3, 2}, product: true},
	{x: []int{1, 60, 9, 20}, weight: []int{50, 30, 2, 3}, o: tensor.ConvOptions{
		Stride: [2]int{2, 3}, Padding: [2]int{2, 1}, Dilation: [2]int{1, 2}, Groups: 2}, product: true},
	// Few weights, each a long sum.
	{x: []int{3, 24, 30, 29}, weight: []int{24, 24, 1, 1}, product: true},
	{x: []int{2, 65, 40}, weight: []int{30, 65, 5}, o: tensor.ConvOptions{Stride: [2]int{0, 2}, Padding: [2]int{0, 3}}, product: true},
	{x: []int{0, 3, 4, 4}, weight: []int{2, 3, 3, 3}},
	{x: []int{2, 0, 4, 4}, weight: []int{2, 0, 3, 3}},
	{x: []int{2, 3, 4, 4}, weight: []int{0, 3, 3, 3}},
}

// convTransposeCases have output paddings besides, shorter than the stride and not.
var convTransposeCases = []struct {
	x, weight []int
	o         tensor.ConvOptions
}{
	{x: []int{2, 3, 4, 5}, weight: []int{3, 4, 3, 2}},
	{x: []int{2, 4, 3, 4}, weight: []int{4, 3, 3, 3}, o: tensor.ConvOptions{Stride: [2]int{2, 3}, Padding: [2]int{1, 0}, OutputPadding: [2]int{1, 2}, Groups: 2}},
	{x: []int{2, 3, 4, 3}, weight: []int{3, 2, 2, 2}, o: tensor.ConvOptions{Dilation: [2]int{3, 2}, OutputPadding: [2]int{2, 1}}},
	{x: []int{2, 3, 9}, weight: []int{3, 2, 4}, o: tensor.ConvOptions{Stride: [2]int{0, 2}, Padding: [2]int{0, 1}, Dilation: [2]int{0, 3}, OutputPadding: [2]int{0, 2}}},
	{x: []int{2, 30, 5, 4}, weight: []int{30, 28, 3, 2}, o: tensor.ConvOptions{Stride: [2]int{2, 1}, Dilation: [2]int{1, 3}, OutputPadding: [2]int{1, 2}}},
	{x: []int{0, 3, 9}, weight: []int{3, 2, 4}},
}

func convChecks[T tensor.Float]() (checks []check[T]) {
	for i, c := range convCases {
		x, w := normal[T]("x", c.x...), normal[T]("w", c.weight...)
		dy := normal[T]("dy", tensor.ConvShape(nil, c.x, c.weight, c.o)...)
		bias := normal[T]("bias", c.weight[0])
		kernels := []string{"conv_small", "conv_grad_input_small", "conv_grad_weight_small", "conv_grad_bias"}
		if c.product {
			kernels = []string{"conv", "conv_grad_input", "conv_grad_weight"}
		}
		if c.weight[0] == 24 {
			kernels = append(kernels, "conv_grad_weight_sum")
		}
		if x.Len() == 0 || dy.Len() == 0 {
			kernels = nil
		}
		checks = append(checks, check[T]{name: fmt.Sprint("conv ", i), kernels: kernels, run: func() []*tensor.Tensor[T] {
			y, plain := dy.Clone(), dy.Clone()
			tensor.Conv(y, x, w, bias, c.o)
			tensor.Conv(plain, x, w, nil, c.o)
			dx, dw, db := x.Clone(), w.Clone(), bias.Clone()
			dx2, dw2, db2 := x.Clone(), w.Clone(), bias.Clone()
			for beta, g := range [][3]*tensor.Tensor[T]{{dx, dw, db}, {dx2, dw2, db2}} {
				tensor.ConvGradInput(g[0], dy, w, T(beta), c.o)
				tensor.ConvGradWeight(g[1], x, dy, T(beta), c.o)
				tensor.ConvGradBias(g[2], dy, T(beta))
			}
			return []*tensor.Tensor[T]{y, plain, dx, dw, db, dx2, dw2, db2}
		}})
	}
	for i, c := range convTransposeCases {
		x, w := normal[T]("x", c.x...), normal[T]("w", c.weight...)
		dy := normal[T]("dy", tensor.ConvTransposeShape(nil, c.x, c.weight, c.o)...)
		bias := normal[T]("bias", dy.Dim(1))
		kernels := []string{"conv_small", "conv_grad_input_small", "conv_grad_weight_small"}
		if c.x[1] == 30 {
			kernels = []string{"conv", "conv_grad_input", "conv_grad_weight"}
		}
		if x.Len() == 0 {
			kernels = nil
		}
		checks = append(checks, check[T]{name: fmt.Sprint("transposed ", i), kernels: kernels, run: func() []*tensor.Tensor[T] {
			y := dy.Clone()
			tensor.ConvTranspose(y, x, w, bias, c.o)
			dx, dw, dx2, dw2 := x.Clone(), w.Clone(), x.Clone(), w.Clone()
			for beta, g := range [][2]*tensor.Tensor[T]{{dx, dw}, {dx2, dw2}} {
				tensor.ConvTransposeGradInput(g[0], dy, w, T(beta), c.o)
				tensor.ConvTransposeGradWeight(g[1], x, dy, T(beta), c.o)
			}
			return []*tensor.Tensor[T]{y, dx, dw, dx2, dw2}
		}})
	}
	return checks
}

func TestConv(t *testing.T) {
	compare(t, convChecks[float32]())
	compare(t, convChecks[float64]())
}
