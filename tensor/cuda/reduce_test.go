package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

// numbers returns a vector of numbers that belong to the host.
func numbers[T tensor.Float, N int | float64](n ...N) *tensor.Tensor[T] {
	t := tensor.New[T](len(n))
	for i, v := range n {
		t.Set(T(v), i)
	}
	return t
}

// flag is 1 or 0.
func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// reductions are shapes, strides and axes that take every way through the kernels.
func reductions[T tensor.Float]() []struct {
	name string
	x    *tensor.Tensor[T]
	axes []int
} {
	return []struct {
		name string
		x    *tensor.Tensor[T]
		axes []int
	}{
		{"all", normal[T]("x", 3, 4, 5), nil},
		{"last", normal[T]("x", 3, 4, 5), []int{2}},
		{"middle", normal[T]("x", 3, 4, 5), []int{1}},
		{"first and last", normal[T]("x", 3, 4, 5), []int{0, -1}},
		{"one element", normal[T]("x", 3, 1, 2), []int{1}},
		{"scalar", tensor.Scalar[T](-3), nil},
		{"long rows", normal[T]("long", 3, 5000), []int{1}},
		{"many rows", normal[T]("many", 300, 3), []int{1}},
		{"columns", normal[T]("tall", 5000, 70), []int{0}},
		{"strided", normal[T]("x", 6, 7, 4).Slice(0, 1, 6, 2).Transpose(0, 2), []int{0, 2}},
	}
}

func reduceChecks[T tensor.Float]() (checks []check[T]) {
	reduce := []string{"reduce"}
	for _, c := range reductions[T]() {
		result := func() *tensor.Tensor[T] {
			var shape []int
			for i, n := range c.x.Shape() {
				for _, a := range c.axes {
					if c.x.Axis("", a) == i {
						n = 1
					}
				}
				if c.axes == nil {
					n = 1
				}
				shape = append(shape, n)
			}
			return tensor.New[T](shape...)
		}
		checks = append(checks, check[T]{name: c.name, kernels: reduce, run: func() (all []*tensor.Tensor[T]) {
			for _, f := range []func(dst *tensor.Tensor[T]){
				func(dst *tensor.Tensor[T]) { tensor.ReduceSum(dst, c.x, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReduceMean(dst, c.x, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReduceMax(dst, c.x, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReduceMin(dst, c.x, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReduceNorm(dst, c.x, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReduceVariance(dst, c.x, 0, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReducePNorm(dst, c.x.Contiguous(), 3, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.ReducePNorm(dst, c.x.Contiguous(), 0, c.axes...) },
				func(dst *tensor.Tensor[T]) { tensor.Copy(dst, normal[T]("before")); tensor.SumTo(dst, c.x) },
			} {
				dst := result()
				f(dst)
				all = append(all, dst)
			}
			return all
		}})
		checks = append(checks, check[T]{name: c.name + ", gradients", kernels: []string{"reduce_grad"},
			run: func() (all []*tensor.Tensor[T]) {
				x, y := c.x.Contiguous(), result()
				dy := normal[T]("dy", y.Shape()...)
				for _, f := range []func(dx *tensor.Tensor[T]){
					func(dx *tensor.Tensor[T]) {
						tensor.ReduceMax(y, x, c.axes...)
						tensor.ReduceMaxGrad(dx, dy, x, y)
					},
					func(dx *tensor.Tensor[T]) { tensor.ReduceVarianceGrad(dx, dy, x, -1) },
					func(dx *tensor.Tensor[T]) {
						tensor.ReduceVariance(y, x, 0, c.axes...)
						tensor.ReduceStdGrad(dx, dy, x, y, -1)
					},
					func(dx *tensor.Tensor[T]) {
						tensor.ReduceNorm(y, x, c.axes...)
						tensor.ReduceNormGrad(dx, dy, x, y)
					},
					func(dx *tensor.Tensor[T]) {
						tensor.ReducePNorm(y, x, 3, c.axes...)
						tensor.ReducePNormGrad(dx, dy, x, y, 3)
					},
				} {
					dx := normal[T]("dx", x.Shape()...)
					f(dx)
					all = append(all, dx)
				}
				return all
			}})
	}
	nan, inf := math.NaN(), math.Inf(1)
	rows := tensor.FromSlice([]T{1, T(nan), 3, 2, 2, T(-inf), 0, 0, 0, T(inf), T(nan), T(nan)}, 4, 3)
	return append(checks,
		check[T]{name: "special values", kernels: []string{"reduce", "reduce_grad"},
			run: func() (all []*tensor.Tensor[T]) {
				for axis := range 2 {
					n := rows.Dim(1 - axis)
					largest, smallest, norm := tensor.New[T](n), tensor.New[T](n), tensor.New[T](n)
					tensor.ReduceMax(largest, rows, axis)
					tensor.ReduceMin(smallest, rows, axis)
					tensor.ReduceNorm(norm, rows, axis)
					all = append(all, largest, smallest, norm)
				}
				// Elements that share a maximum, and a row of zeros: norm and deviation have no
				// slope.
				x, dx, y := tensor.FromSlice([]T{2, 2, 1, 0, 0, 0}, 2, 3), normal[T]("dx", 2, 3), tensor.New[T](2, 1)
				tensor.ReduceMax(y, x, 1)
				tensor.ReduceMaxGrad(dx, normal[T]("dy", 2, 1), x, y)
				tensor.ReduceNorm(y, x, 1)
				tensor.ReduceNormGrad(dx, normal[T]("dy", 2, 1), x, y)
				tensor.ReduceVariance(y, x, 1, 1)
				tensor.ReduceStdGrad(dx, normal[T]("dy", 2, 1), x, y, 1)
				return append(all, dx)
			}},
		check[T]{name: "of nothing", kernels: reduce, run: func() []*tensor.Tensor[T] {
			sum, mean, variance := normal[T]("s", 3), tensor.New[T](3), tensor.New[T](3)
			tensor.ReduceSum(sum, tensor.New[T](3, 0), 1)
			tensor.ReduceMean(mean, tensor.New[T](3, 0), 1)
			tensor.ReduceVariance(variance, tensor.New[T](3, 0), 1, 1)
			tensor.ReduceSum(tensor.New[T](0), tensor.New[T](0, 3), 1)
			return []*tensor.Tensor[T]{sum, mean, variance}
		}},
		check[T]{name: "sums of rows", kernels: reduce, run: func() []*tensor.Tensor[T] {
			one, groups := normal[T]("one", 5), normal[T]("groups", 3, 40)
			tensor.SumRows(one, normal[T]("x", 2, 300, 5))
			tensor.SumRows(groups, normal[T]("x", 3, 9, 40))
			tensor.SumRows(one, tensor.New[T](0, 5))
			return []*tensor.Tensor[T]{one, groups}
		}},
		check[T]{name: "to the host", kernels: []string{"whole", "nonzero_groups"},
			run: func() (all []*tensor.Tensor[T]) {
				for _, n := range []int{0, 1, 1000, 100_000} {
					a, b := normal[T]("a", n), normal[T]("b", n)
					all = append(all, numbers[T](
						tensor.Sum(a), tensor.SumSquares(a), tensor.Dot(a, b), tensor.MaxAbs(a),
						tensor.AddPowers(2, a, 1.5),
						float64(tensor.CountAbove(a, 0.5)), float64(tensor.CountBothAbove(a, 0.5, b, -0.5)),
						flag(tensor.AllFinite(a)), flag(tensor.IsZero(a))))
				}
				zeros := tensor.New[T](100, 100)
				all = append(all, numbers[T](flag(tensor.IsZero(zeros))))
				flags := make([]int, 100)
				zeros.Set(T(nan), 7, 99)
				tensor.NonzeroGroups(flags, zeros)
				i, _ := tensor.FirstNonFinite(zeros)
				zeros.Set(3, 60, 1)
				j, v := tensor.FirstOutside(zeros.Slice(0, 8, tensor.End, 1), -1, 2)
				k, _ := tensor.FirstNonFinite(tensor.New[T](5))
				l, _ := tensor.FirstOutside(tensor.New[T](0), 0, 1)
				return append(all, numbers[T](flags...), numbers[T](i, j, k, l),
					numbers[T](float64(v), tensor.MaxAbs(zeros), flag(tensor.AllFinite(zeros))))
			}},
		check[T]{name: "places", kernels: []string{"extremum"}, run: func() (all []*tensor.Tensor[T]) {
			for _, x := range []*tensor.Tensor[T]{
				rows, normal[T]("x", 3, 4, 5), normal[T]("long", 2, 3000), normal[T]("tall", 500, 3),
				tensor.New[T](3, 70),
			} {
				for axis := range x.Dims() {
					var shape []int
					for i, n := range x.Shape() {
						if i != axis {
							shape = append(shape, n)
						}
					}
					largest, smallest := tensor.New[T](shape...), tensor.New[T](shape...)
					n := largest.Len()
					last, first, places := make([]int, n), make([]int, n), make([]int, n)
					tensor.Max(largest, last, x, axis)
					tensor.Min(smallest, first, x, axis)
					tensor.Argmin(places, x, axis)
					all = append(all, largest, smallest, numbers[T](last...), numbers[T](first...),
						numbers[T](places...))
				}
			}
			labels := make([]int, 4)
			return append(all, numbers[T](tensor.CountCorrect(rows, labels),
				tensor.CountCorrect(normal[T]("logits", 4, 100), []int{1, 2, 3, 40})))
		}},
	)
}

func TestReduce(t *testing.T) {
	compare(t, reduceChecks[float32]())
	compare(t, reduceChecks[float64]())
}

// TestSumsAgree holds sums of many float32 numbers against those in float64, where the order of
// additions would tell.
func TestSumsAgree(t *testing.T) {
	x := normal[float32]("x", 3, 70_000)
	want := tensor.New[float64](3)
	tensor.ReduceSum(want, tensor.Convert[float64](x), 1)
	open(t, Options{Staged: true})
	got := tensor.New[float32](3)
	tensor.ReduceSum(got, x, 1)
	if err := departs(tensor.Convert[float64](got), want, 1e-7); err != nil {
		t.Error(fmt.Errorf("sums of float32: %w", err))
	}
}
