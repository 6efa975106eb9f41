package tensor

import (
	"fmt"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// CSR is a sparse matrix in compressed rows, together with the pattern of its transpose, so that
// products run row by row in both directions. The pattern is fixed; the values may change, and
// functions take other values for the same pattern.
type CSR[T Float] struct {
	Rows, Cols int
	RowPtr     []int32 // [Rows+1]; the entries of row r are RowPtr[r] <= k < RowPtr[r+1]
	Col        []int32 // column of each entry
	Val        []T     // value of each entry

	colPtr []int32 // the transpose: the entries of column c are colPtr[c] <= i < colPtr[c+1],
	row    []int32 // their rows, ascending,
	place  []int32 // and their places in Val
}

// NewCSR returns a matrix that uses the slices given. It panics with a ShapeError if they are
// inconsistent. Columns need not be sorted within a row, and an entry that occurs several times
// counts several times.
func NewCSR[T Float](rows, cols int, rowPtr, col []int32, val []T) *CSR[T] {
	s := &CSR[T]{Rows: rows, Cols: cols, RowPtr: rowPtr, Col: col, Val: val}
	s.check()
	s.colPtr, s.row, s.place = make([]int32, cols+1), make([]int32, len(col)), make([]int32, len(col))
	for _, c := range col {
		s.colPtr[c+1]++
	}
	for c := range cols {
		s.colPtr[c+1] += s.colPtr[c]
	}
	next := append([]int32{}, s.colPtr...)
	for r := range rows {
		for k := rowPtr[r]; k < rowPtr[r+1]; k++ {
			i := next[col[k]]
			next[col[k]]++
			s.row[i], s.place[i] = int32(r), k
		}
	}
	return s
}

func (s *CSR[T]) check() {
	fail := func(format string, args ...any) {
		PanicShape("NewCSR", fmt.Sprintf(format, args...), []int{s.Rows, s.Cols})
	}
	if s.Rows < 0 || s.Cols < 0 || len(s.RowPtr) != s.Rows+1 {
		fail("%d row pointers, want one more than rows", len(s.RowPtr))
	}
	if len(s.Col) != len(s.Val) || s.RowPtr[0] != 0 || int(s.RowPtr[s.Rows]) != len(s.Col) {
		fail("the row pointers run from %d to %d, there are %d columns and %d values", s.RowPtr[0], s.RowPtr[s.Rows], len(s.Col), len(s.Val))
	}
	for r := range s.Rows {
		if s.RowPtr[r] > s.RowPtr[r+1] {
			fail("the row pointers descend at row %d", r)
		}
	}
	for k, c := range s.Col {
		if c < 0 || int(c) >= s.Cols {
			fail("entry %d is in column %d", k, c)
		}
	}
}

// NNZ returns the number of entries.
func (s *CSR[T]) NNZ() int { return len(s.Col) }

// Dense returns the matrix as a tensor [Rows, Cols]; entries that occur several times are summed.
func (s *CSR[T]) Dense() *Tensor[T] {
	d := New[T](s.Rows, s.Cols)
	for r := range s.Rows {
		for k := s.RowPtr[r]; k < s.RowPtr[r+1]; k++ {
			d.data[r*s.Cols+int(s.Col[k])] += s.Val[k]
		}
	}
	return d
}

// values checks a substitute for s.Val; nil stands for s.Val itself.
func (s *CSR[T]) values(op string, val []T) []T {
	if val == nil {
		return s.Val
	}
	if len(val) != len(s.Col) {
		PanicShape(op, "want one value for each entry", []int{len(val)}, []int{len(s.Col)})
	}
	return val
}

// SpMV computes dst = alpha S x + beta dst for vectors x [Cols] and dst [Rows].
func SpMV[T Float](dst *Tensor[T], s *CSR[T], x *Tensor[T], alpha, beta T) {
	if dst.ndim != 1 || x.ndim != 1 || dst.shape[0] != s.Rows || x.shape[0] != s.Cols {
		PanicShape("SpMV", "want a vector of rows and one of columns", dst.Shape(), []int{s.Rows, s.Cols}, x.Shape())
	}
	rows := max(1, s.Rows)
	grain := max(1, chunkElems/(1+len(s.Col)/rows))
	parallel.For(s.Rows, grain, spmvBody[T]{kernel.Of[T](), s, dst.Data(), x.Data(), alpha, beta})
}

type spmvBody[T Float] struct {
	k           *kernel.Set[T]
	s           *CSR[T]
	dst, x      []T
	alpha, beta T
}

func (b *spmvBody[T]) Do(lo, hi int) {
	b.k.CSRVec(b.dst[lo:hi], b.s.RowPtr[lo:hi+1], b.s.Col, b.s.Val, b.x, b.alpha, b.beta)
}

// SpMM computes dst = S x + beta dst, the product of a sparse and a dense matrix:
//
//	S [rows, cols], x [cols, ...]  ->  dst [rows, ...]
//
// with val in the place of s.Val unless it is nil. x and dst are contiguous and must not overlap.
// The terms of an element are added in the order of the entries in its row.
func SpMM[T Float](dst *Tensor[T], s *CSR[T], val []T, x *Tensor[T], beta T) {
	width := s.width("SpMM", dst, s.Rows, x, s.Cols)
	spmm(dst.Data(), s.RowPtr, s.Col, s.values("SpMM", val), x.Data(), width, s.Cols, beta)
}

// SpMMT is SpMM with the transpose of S: x [rows, ...] -> dst [cols, ...].
func SpMMT[T Float](dst *Tensor[T], s *CSR[T], val []T, x *Tensor[T], beta T) {
	width := s.width("SpMMT", dst, s.Cols, x, s.Rows)
	v := scratch.Take[T](len(s.Col))
	val = s.values("SpMMT", val)
	for i, k := range s.place {
		v.Data[i] = val[k]
	}
	spmm(dst.Data(), s.colPtr, s.row, v.Data, x.Data(), width, s.Rows, beta)
	v.Release()
}

// width returns the number of columns of dense operands of so many rows.
func (s *CSR[T]) width(op string, dst *Tensor[T], rows int, x *Tensor[T], cols int) int {
	ok := dst.ndim > 0 && dst.ndim == x.ndim && dst.shape[0] == rows && x.shape[0] == cols
	width := 1
	for i := 1; ok && i < x.ndim; i++ {
		ok = dst.shape[i] == x.shape[i]
		width *= x.shape[i]
	}
	if !ok {
		PanicShape(op, "the dense operands do not fit the matrix", dst.Shape(), []int{s.Rows, s.Cols}, x.Shape())
	}
	return width
}

// tileOf returns the number of columns, of so many, that a product works on at a time: at least
// leastTile, which is eight AVX-512 registers of float32, and more where that leaves at least 16
// tiles to share, since the longer pieces of rows are the better the processor foresees them. It
// depends on the shape alone.
func tileOf(width int) int { return max(leastTile, min(width/16, mostTile)/leastTile*leastTile) }

const leastTile, mostTile = 128, 512

// spmm computes y = S x + beta y. Wide operands are worked on in panels of some columns (tileOf),
// which are copied together first: rows that lie a power of two apart would otherwise push each
// other out of the caches.
func spmm[T Float](y []T, ptr, col []int32, val, x []T, width, cols int, beta T) {
	if len(y) == 0 {
		return
	}
	rows := len(ptr) - 1
	tile := tileOf(width)
	b := spmmBody[T]{kernel.Of[T](), y, ptr, col, val, x, width, cols, tile, beta}
	if width <= tile {
		parallel.For(rows, max(1, chunkElems/(1+len(col)*width/rows)), spmmRows[T](b))
		return
	}
	tiles := (width + tile - 1) / tile
	parallel.For(tiles, max(1, chunkElems/(tile*(len(col)+rows))), b)
}

type spmmBody[T Float] struct {
	k           *kernel.Set[T]
	y           []T
	ptr, col    []int32
	val, x      []T
	width, cols int
	tile        int
	beta        T
}

// Do works on panels of columns.
func (b *spmmBody[T]) Do(lo, hi int) {
	panel := scratch.Take[T](b.cols * b.tile)
	for i := lo; i < hi; i++ {
		j := i * b.tile
		w := min(b.tile, b.width-j)
		for c := range b.cols {
			copy(panel.Data[c*w:(c+1)*w], b.x[c*b.width+j:])
		}
		for r := range len(b.ptr) - 1 {
			b.k.CSRMat(b.y[r*b.width+j:][:w], b.col[b.ptr[r]:b.ptr[r+1]], b.val[b.ptr[r]:b.ptr[r+1]], panel.Data, w, b.beta)
		}
	}
	panel.Release()
}

// spmmRows is the loop over rows of narrow operands.
type spmmRows[T Float] spmmBody[T]

func (b *spmmRows[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		b.k.CSRMat(b.y[r*b.width:][:b.width], b.col[b.ptr[r]:b.ptr[r+1]], b.val[b.ptr[r]:b.ptr[r+1]], b.x, b.width, b.beta)
	}
}

// SpMMGradValues adds to dval the gradient of SpMM with respect to the values: dval[k] += sum over
// j of dy[row of k, j] * x[column of k, j], a product of two dense matrices sampled at the entries.
// dy [rows, ...] and x [cols, ...] are contiguous.
func SpMMGradValues[T Float](dval []T, s *CSR[T], dy, x *Tensor[T]) {
	width := s.width("SpMMGradValues", dy, s.Rows, x, s.Cols)
	s.values("SpMMGradValues", dval)
	if width == 0 || len(s.Col) == 0 {
		return
	}
	// At most sampleParts runs of panels are summed apart, then added in order.
	tile := tileOf(width)
	tiles := (width + tile - 1) / tile
	per := (tiles + sampleParts - 1) / sampleParts
	per = max(per, min(tiles, chunkElems/(tile*len(s.Col))))
	parts := (tiles + per - 1) / per
	sums := scratch.Take[T](parts * len(s.Col))
	clear(sums.Data)
	parallel.For(parts, 1, sampleBody[T]{kernel.Of[T](), s, sums.Data, dy.Data(), x.Data(), width, tile, tiles, per})
	for p := range parts {
		for k, v := range sums.Data[p*len(s.Col) : (p+1)*len(s.Col)] {
			dval[k] += v
		}
	}
	sums.Release()
}

const sampleParts = 16

type sampleBody[T Float] struct {
	k           *kernel.Set[T]
	s           *CSR[T]
	sums, dy, x []T
	width, tile int
	tiles, per  int
}

func (b *sampleBody[T]) Do(lo, hi int) {
	panel := scratch.Take[T](b.s.Cols * b.tile)
	for part := lo; part < hi; part++ {
		sums := b.sums[part*len(b.s.Col) : (part+1)*len(b.s.Col)]
		for i := part * b.per; i < min((part+1)*b.per, b.tiles); i++ {
			j := i * b.tile
			w := min(b.tile, b.width-j)
			for c := range b.s.Cols {
				copy(panel.Data[c*w:(c+1)*w], b.x[c*b.width+j:])
			}
			for r := range b.s.Rows {
				k0, k1 := b.s.RowPtr[r], b.s.RowPtr[r+1]
				b.k.CSRDots(sums[k0:k1], b.s.Col[k0:k1], b.dy[r*b.width+j:][:w], panel.Data, w)
			}
		}
	}
	panel.Release()
}
