package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

type lineShape struct {
	name  string
	shape []int
	axis  int
}

// manyRows has more rows than a launch has blocks.
var manyRows = lineShape{"more rows than blocks", []int{33000, 2}, 1}

// lineShapes are shapes and axes of which the lines are many and few, long and short, side by side
// and apart, and none.
var lineShapes = []lineShape{
	{"row", []int{7}, 0},
	{"one element", []int{1, 1}, 1},
	{"rows", []int{5, 33}, -1},
	{"long rows", []int{2, 700}, 1},
	{"middle", []int{2, 9, 5}, 1},
	{"first", []int{40, 3}, 0},
	{"many columns", []int{3, 4, 70}, 1},
	{"long columns", []int{300, 37}, 0},
	{"no elements", []int{0, 4}, 1},
	{"no lines", []int{3, 0}, 1},
}

// alongAxis returns the shape without an axis: one element for each line.
func alongAxis(shape []int, axis int) []int {
	if axis < 0 {
		axis += len(shape)
	}
	return append(append([]int{}, shape[:axis]...), shape[axis+1:]...)
}

func softmaxChecks[T tensor.Float]() (checks []check[T]) {
	inf, nan := T(math.Inf(1)), T(math.NaN())
	special := tensor.FromSlice([]T{-inf, -inf, -inf, 1, -inf, 2, nan, 1, 2, 1000, -1000, 0, inf, 0, 0}, 5, 3)
	shapes := append(lineShapes[:len(lineShapes):len(lineShapes)], manyRows)
	for _, s := range shapes {
		x := normal[T]("x "+s.name, s.shape...)
		tensor.Scale(x, x, 3)
		kernels := []string{"softmax", "softmax_grad"}
		if x.Len() == 0 {
			kernels = nil
		}
		checks = append(checks, check[T]{name: s.name, kernels: kernels, run: func() []*tensor.Tensor[T] {
			y, log, soft := tensor.New[T](s.shape...), tensor.New[T](s.shape...), tensor.New[T](s.shape...)
			lse := tensor.New[T](alongAxis(s.shape, s.axis)...)
			tensor.Softmax(y, x, s.axis)
			tensor.LogSoftmax(log, x, s.axis)
			tensor.LogSumExp(lse, soft, x, s.axis)
			dy := normal[T]("dy", s.shape...)
			dx, dlog := normal[T]("dx", s.shape...), normal[T]("dx", s.shape...)
			tensor.SoftmaxGrad(dx, y, dy, s.axis)
			tensor.LogSoftmaxGrad(dlog, log, dy, tensor.New[T](s.shape...), s.axis)
			inPlace := x.Clone()
			tensor.Softmax(inPlace, inPlace, s.axis)
			return []*tensor.Tensor[T]{y, log, lse, soft, dx, dlog, inPlace}
		}})
	}
	for axis := range 2 {
		x := special
		if axis == 0 {
			x = special.T().Contiguous()
		}
		checks = append(checks, check[T]{name: fmt.Sprintf("infinite and NaN along axis %d", axis), run: func() []*tensor.Tensor[T] {
			y, lse := tensor.New[T](x.Shape()...), tensor.New[T](5)
			tensor.LogSumExp(lse, y, x, axis)
			return []*tensor.Tensor[T]{y, lse}
		}})
	}
	return checks
}

func TestSoftmax(t *testing.T) {
	compare(t, softmaxChecks[float32]())
	compare(t, softmaxChecks[float64]())
}

// TestSoftmaxOfGaps looks at what the device path says where operands are not contiguous.
func TestSoftmaxOfGaps(t *testing.T) {
	open(t, Options{Staged: true})
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("no ShapeError")
		}
	}()
	x := tensor.New[float32](3, 4).T()
	tensor.Softmax(x, x, 0)
}
