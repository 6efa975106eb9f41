package kernel

// Pool holds the kernels of the commonest pooling, by halves, and of the commonest enlargement, to
// double the size.
type Pool[T Float] struct {
	// Max takes maxima of 2 by 2 elements; the two rows of x that result row r is made from are
	// width elements apart, and pairs of rows follow each other:
	//
	//	dst[r*n+i] = max(x[a], x[a+1], x[a+width], x[a+width+1]),   a = 2*r*width + 2*i
	//	0 <= r < rows, 0 <= i < n
	//
	// NaN if there is one.
	Max func(dst, x []T, rows, n, width int)

	// MaxGrad gives dy[r*n+i] to the first (in the order above) of the four elements of x that
	// equals y[r*n+i], the maximum, and nothing to the others, where a NaN equals a NaN. dx, laid
	// out like x, is overwritten, or, with add, added to. Elements outside of all windows are left
	// alone.
	MaxGrad func(dx, dy, x, y []T, rows, n, width int, add bool)

	// Double repeats rows of n elements, and each element in them:
	//
	//	dst[(2*r+s)*2*n+2*i+t] = x[r*n+i],   0 <= r < rows, 0 <= i < n, 0 <= s, t < 2
	Double func(dst, x []T, rows, n int)

	// DoubleGrad sums each block of 2 by 2 of dy, laid out like the result of Double, into dx, laid
	// out like x: the columns, then the two sums. dx is overwritten, or, with add, added to.
	DoubleGrad func(dx, dy []T, rows, n int, add bool)
}

func goPool[T Float]() Pool[T] {
	return Pool[T]{Max: maxPoolGo[T], MaxGrad: maxPoolGradGo[T], Double: doubleGo[T], DoubleGrad: doubleGradGo[T]}
}

func doubleGo[T Float](dst, x []T, rows, n int) {
	for r := range rows {
		top := dst[4*r*n:][:2*n]
		for i, v := range x[r*n:][:n] {
			top[2*i], top[2*i+1] = v, v
		}
		copy(dst[(4*r+2)*n:], top)
	}
}

func doubleGradGo[T Float](dx, dy []T, rows, n int, add bool) {
	for r := range rows {
		top, bottom, to := dy[4*r*n:][:2*n], dy[(4*r+2)*n:][:2*n], dx[r*n:][:n]
		for i := range to {
			v := top[2*i] + bottom[2*i] + (top[2*i+1] + bottom[2*i+1])
			if add {
				v += to[i]
			}
			to[i] = v
		}
	}
}

func maxPoolGo[T Float](dst, x []T, rows, n, width int) {
	for r := range rows {
		top, bottom := x[2*r*width:][:2*n], x[(2*r+1)*width:][:2*n]
		for i := range dst[r*n:][:n] {
			dst[r*n+i] = max(top[2*i], top[2*i+1], bottom[2*i], bottom[2*i+1])
		}
	}
}

func maxPoolGradGo[T Float](dx, dy, x, y []T, rows, n, width int, add bool) {
	for r := range rows {
		for i, g := range dy[r*n:][:n] {
			m := y[r*n+i]
			for j, place := range [4]int{2*r*width + 2*i, 2*r*width + 2*i + 1, (2*r+1)*width + 2*i, (2*r+1)*width + 2*i + 1} {
				var part T
				if v := x[place]; v == m || v != v || j == 3 {
					part, g = g, 0 // nothing is left for the others
				}
				if add {
					dx[place] += part
				} else {
					dx[place] = part
				}
			}
		}
	}
}
