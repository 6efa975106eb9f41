package cuda

import (
	"fmt"
	"testing"

	"elegans/tensor"
)

// spread returns a tensor of the given shape whose elements lie apart, their axes in the opposite
// order.
func spread[T tensor.Float](name string, shape ...int) *tensor.Tensor[T] {
	wide := make([]int, len(shape))
	axes := make([]int, len(shape))
	for i, n := range shape {
		axes[i] = len(shape) - 1 - i
		wide[axes[i]] = 2*n + 1
	}
	x := normal[T](name, wide...).Permute(axes...)
	for i, n := range shape {
		x = x.Slice(i, min(1, n), 2*n+min(1, n), 2)
	}
	return x
}

// layoutOf returns a tensor that is contiguous or spread.
func layoutOf[T tensor.Float](apart bool, name string, shape ...int) *tensor.Tensor[T] {
	if apart {
		return spread[T](name, shape...)
	}
	return normal[T](name, shape...)
}

var elementShapes = [][]int{{1}, {7}, {3, 4, 5}, {2, 1, 3, 1, 2}, {40, 33}, {3, 0, 2}, {}}

// elementChecks run the functions over elements on operands that are contiguous, spread, broadcast
// and the destination itself.
func elementChecks[T tensor.Float]() (checks []check[T]) {
	for _, shape := range elementShapes {
		for _, apart := range []bool{false, true} {
			name := fmt.Sprint(shape, ", apart ", apart)
			add := func(what string, kernels []string, run func() []*tensor.Tensor[T]) {
				if tensor.New[T](shape...).Len() == 0 {
					kernels = nil
				}
				checks = append(checks, check[T]{name: what + " " + name, kernels: kernels, run: run})
			}
			// x is as dst, y has the other layout, row and column are broadcast.
			operands := func() (dst, x, y, row, column *tensor.Tensor[T]) {
				thin := append([]int{}, shape...)
				if len(thin) > 0 && thin[len(thin)-1] > 0 {
					thin[len(thin)-1] = 1
				}
				return layoutOf[T](apart, "dst", shape...), layoutOf[T](apart, "x", shape...), layoutOf[T](!apart, "y", shape...),
					normal[T]("row", shape[min(len(shape), 1):]...), layoutOf[T](apart, "column", thin...)
			}
			add("map", []string{"map"}, func() []*tensor.Tensor[T] {
				dst, x, y, _, _ := operands()
				tensor.Tanh(dst, x)
				tensor.Sigmoid(x, y)
				tensor.Clamp(y, y, -0.5, 0.75)
				return []*tensor.Tensor[T]{dst, x, y}
			})
			add("binary", []string{"binary"}, func() []*tensor.Tensor[T] {
				dst, x, y, row, column := operands()
				sum, outer, share := dst.Clone(), layoutOf[T](!apart, "outer", shape...), dst.Clone()
				tensor.Sub(dst, x, y)
				tensor.Add(sum, row, x)
				tensor.Mul(outer, row, column)
				tensor.Maximum(x, x, column)
				tensor.Div(y, y, y)
				tensor.MaximumGrad(share, share, share)
				return []*tensor.Tensor[T]{dst, sum, outer, x, y, share}
			})
			add("updates", []string{"mul_add", "add_scaled"}, func() []*tensor.Tensor[T] {
				dst, x, y, row, column := operands()
				other, square := layoutOf[T](!apart, "other", shape...), x.Clone()
				tensor.MulAdd(dst, x, y)
				tensor.MulAdd(other, row, column)
				tensor.MulAdd(square, square, square)
				tensor.AddScaled(x, row, 0.5)
				tensor.AddScaled(y, column, -2)
				tensor.AddScaled(column, column, 3)
				return []*tensor.Tensor[T]{dst, other, square, x, y, column}
			})
			add("where", []string{"select", "binary"}, func() []*tensor.Tensor[T] {
				dst, x, y, row, column := operands()
				tensor.Maximum(column, column, tensor.Scalar[T](0)) // some are 0
				tensor.Where(dst, column, x, y)
				tensor.Where(x, x, x, row)
				return []*tensor.Tensor[T]{dst, x}
			})
			// What lies between the elements stays.
			add("fill", []string{"fill"}, func() []*tensor.Tensor[T] {
				wide := normal[T]("wide", 5, 6, 7)
				tensor.Fill(wide.Slice(0, 1, 4, 2).Slice(2, 0, tensor.End, 3), 2.5)
				dst, x, _, _, _ := operands()
				tensor.Fill(dst, -1)
				x.Zero()
				return []*tensor.Tensor[T]{wide, dst, x}
			})
			if apart {
				continue
			}
			add("map grad", []string{"map_grad"}, func() []*tensor.Tensor[T] {
				dx, x, _, _, _ := operands()
				y, dy := tensor.New[T](shape...), normal[T]("dy", shape...)
				tensor.Tanh(y, x)
				over := dx.Clone()
				tensor.MapGrad(tensor.OpTanh, dx, dy, x, y, 0, 0, 1)
				tensor.MapGrad(tensor.OpTanh, over, dy, x, y, 0, 0, 0)
				tensor.MapGrad(tensor.OpELU, dy, dy, x, y, 0.5, 0, 0)
				return []*tensor.Tensor[T]{dx, over, dy}
			})
			add("averages", []string{"moving_average", "lerp", "swap"}, func() []*tensor.Tensor[T] {
				dst, x, a, _, _ := operands()
				a, b := a.Contiguous(), normal[T]("b", shape...)
				tensor.MovingAverage(dst, x.Reshape(-1), 0.75, 0.5)
				tensor.Lerp(x, dst, 0.3)
				tensor.Swap(a, b)
				return []*tensor.Tensor[T]{dst, x, a, b}
			})
		}
	}
	return checks
}

func TestElements(t *testing.T) {
	compare(t, elementChecks[float32]())
	compare(t, elementChecks[float64]())
}
