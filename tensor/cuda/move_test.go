package cuda

import (
	"testing"

	"elegans/tensor"
)

func moveChecks[T tensor.Float]() []check[T] {
	move := []string{"move"}
	x := normal[T]("x", 3, 4, 5)
	return []check[T]{
		{name: "copy", kernels: move, run: func() []*tensor.Tensor[T] {
			row := tensor.New[T](2, 3, 5)
			tensor.Copy(row, normal[T]("row", 3, 1))
			return []*tensor.Tensor[T]{
				x.Clone(), x.Transpose(0, 2).Clone(), x.Permute(1, 0, 2).Clone(), x.Slice(2, 1, 4, 2).Clone(), row,
				tensor.New[T](0, 3).Transpose(0, 1).Clone(), tensor.Scalar[T](3).Clone(),
				normal[T]("long", 70, 300).T().Clone(),
			}
		}},
		{name: "eight axes", kernels: move, run: func() []*tensor.Tensor[T] {
			eight := normal[T]("eight", 2, 1, 3, 2, 2, 2, 2, 3)
			return []*tensor.Tensor[T]{eight.Permute(7, 6, 5, 4, 3, 2, 1, 0).Clone()}
		}},
		{name: "destination with gaps", kernels: move, run: func() []*tensor.Tensor[T] {
			dst := normal[T]("gaps", 4, 3, 7)
			tensor.Copy(dst.Slice(2, 0, 5, 1).Transpose(0, 1), x)
			tensor.Accumulate(dst.Slice(2, 1, 6, 1).Transpose(0, 1), x)
			return []*tensor.Tensor[T]{dst}
		}},
		{name: "transpose", kernels: []string{"transpose"}, run: func() []*tensor.Tensor[T] {
			wide, dst, x := normal[T]("wide", 2, 3, 40, 70), normal[T]("sum", 2, 3, 70, 40), normal[T]("x", 40, 2, 70)
			tensor.Accumulate(dst, wide.Transpose(2, 3))
			tensor.Accumulate(dst.Slice(2, 5, 65, 2), wide.Transpose(2, 3).Slice(2, 0, 30, 1))
			flipped := tensor.New[T](70, 2, 40)
			tensor.Flip(flipped, x.Transpose(0, 2), 0, 2)
			return []*tensor.Tensor[T]{dst, x.Permute(1, 2, 0).Clone(), normal[T]("long", 16, 900).T().Clone(), flipped}
		}},
		{name: "accumulate", kernels: move, run: func() []*tensor.Tensor[T] {
			dst := normal[T]("dst", 3, 4, 5)
			tensor.Accumulate(dst, normal[T]("row", 4, 1))
			tensor.Accumulate(dst, tensor.Scalar[T](2))
			return []*tensor.Tensor[T]{dst}
		}},
		{name: "flip and roll", kernels: move, run: func() []*tensor.Tensor[T] {
			a, b, c := tensor.New[T](3, 4, 5), normal[T]("gaps", 3, 4, 10), tensor.New[T](3, 4, 5)
			tensor.Flip(a, x, 0, 2)
			tensor.Flip(b.Slice(2, 1, 10, 2), x, 1)
			tensor.Roll(c, x, []int{1, -2}, []int{0, 2})
			return []*tensor.Tensor[T]{a, b, c}
		}},
		{name: "repeat", kernels: move, run: func() []*tensor.Tensor[T] {
			a, b := tensor.New[T](2, 3, 8, 15), tensor.New[T](3, 12, 5)
			tensor.Tile(a, x, 2, 1, 2, 3)
			tensor.RepeatInterleave(b, x, 3, 1)
			return []*tensor.Tensor[T]{a, b}
		}},
		{name: "triangles", kernels: []string{"triangle"}, run: func() []*tensor.Tensor[T] {
			all := []*tensor.Tensor[T]{}
			for diagonal := -4; diagonal <= 5; diagonal += 3 {
				a, b := x.Clone(), tensor.New[T](3, 4, 5)
				tensor.Tril(a, a, diagonal)
				tensor.Triu(b, x, diagonal)
				all = append(all, a, b)
			}
			return all
		}},
		{name: "pixel shuffle", kernels: move, run: func() (all []*tensor.Tensor[T]) {
			for _, r := range []int{1, 2, 3} {
				x, y := normal[T]("x", 2, 2*r*r, 3, 4), tensor.New[T](2, 2, 3*r, 4*r)
				tensor.PixelShuffle(y, x, r)
				dx := normal[T]("dx", x.Shape()...)
				tensor.PixelShuffleGrad(dx, y, r)
				all = append(all, y, dx)
			}
			return all
		}},
		{name: "pad", kernels: []string{"pad", "pad_grad", "move"}, run: func() (all []*tensor.Tensor[T]) {
			for _, pad := range [][]int{{}, {1, 2}, {2, 0, -1, 3}, {3, -2, 1, 1, 1, 1}, {-5, 0}} {
				for mode := tensor.PadConstant; mode <= tensor.PadCircular; mode++ {
					removesAll := len(pad) == 2 && pad[0] == -5
					if removesAll && mode != tensor.PadConstant || len(pad) == 6 && mode == tensor.PadReflect {
						continue // there are too few elements
					}
					y := tensor.New[T](tensor.PadShape(nil, x.Shape(), pad)...)
					tensor.Pad(y, x, pad, mode, 7)
					dx := normal[T]("dx", x.Shape()...)
					tensor.PadGrad(dx, normal[T]("dy", y.Shape()...), pad, mode)
					all = append(all, y, dx)
				}
			}
			empty := tensor.New[T](2, 3)
			tensor.Pad(empty, tensor.New[T](2, 0), []int{1, 2}, tensor.PadConstant, 7)
			return append(all, empty)
		}},
		{name: "unfold", kernels: []string{"unfold", "unfold_grad"}, run: func() (all []*tensor.Tensor[T]) {
			x := normal[T]("x", 2, 3, 6, 5)
			for _, o := range []tensor.ConvOptions{
				{}, {Stride: [2]int{2, 1}, Padding: [2]int{1, 2}},
				{Stride: [2]int{3, 2}, Padding: [2]int{2, 0}, Dilation: [2]int{2, 1}},
			} {
				kernel := [2]int{3, 2}
				y := tensor.New[T](tensor.UnfoldShape(nil, x.Shape(), kernel, o)...)
				tensor.Unfold(y, x, kernel, o)
				dx := normal[T]("dx", x.Shape()...)
				tensor.UnfoldGrad(dx, normal[T]("dy", y.Shape()...), kernel, o)
				all = append(all, y, dx)
			}
			return all
		}},
		{name: "fold taps", kernels: []string{"fold", "fold_grad"}, run: func() []*tensor.Tensor[T] {
			y, dw := tensor.New[T](12, 5, 2, 2), normal[T]("dw", 3, 5, 3, 3)
			tensor.FoldTaps(y, normal[T]("w", 3, 5, 3, 3))
			tensor.FoldTapsGrad(dw, y)
			return []*tensor.Tensor[T]{y, dw}
		}},
		{name: "convert", kernels: []string{"move", "convert"}, run: func() []*tensor.Tensor[T] {
			other := tensor.New[float64](3, 4, 5)
			tensor.ConvertTo(other, x) // in float64 a copy
			back := tensor.Convert[T](tensor.Convert[float32](x.Transpose(0, 1)))
			return []*tensor.Tensor[T]{tensor.Convert[T](other), back}
		}},
	}
}

func TestMove(t *testing.T) {
	compare(t, moveChecks[float32]())
	compare(t, moveChecks[float64]())
}
