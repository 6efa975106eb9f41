package tensor

import "fmt"

// Flip copies x to dst with the order of the elements reversed along the given axes. dst and x must
// not overlap; either may be strided.
func Flip[T Float](dst, x *Tensor[T], axes ...int) {
	checkSame("Flip", dst, x)
	var flipped [MaxDims]bool
	for _, a := range axes {
		a = x.Axis("Flip", a)
		if flipped[a] {
			PanicShape("Flip", fmt.Sprintf("axis %d is named twice", a), x.Shape())
		}
		flipped[a] = true
	}
	var m move[T]
	m.set(dst.data, x.data, false)
	for i, n := range x.Shape() {
		stride := x.strides[i]
		if flipped[i] && n > 0 {
			m.start += (n - 1) * stride
			stride = -stride
		}
		m.axis(n, dst.strides[i], stride)
	}
	m.run()
}

// Roll copies x to dst with the elements moved on by shifts[i] places along axes[i]; those that
// leave at the end come in again at the start. dst and x must not overlap; either may be strided.
func Roll[T Float](dst, x *Tensor[T], shifts, axes []int) {
	checkSame("Roll", dst, x)
	if len(shifts) != len(axes) {
		PanicShape("Roll", fmt.Sprintf("%d shifts for %d axes", len(shifts), len(axes)), x.Shape())
	}
	if x.Len() == 0 {
		return
	}
	var by [MaxDims]int
	for i, a := range axes {
		a = x.Axis("Roll", a)
		n := x.shape[a]
		by[a] = ((by[a]+shifts[i])%n + n) % n
	}
	rollFrom(dst, x, &by, 0)
}

// rollFrom rolls along the axes from axis on: each cuts both tensors in two.
func rollFrom[T Float](dst, x *Tensor[T], by *[MaxDims]int, axis int) {
	for axis < x.ndim && by[axis] == 0 {
		axis++
	}
	if axis == x.ndim {
		Copy(dst, x)
		return
	}
	n, s := x.shape[axis], by[axis]
	rollFrom(dst.Slice(axis, s, n, 1), x.Slice(axis, 0, n-s, 1), by, axis+1)
	rollFrom(dst.Slice(axis, 0, s, 1), x.Slice(axis, n-s, n, 1), by, axis+1)
}
