package kernel

// CSR holds the kernels of products with a sparse matrix in compressed rows. ptr has one element
// more than there are rows: row r owns the entries ptr[r] <= k < ptr[r+1], with value val[k] in
// column col[k]. Every entry of a row is added in the order in which it stands, whatever the width.
type CSR[T Float] struct {
	// CSRVec is the product with a vector: y[r] = alpha * sum over k of val[k] * x[col[k]] + beta *
	// y[r], for the rows of ptr. With beta == 0 y is not read. The sum may run in several parts.
	CSRVec func(y []T, ptr, col []int32, val, x []T, alpha, beta T)
	// CSRMat is the product with some columns of a matrix, one row of the result at a time:
	//
	//	y[j] = sum over k of val[k] * x[col[k]*stride + j] + beta * y[j],  0 <= j < len(y)
	//
	// The sum starts with the term beta * y[j], which is left out if beta == 0.
	CSRMat func(y []T, col []int32, val, x []T, stride int, beta T)
	// CSRDots is the gradient of CSRMat with respect to the values of one row: g[k] += sum over j
	// of dy[j] * x[col[k]*stride + j].
	CSRDots func(g []T, col []int32, dy, x []T, stride int)
}

func goCSR[T Float]() CSR[T] {
	return CSR[T]{CSRVec: csrVecGo[T], CSRMat: csrMatGo[T], CSRDots: csrDotsGo[T]}
}

func csrVecGo[T Float](y []T, ptr, col []int32, val, x []T, alpha, beta T) {
	for r := range y {
		var s T
		for k := ptr[r]; k < ptr[r+1]; k++ {
			s += val[k] * x[col[k]]
		}
		if beta == 0 {
			y[r] = alpha * s
		} else {
			y[r] = alpha*s + beta*y[r]
		}
	}
}

func csrMatGo[T Float](y []T, col []int32, val, x []T, stride int, beta T) {
	switch beta {
	case 0:
		clear(y)
	case 1:
	default:
		for j := range y {
			y[j] *= beta
		}
	}
	for k, c := range col {
		v := val[k]
		for j, w := range x[int(c)*stride:][:len(y)] {
			y[j] += v * w
		}
	}
}

func csrDotsGo[T Float](g []T, col []int32, dy, x []T, stride int) {
	for k, c := range col {
		g[k] += rowDotGo(dy, x[int(c)*stride:][:len(dy)])
	}
}
