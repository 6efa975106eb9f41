package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
)

// Tile and RepeatInterleave have in common that dst, seen with one more axis for each that is
// repeated, is x broadcast.

// tileView writes into d and s the views of dst and x for Tile: each repeated axis of dst is split
// in (repeats, length), and that of x in (1, length).
func tileView[T Float](op string, d, s, dst, x *Tensor[T], repeats []int) {
	lead := len(repeats) - x.ndim
	bad := lead < 0 || dst.ndim != len(repeats)
	var ds, xs [2 * MaxDims]int
	n := 0
	for i, r := range repeats {
		length := 1
		if i >= lead && lead >= 0 {
			length = x.shape[i-lead]
		}
		bad = bad || r < 0 || dst.shape[i] != r*length
		if r != 1 {
			ds[n], xs[n] = r, 1
			n++
		}
		ds[n], xs[n] = length, length
		n++
	}
	if bad {
		PanicShape(op, fmt.Sprintf("the destination is not x repeated %v times", append([]int{}, repeats...)), dst.Shape(), x.Shape())
	}
	if n > MaxDims {
		PanicShape(op, fmt.Sprintf("more than %d axes, counting repeated ones twice", MaxDims), dst.Shape(), x.Shape())
	}
	d.Rebind(dst.elements(), ds[:n]...)
	s.Rebind(x.elements(), xs[:n]...)
}

// Tile copies x repeats[i] times along axis i, as a whole: 1 2 becomes 1 2 1 2. There may be more
// repeats than axes of x, which then gets leading axes of length 1. Both are contiguous.
func Tile[T Float](dst, x *Tensor[T], repeats ...int) {
	var d, s Tensor[T]
	tileView("Tile", &d, &s, dst, x, repeats)
	Copy(&d, &s)
}

// TileGrad adds to dx the gradient of Tile, the sums of dy over the repetitions.
func TileGrad[T Float](dx, dy *Tensor[T], repeats ...int) {
	var d, s Tensor[T]
	tileView("TileGrad", &d, &s, dy, dx, repeats)
	SumTo(&s, &d)
}

func interleaveView[T Float](op string, d, s, dst, x *Tensor[T], repeats, axis int) {
	outer, n, inner := axisLines(op, x, axis)
	if dst.Len() != repeats*x.Len() || dst.Dim(axis) != n*repeats {
		PanicShape(op, fmt.Sprintf("the destination is not x repeated %d times along axis %d", repeats, axis), dst.Shape(), x.Shape())
	}
	d.Rebind(dst.elements(), outer, n, repeats, inner)
	s.Rebind(x.elements(), outer, n, 1, inner)
}

// RepeatInterleave copies each element along an axis repeats times: 1 2 becomes 1 1 2 2. Both are
// contiguous.
func RepeatInterleave[T Float](dst, x *Tensor[T], repeats, axis int) {
	var d, s Tensor[T]
	interleaveView("RepeatInterleave", &d, &s, dst, x, repeats, axis)
	Copy(&d, &s)
}

// RepeatInterleaveGrad adds to dx the gradient of RepeatInterleave, the sums of dy over the
// repetitions.
func RepeatInterleaveGrad[T Float](dx, dy *Tensor[T], repeats, axis int) {
	var d, s Tensor[T]
	interleaveView("RepeatInterleaveGrad", &d, &s, dy, dx, repeats, axis)
	SumTo(&s, &d)
}

// Tril copies x to dst with zeros above a diagonal of the last two axes: element [..., i, j] is
// kept where j <= i + diagonal. Both are contiguous and may be the same tensor.
func Tril[T Float](dst, x *Tensor[T], diagonal int) { triangle("Tril", dst, x, diagonal, false) }

// Triu copies x to dst with zeros below a diagonal of the last two axes: element [..., i, j] is
// kept where j >= i + diagonal. Both are contiguous and may be the same tensor.
func Triu[T Float](dst, x *Tensor[T], diagonal int) { triangle("Triu", dst, x, diagonal, true) }

func triangle[T Float](op string, dst, x *Tensor[T], diagonal int, upper bool) {
	checkSame(op, dst, x)
	if x.ndim < 2 {
		PanicShape(op, "want at least two axes", x.Shape())
	}
	rows, cols := x.shape[x.ndim-2], x.shape[x.ndim-1]
	d, s := dst.elements(), x.elements()
	if on := device.Active(); on != nil {
		deviceTriangle(on, d, s, rows, cols, diagonal, upper)
		return
	}
	for r := 0; len(s) > 0 && cols > 0; r++ {
		to, from := d[:cols], s[:cols]
		cut := r%rows + diagonal // first column of the upper triangle
		if upper {
			cut = min(max(cut, 0), cols)
			clear(to[:cut])
			copy(to[cut:], from[cut:])
		} else {
			cut = min(max(cut+1, 0), cols)
			copy(to[:cut], from[:cut])
			clear(to[cut:])
		}
		d, s = d[cols:], s[cols:]
	}
}
