//go:build amd64 && !purego

package kernel

// The assembly takes whole vectors of columns; strides are in bytes and blocks are vectors. Columns that are left over go through the reference.

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
	*c = Columns[float32]{
		MaxColumns: func(m, x []float32, rows, stride int) {
			whole := len(m) &^ 7
			if whole > 0 && rows > 0 {
				_ = x[(rows-1)*stride+whole-1]
				maxColumns8(&m[0], &x[0], rows, 4*stride, whole/8)
			}
			if whole < len(m) && rows > 0 {
				maxColumnsGo(m[whole:], x[whole:], rows, stride)
			}
		},
		ExpColumns: func(x, shift, sum []float32, rows, stride int) {
			whole := len(shift) &^ 7
			if whole > 0 && rows > 0 {
				_, _ = x[(rows-1)*stride+whole-1], sum[whole-1]
				expColumns8(&x[0], &shift[0], &sum[0], rows, 4*stride, whole/8)
			}
			if whole < len(shift) && rows > 0 {
				expColumnsGo(x[whole:], shift[whole:], sum[whole:], rows, stride)
			}
		},
		SoftmaxGradColumns: func(dx, y, c []float32, rows, stride int) bool {
			whole, some := len(c)&^7, false
			if whole > 0 && rows > 0 {
				_, _ = dx[(rows-1)*stride+whole-1], y[(rows-1)*stride+whole-1]
				some = softmaxGradColumns8(&dx[0], &y[0], &c[0], rows, 4*stride, whole/8)
			}
			if whole < len(c) && rows > 0 {
				some = softmaxGradColumnsGo(dx[whole:], y[whole:], c[whole:], rows, stride) || some
			}
			return some
		},
	}
}

func columnsAVX512(c *Columns[float32]) {
	*c = Columns[float32]{
		MaxColumns: func(m, x []float32, rows, stride int) {
			whole := len(m) &^ 15
			if whole > 0 && rows > 0 {
				_ = x[(rows-1)*stride+whole-1]
				maxColumns16(&m[0], &x[0], rows, 4*stride, whole/16)
			}
			if whole < len(m) && rows > 0 {
				maxColumnsGo(m[whole:], x[whole:], rows, stride)
			}
		},
		ExpColumns: func(x, shift, sum []float32, rows, stride int) {
			whole := len(shift) &^ 15
			if whole > 0 && rows > 0 {
				_, _ = x[(rows-1)*stride+whole-1], sum[whole-1]
				expColumns16(&x[0], &shift[0], &sum[0], rows, 4*stride, whole/16)
			}
			if whole < len(shift) && rows > 0 {
				expColumnsGo(x[whole:], shift[whole:], sum[whole:], rows, stride)
			}
		},
		SoftmaxGradColumns: func(dx, y, c []float32, rows, stride int) bool {
			whole, some := len(c)&^15, false
			if whole > 0 && rows > 0 {
				_, _ = dx[(rows-1)*stride+whole-1], y[(rows-1)*stride+whole-1]
				some = softmaxGradColumns16(&dx[0], &y[0], &c[0], rows, 4*stride, whole/16)
			}
			if whole < len(c) && rows > 0 {
				some = softmaxGradColumnsGo(dx[whole:], y[whole:], c[whole:], rows, stride) || some
			}
			return some
		},
	}
}
