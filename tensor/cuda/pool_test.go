package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

func poolChecks[T tensor.Float]() (checks []check[T]) {
	means := []string{"mean_pool", "mean_pool_grad"}
	nan := T(math.NaN())
	x := normal[T]("x", 2, 3, 8, 7)
	special := tensor.FromSlice([]T{1, 1, nan, 0, nan, 2, 2, nan, 3, 0, 0, 0, -1, 0, 0, 0}, 4, 4)
	for _, o := range []tensor.PoolOptions{
		{Kernel: [2]int{2, 2}},
		{Kernel: [2]int{3, 2}, Stride: [2]int{2, 1}, Padding: [2]int{1, 1}},
		{Kernel: [2]int{3, 3}, Stride: [2]int{2, 3}, CeilMode: true, Padding: [2]int{1, 0}, ExcludePadding: true},
		{Kernel: [2]int{2, 3}, Stride: [2]int{1, 2}, Dilation: [2]int{3, 2}, Padding: [2]int{1, 1}},
		{Kernel: [2]int{8, 7}},
	} {
		checks = append(checks, check[T]{name: fmt.Sprint("maxima ", o), kernels: []string{"max_pool", "max_pool_grad"},
			run: func() (all []*tensor.Tensor[T]) {
				for _, x := range []*tensor.Tensor[T]{x, special} {
					if x == special && o.Kernel[0] > 4 || o.Dilation[0] > 1 && x == special {
						continue
					}
					y := tensor.New[T](tensor.PoolShape(nil, x.Shape(), o)...)
					tensor.MaxPool(y, x, o)
					all = append(all, y)
					for beta := range 2 {
						dx := normal[T]("dx", x.Shape()...)
						tensor.MaxPoolGrad(dx, normal[T]("dy", y.Shape()...), x, y, T(beta), o)
						all = append(all, dx)
					}
				}
				return all
			}})
		if o.Dilation[0] > 1 {
			continue
		}
		checks = append(checks, check[T]{name: fmt.Sprint("means ", o), kernels: means,
			run: func() []*tensor.Tensor[T] {
				y, dx := tensor.New[T](tensor.PoolShape(nil, x.Shape(), o)...), normal[T]("dx", x.Shape()...)
				tensor.AvgPool(y, x, o)
				tensor.AvgPoolGrad(dx, normal[T]("dy", y.Shape()...), o)
				return []*tensor.Tensor[T]{y, dx}
			}})
	}
	for _, out := range [][2]int{{1, 1}, {3, 2}, {8, 7}, {11, 20}} {
		checks = append(checks, check[T]{name: fmt.Sprint("adaptive ", out), kernels: means,
			run: func() []*tensor.Tensor[T] {
				y, dx := tensor.New[T](2, 3, out[0], out[1]), normal[T]("dx", x.Shape()...)
				tensor.AdaptiveAvgPool(y, x)
				tensor.AdaptiveAvgPoolGrad(dx, normal[T]("dy", y.Shape()...))
				return []*tensor.Tensor[T]{y, dx}
			}})
	}
	for _, o := range []tensor.ResizeOptions{
		{Mode: tensor.Nearest, Scale: [2]float64{2, 2}},
		{Mode: tensor.Nearest, Size: [2]int{5, 19}},
		{Mode: tensor.Bilinear, Size: [2]int{5, 19}},
		{Mode: tensor.Bilinear, Scale: [2]float64{1.7, 0.4}},
		{Mode: tensor.BilinearCorners, Size: [2]int{15, 1}},
		{Mode: tensor.Bilinear, Size: [2]int{8, 7}},
	} {
		checks = append(checks, check[T]{name: fmt.Sprint("resize ", o), kernels: []string{"resize", "resize_grad"},
			run: func() []*tensor.Tensor[T] {
				y := tensor.New[T](tensor.ResizeShape(nil, x.Shape(), o)...)
				tensor.Resize(y, x, o)
				all := []*tensor.Tensor[T]{y}
				for beta := range 2 {
					dx := normal[T]("dx", x.Shape()...)
					tensor.ResizeGrad(dx, normal[T]("dy", y.Shape()...), T(beta), o)
					all = append(all, dx)
				}
				return all
			}})
	}
	return checks
}

func TestPool(t *testing.T) {
	compare(t, poolChecks[float32]())
	compare(t, poolChecks[float64]())
}
