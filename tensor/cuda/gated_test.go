package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

func gatedChecks[T tensor.Float]() (checks []check[T]) {
	for _, shape := range [][]int{{1}, {5, 7}, {3, 0}, {0, 3, 2}, {2, 3, 4, 5}, {70, 2, 300}} {
		for _, count := range []int{1, append(shape, 0)[1]} {
			if count == 0 || count > 1 && len(shape) < 2 {
				continue
			}
			c := check[T]{name: fmt.Sprint("PReLU of ", shape, " with ", count), run: func() []*tensor.Tensor[T] {
				x, w, dy := normal[T]("x", shape...), normal[T]("w", count), normal[T]("dy", shape...)
				y, same := normal[T]("y", shape...), x.Clone()
				tensor.PReLU(y, x, w)
				tensor.PReLU(same, same, w)
				dx, dw, only, alone := normal[T]("dx", shape...), normal[T]("dw", count), normal[T]("only", shape...), normal[T]("alone", count)
				tensor.PReLUGrad(dx, dw, dy, x, w)
				tensor.PReLUGrad(only, nil, dy, x, w)
				tensor.PReLUGrad(nil, alone, dy, x, w)
				return []*tensor.Tensor[T]{y, same, dx, dw, only, alone}
			}}
			if tensor.New[T](shape...).Len() > 0 {
				c.kernels = []string{"prelu", "prelu_grad", "prelu_sums", "prelu_weights"}
			}
			checks = append(checks, c)
		}
		for axis, n := range shape {
			c := check[T]{name: fmt.Sprint("GLU of ", shape, " along axis ", axis), run: func() []*tensor.Tensor[T] {
				whole := append([]int{}, shape...)
				whole[axis] = 2 * n
				x, y, gate := normal[T]("x", whole...), normal[T]("y", shape...), normal[T]("gate", shape...)
				tensor.GLU(y, gate, x, axis)
				dx := normal[T]("dx", whole...)
				tensor.GLUGrad(dx, normal[T]("dy", shape...), gate, x, axis)
				return []*tensor.Tensor[T]{y, gate, dx}
			}}
			if tensor.New[T](shape...).Len() > 0 {
				c.kernels = []string{"glu", "glu_grad"}
			}
			checks = append(checks, c)
		}
		c := check[T]{name: fmt.Sprint("gate of ", shape), run: func() []*tensor.Tensor[T] {
			y := tensor.New[T](shape...)
			tensor.GateLog(y, normal[T]("x", shape...))
			dx, twice := normal[T]("dx", shape...), normal[T]("dy", shape...)
			tensor.GateLogGrad(dx, normal[T]("dy", shape...), y)
			tensor.GateLogGrad(twice, twice, y)
			return []*tensor.Tensor[T]{y, dx, twice}
		}}
		if tensor.New[T](shape...).Len() > 0 {
			c.kernels = []string{"map", "gate_log_grad"}
		}
		checks = append(checks, c)
	}
	// What is dropped is 0 and else at least 1: no difference of a mask is within the tolerance.
	for _, n := range []int{0, 1, 2, 7, 20001} {
		for _, p := range []float64{0, 0.25, 0.9, 1 - 0x1p-40} {
			c := check[T]{name: fmt.Sprint("dropout of ", n, " with ", p), run: func() []*tensor.Tensor[T] {
				ones, k := tensor.Full[T](1, n), tensor.NewKey(math.MaxUint64, "dropout", uint64(n))
				y, sum, same := normal[T]("y", n), tensor.Full[T](2, n), tensor.Full[T](1, n)
				tensor.Dropout(y, ones, k, p, 0)
				tensor.Dropout(sum, ones, k.Sub("other"), p, 1)
				tensor.Dropout(same, same, k.Sub("same"), p, 0)
				return []*tensor.Tensor[T]{y, sum, same}
			}}
			if n > 0 {
				c.kernels = []string{"dropout"}
			}
			checks = append(checks, c)
		}
	}
	return checks
}

func TestGated(t *testing.T) {
	compare(t, gatedChecks[float32]())
	compare(t, gatedChecks[float64]())
}
