package kernel

import "math"

// Columns holds the kernels of a softmax that runs down the columns of a block of rows: element (i,
// j) of a block lies at i*stride+j, and a block has as many columns as its vectors have elements. A
// column needs no sum across a vector, so a block of any number of rows costs the same for each
// element. Accuracy as in Rows.
type Columns[T Float] struct {
	// MaxColumns: m[j] = the largest of m[j] and x[i*stride+j], i < rows; NaN if one of them is.
	MaxColumns func(m, x []T, rows, stride int)
	// ExpColumns: x[i*stride+j] = exp(x[i*stride+j] - shift[j]), where results below the smallest
	// normal number become 0, and sum[j] += x[i*stride+j], i ascending.
	ExpColumns func(x, shift, sum []T, rows, stride int)
	// SoftmaxGradColumns: dx[i*stride+j] = y[i*stride+j] * (dx[i*stride+j] - c[j]), where
	// magnitudes below the smallest normal number become 0. It reports whether any element is other
	// than 0.
	SoftmaxGradColumns func(dx, y, c []T, rows, stride int) bool
}

func goColumns[T Float]() Columns[T] {
	return Columns[T]{MaxColumns: maxColumnsGo[T], ExpColumns: expColumnsGo[T], SoftmaxGradColumns: softmaxGradColumnsGo[T]}
}

// smallestNormal returns the smallest positive normal number of T.
func smallestNormal[T Float]() T {
	if _, single := any(T(0)).(float32); single {
		return 0x1p-126
	}
	normal := 0x1p-1022
	return T(normal)
}

func maxColumnsGo[T Float](m, x []T, rows, stride int) {
	for i := range rows {
		for j, v := range x[i*stride:][:len(m)] {
			if v > m[j] || v != v {
				m[j] = v
			}
		}
	}
}

func expColumnsGo[T Float](x, shift, sum []T, rows, stride int) {
	least := smallestNormal[T]()
	for i := range rows {
		r := x[i*stride:][:len(shift)]
		for j, v := range r {
			e := T(math.Exp(float64(v - shift[j])))
			if e < least {
				e = 0
			}
			r[j] = e
			sum[j] += e
		}
	}
}

func softmaxGradColumnsGo[T Float](dx, y, c []T, rows, stride int) bool {
	least := smallestNormal[T]()
	some := false
	for i := range rows {
		d, y := dx[i*stride:][:len(c)], y[i*stride:]
		for j, v := range d {
			g := y[j] * (v - c[j])
			if g > -least && g < least {
				g = 0
			} else {
				some = true
			}
			d[j] = g
		}
	}
	return some
}
