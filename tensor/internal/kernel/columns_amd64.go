//go:build amd64 && !purego

package kernel

// The assembly takes whole vectors of columns; strides are in bytes and blocks are vectors. Columns
// that are left over go through the reference.

//go:noescape
func maxColumns16(m, x *float32, rows, stride, blocks int)

//go:noescape
func expColumns16(x, shift, sum *float32, rows, stride, blocks int)

//go:noescape
func softmaxGradColumns16(dx, y, c *float32, rows, stride, blocks int) bool

//go:noescape
func maxColumns8(m, x *float32, rows, stride, blocks int)

//go:noescape
func expColumns8(x, shift, sum *float32, rows, stride, blocks int)

//go:noescape
func softmaxGradColumns8(dx, y, c *float32, rows, stride, blocks int) bool

func columnsAVX2(c *Columns[float32]) {
	*c = columnsOf(8, maxColumns8, expColumns8, softmaxGradColumns8)
}

func columnsAVX512(c *Columns[float32]) {
	*c = columnsOf(16, maxColumns16, expColumns16, softmaxGradColumns16)
}

// columnsOf wraps the routines for vectors of so many lanes, a power of two.
func columnsOf(lanes int, maxOf func(m, x *float32, rows, stride, blocks int), exp func(x, shift, sum *float32, rows, stride, blocks int),
	softmaxGrad func(dx, y, c *float32, rows, stride, blocks int) bool) Columns[float32] {
	return Columns[float32]{
		MaxColumns: func(m, x []float32, rows, stride int) {
			whole := len(m) &^ (lanes - 1)
			if whole > 0 && rows > 0 {
				_ = x[(rows-1)*stride+whole-1]
				maxOf(&m[0], &x[0], rows, 4*stride, whole/lanes)
			}
			if whole < len(m) && rows > 0 {
				maxColumnsGo(m[whole:], x[whole:], rows, stride)
			}
		},
		ExpColumns: func(x, shift, sum []float32, rows, stride int) {
			whole := len(shift) &^ (lanes - 1)
			if whole > 0 && rows > 0 {
				_, _ = x[(rows-1)*stride+whole-1], sum[whole-1]
				exp(&x[0], &shift[0], &sum[0], rows, 4*stride, whole/lanes)
			}
			if whole < len(shift) && rows > 0 {
				expColumnsGo(x[whole:], shift[whole:], sum[whole:], rows, stride)
			}
		},
		SoftmaxGradColumns: func(dx, y, c []float32, rows, stride int) bool {
			whole, some := len(c)&^(lanes-1), false
			if whole > 0 && rows > 0 {
				_, _ = dx[(rows-1)*stride+whole-1], y[(rows-1)*stride+whole-1]
				some = softmaxGrad(&dx[0], &y[0], &c[0], rows, 4*stride, whole/lanes)
			}
			if whole < len(c) && rows > 0 {
				some = softmaxGradColumnsGo(dx[whole:], y[whole:], c[whole:], rows, stride) || some
			}
			return some
		},
	}
}
