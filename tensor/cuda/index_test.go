package cuda

import (
	"testing"

	"elegans/tensor"
)

func indexChecks[T tensor.Float]() []check[T] {
	x := normal[T]("x", 3, 4, 5)
	return []check[T]{
		{name: "select and add", kernels: []string{"index_select", "scatter"}, run: func() (all []*tensor.Tensor[T]) {
			for axis, index := range [][]int{{2, 0, 2, 1, 2}, {3}, {}} {
				shape := []int{3, 4, 5}
				shape[axis] = len(index)
				part, sum := tensor.New[T](shape...), x.Clone()
				tensor.IndexSelect(part, x, axis, index)
				tensor.IndexAdd(sum, axis, index, normal[T]("src", shape...))
				all = append(all, part, sum)
			}
			return all
		}},
		{name: "embedding", kernels: []string{"scatter"}, run: func() []*tensor.Tensor[T] {
			dw := normal[T]("dw", 50, 3)
			tensor.EmbeddingGrad(dw, normal[T]("dy", 2, 4, 3), []int{7, 49, 7, -1, 0, 7, 49, -1})
			tensor.EmbeddingGrad(dw, normal[T]("dy", 2, 3), []int{-1, -1})
			return []*tensor.Tensor[T]{dw}
		}},
		{name: "gather and scatter", kernels: []string{"gather", "scatter"}, run: func() (all []*tensor.Tensor[T]) {
			for axis, shape := range [][]int{{2, 4, 5}, {3, 7, 2}, {3, 4, 6}, {0, 4, 5}} {
				axis %= 3
				index := make([]int, shape[0]*shape[1]*shape[2])
				for i := range index {
					index[i] = (i*i + i/3) % x.Dim(axis)
				}
				part, sum := tensor.New[T](shape...), normal[T]("sum", 4, 3, 10)
				tensor.Gather(part, x, axis, index)
				tensor.ScatterAdd(sum.Transpose(0, 1).Slice(2, 1, 10, 2), axis, index, normal[T]("src", shape...))
				all = append(all, part, sum)
			}
			return all
		}},
		{name: "entries", kernels: []string{"add_entries", "entries_grad"}, run: func() (all []*tensor.Tensor[T]) {
			index := []int{3, 0, 4}
			for _, columns := range []int{4, 12} {
				dst, dx := normal[T]("dst", 5, 6, 4), normal[T]("dx", 6, columns)
				tensor.AddToEntries(dst, index, normal[T]("x", 6, columns))
				tensor.AddToEntriesGrad(dx, normal[T]("dy", 5, 6, 4), index)
				all = append(all, dst, dx)
			}
			none := normal[T]("none", 5, 6, 4)
			tensor.AddToEntries(none, nil, normal[T]("x", 6, 4))
			return append(all, none)
		}},
		{name: "combine rows", kernels: []string{"combine", "combine_grad"}, run: func() (all []*tensor.Tensor[T]) {
			places := []int{4, 0, 2, 5, 1, 3}
			for _, n := range []int{1, 70, 300} {
				y, d := normal[T]("y", 6, n), normal[T]("d", 3, n)
				for _, weights := range []*tensor.Tensor[T]{nil, normal[T]("w", 3, 2)} {
					for beta := range 2 {
						dst := normal[T]("dst", 3, n)
						tensor.CombineRows(dst, y, weights, places, T(beta))
						all = append(all, dst)
					}
					dy, dw := tensor.New[T](6, n), normal[T]("dw", 3, 2)
					tensor.CombineRowsGrad(dy, nil, d, y, weights, places)
					if weights != nil {
						tensor.CombineRowsGrad(nil, dw, d, y, weights, places)
						tensor.CombineRowsGrad(dy, dw, d, y, weights, places)
					}
					all = append(all, dy, dw)
				}
			}
			dst := normal[T]("dst", 3, 4)
			tensor.CombineRows(dst, normal[T]("y", 2, 4), nil, nil, 0)
			return append(all, dst)
		}},
		{name: "masks", kernels: []string{"mask"}, run: func() (all []*tensor.Tensor[T]) {
			for _, shape := range [][]int{{3, 4, 5}, {4, 1}, {}, {3, 1, 5}} {
				mask := normal[T]("mask", shape...)
				tensor.ReLU(mask, mask)
				a, b, dx := tensor.New[T](3, 4, 5), x.Clone(), normal[T]("dx", 3, 4, 5)
				tensor.MaskedFill(a, x, mask, 7)
				tensor.MaskedFill(b, b, mask.Unsqueeze(0).Squeeze(0), -1)
				tensor.MaskedFillGrad(dx, x, mask)
				all = append(all, a, b, dx)
			}
			return all
		}},
		{name: "classes", kernels: []string{"one_hot", "sizes"}, run: func() []*tensor.Tensor[T] {
			ones, sizes := normal[T]("ones", 2, 3, 4), tensor.New[T](3)
			tensor.OneHot(ones, []int{3, 0, 1, 1, 2, 0})
			tensor.GroupSizes(sizes, []int{0, 2, 2, 9})
			return []*tensor.Tensor[T]{ones, sizes}
		}},
		{name: "nothing", run: func() []*tensor.Tensor[T] {
			dst := tensor.New[T](0, 4)
			tensor.IndexSelect(dst, x.Reshape(15, 4), 0, nil)
			tensor.OneHot(dst, nil)
			tensor.MaskedFill(dst, dst, tensor.Scalar[T](1), 2)
			return []*tensor.Tensor[T]{dst}
		}},
	}
}

func TestIndex(t *testing.T) {
	compare(t, indexChecks[float32]())
	compare(t, indexChecks[float64]())
}
