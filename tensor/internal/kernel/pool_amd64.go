//go:build amd64 && !purego

package kernel

func poolAVX2(f32 *Pool[float32]) {
	*f32 = Pool[float32]{
		Max: func(dst, x []float32, rows, n, width int) {
			if rows > 0 && n > 0 {
				_, _ = dst[rows*n-1], x[(2*rows-1)*width+2*n-1]
				maxPoolAVX2(&dst[0], &x[0], rows, n, width)
			}
		},
		MaxGrad: func(dx, dy, x, y []float32, rows, n, width int, add bool) {
			if rows > 0 && n > 0 {
				last := (2*rows-1)*width + 2*n - 1
				_, _, _, _ = dx[last], dy[rows*n-1], x[last], y[rows*n-1]
				mask := uint32(0)
				if add {
					mask = ^mask
				}
				maxPoolGradAVX2(&dx[0], &dy[0], &x[0], &y[0], rows, n, width, mask)
			}
		},
		Double: func(dst, x []float32, rows, n int) {
			if rows > 0 && n > 0 {
				_, _ = dst[4*rows*n-1], x[rows*n-1]
				doubleAVX2(&dst[0], &x[0], rows, n)
			}
		},
		DoubleGrad: func(dx, dy []float32, rows, n int, add bool) {
			if rows > 0 && n > 0 {
				_, _ = dx[rows*n-1], dy[4*rows*n-1]
				mask := uint32(0)
				if add {
					mask = ^mask
				}
				doubleGradAVX2(&dx[0], &dy[0], rows, n, mask)
			}
		},
	}
}

//go:noescape
func maxPoolAVX2(dst, x *float32, rows, n, width int)

// maxPoolGradAVX2 adds to what add selects of dx: all bits or none.
//
//go:noescape
func maxPoolGradAVX2(dx, dy, x, y *float32, rows, n, width int, add uint32)

//go:noescape
func doubleAVX2(dst, x *float32, rows, n int)

// doubleGradAVX2 adds what add selects of dx: all bits or none.
//
//go:noescape
func doubleGradAVX2(dx, dy *float32, rows, n int, add uint32)
