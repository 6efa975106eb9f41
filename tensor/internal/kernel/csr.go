package kernel

// CSRColumns is the number of columns of a tile: a matrix of 279 rows of so many float32 takes 36
// KB and stays in, or near, the first-level cache while all entries run over it.
const CSRColumns = 32

// CSR holds the kernels of products with a sparse matrix in compressed rows. ptr has one element
// more than there are rows: row r owns the entries ptr[r] <= k < ptr[r+1], with value val[k] in
// column col[k].
//
// Products with a matrix work on tiles of CSRColumns columns: dense blocks [rows, CSRColumns], one
// after the other.
type CSR[T Float] struct {
	// CSRVec is the product with a vector: y[r] = alpha * sum over k of val[k] * x[col[k]] + beta *
	// y[r], for the rows of ptr. With beta == 0 y is not read. The sum may run in several parts.
	CSRVec func(y []T, ptr, col []int32, val, x []T, alpha, beta T)
	// CSRPack copies columns of a matrix into tiles: dst[(t*rows+r)*CSRColumns + j] =
	// x[r*stride + t*CSRColumns + j]. It wants at least one row and one tile.
	CSRPack func(dst, x []T, stride, rows, tiles int)
	// CSRTile is the product with a tile, for the rows of ptr:
	//
	//	y[r*stride + j] = sum over k of val[k] * x[col[k]*CSRColumns + j] + beta * y[r*stride + j]
	//	0 <= j < CSRColumns
	//
	// The sum starts with the term beta * y, which is left out if beta == 0, and adds the entries
	// of the row in the order in which they stand.
	CSRTile func(y []T, stride int, ptr, col []int32, val, x []T, beta T)
	// CSRDots is the gradient of CSRTile with respect to the values, for several tiles that lie
	// panel elements apart:
	//
	//	g[k] += sum over t and j of dy[r*stride + t*CSRColumns + j] *
	//	        x[t*panel + col[k]*CSRColumns + j]
	//
	// It wants at least one tile.
	CSRDots func(g []T, ptr, col []int32, dy []T, stride int, x []T, panel, tiles int)
}

func goCSR[T Float]() CSR[T] {
	return CSR[T]{CSRVec: csrVecGo[T], CSRPack: csrPackGo[T], CSRTile: csrTileGo[T], CSRDots: csrDotsGo[T]}
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

func csrPackGo[T Float](dst, x []T, stride, rows, tiles int) {
	for t := range tiles {
		for r := range rows {
			copy(dst[(t*rows+r)*CSRColumns:][:CSRColumns], x[r*stride+t*CSRColumns:])
		}
	}
}

func csrTileGo[T Float](y []T, stride int, ptr, col []int32, val, x []T, beta T) {
	for r := range len(ptr) - 1 {
		sum := (*[CSRColumns]T)(y[r*stride:])
		switch beta {
		case 0:
			*sum = [CSRColumns]T{}
		case 1:
		default:
			for j := range sum {
				sum[j] *= beta
			}
		}
		for k := ptr[r]; k < ptr[r+1]; k++ {
			v := val[k]
			for j, w := range (*[CSRColumns]T)(x[int(col[k])*CSRColumns:]) {
				sum[j] += v * w
			}
		}
	}
}

func csrDotsGo[T Float](g []T, ptr, col []int32, dy []T, stride int, x []T, panel, tiles int) {
	for r := range len(ptr) - 1 {
		for k := ptr[r]; k < ptr[r+1]; k++ {
			for t := range tiles {
				row := dy[r*stride+t*CSRColumns:][:CSRColumns]
				g[k] += rowDotGo(row, x[t*panel+int(col[k])*CSRColumns:][:CSRColumns])
			}
		}
	}
}
