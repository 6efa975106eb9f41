package tensor

import (
	"fmt"
	"unsafe"

	"elegans/tensor/internal/device"
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
	device.Stay("CSR.Dense")
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
	if d := device.Active(); d != nil {
		deviceSpMV(d, dst, s, x, alpha, beta)
		return
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
	if d := device.Active(); d != nil {
		deviceSpMM(d, dst, s.RowPtr, s.Col, nil, s.values("SpMM", val), x, width, beta)
		return
	}
	spmm(dst.Data(), s.RowPtr, s.Col, s.values("SpMM", val), x.Data(), width, s.Cols, beta)
}

// SpMMT is SpMM with the transpose of S: x [rows, ...] -> dst [cols, ...].
func SpMMT[T Float](dst *Tensor[T], s *CSR[T], val []T, x *Tensor[T], beta T) {
	width := s.width("SpMMT", dst, s.Cols, x, s.Rows)
	if d := device.Active(); d != nil {
		deviceSpMM(d, dst, s.colPtr, s.row, s.place, s.values("SpMMT", val), x, width, beta)
		return
	}
	v := s.transposedValues(s.values("SpMMT", val))
	spmm(dst.Data(), s.colPtr, s.row, v.Data, x.Data(), width, s.Rows, beta)
	v.Release()
}

// transposedValues returns the values in the order of the transpose.
func (s *CSR[T]) transposedValues(val []T) *scratch.Buffer[T] {
	v := scratch.Take[T](len(s.Col))
	for i, k := range s.place {
		v.Data[i] = val[k]
	}
	return v
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

// Dense operands are worked on in panels: some columns of all rows, copied into tiles of
// kernel.CSRColumns columns. A tile stays in the first-level cache while all entries run over it,
// and a panel in the second-level cache. The columns left over fill a tile of their own, with zeros
// behind them.
// Read where they lie, rows a power of two apart would push each other out of the caches.
const csrColumns = kernel.CSRColumns

// mostTiles bounds a panel: longer pieces of rows are copied faster. panelBytes is what it may take
// of the second-level cache, and callEntries the number of entries, times tiles, of one call of a
// kernel, which cannot be interrupted.
const mostTiles, panelBytes, callEntries = 16, 640 << 10, 1 << 16

// tilesOf returns the number of tiles of a panel: fewer than fit where that leaves at least 16
// panels to share. It depends on the shape alone.
func tilesOf[T Float](width, rows int) int {
	fit := panelBytes / (csrColumns * int(unsafe.Sizeof(*new(T))) * max(1, rows))
	return max(1, min(width/(16*csrColumns), fit, mostTiles))
}

// packTiles copies the columns from j on of x [rows, width] into tiles and returns how many there
// are, at most so many.
func packTiles[T Float](k *kernel.Set[T], panel, x []T, width, rows, j, tiles int) int {
	whole := min(tiles, (width-j)/csrColumns)
	if whole > 0 && rows > 0 {
		k.CSRPack(panel, x[j:], width, rows, whole)
	}
	j += whole * csrColumns
	if whole == tiles || j == width {
		return whole
	}
	last := panel[whole*rows*csrColumns:][:rows*csrColumns]
	packLast(last, x, width, rows, j)
	return whole + 1
}

// packLast copies the columns from j on, fewer than csrColumns, into a tile.
func packLast[T Float](tile, x []T, width, rows, j int) {
	for r := range rows {
		row := tile[r*csrColumns:][:csrColumns]
		clear(row[copy(row, x[r*width+j:(r+1)*width]):])
	}
}

// spmm computes y = S x + beta y.
func spmm[T Float](y []T, ptr, col []int32, val, x []T, width, cols int, beta T) {
	if len(y) == 0 {
		return
	}
	b := productOf(y, ptr, col, val, x, width, cols, beta)
	rows, panels := len(ptr)-1, (width+b.tiles*csrColumns-1)/(b.tiles*csrColumns)
	work := b.tiles * csrColumns * (len(col) + rows)
	// Where there are few panels, several goroutines copy the same one and share its rows.
	b.parts = max(1, min(16/panels, rows, work/(4*chunkElems)))
	parallel.For(panels*b.parts, max(1, chunkElems*b.parts/work), b)
}

func productOf[T Float](y []T, ptr, col []int32, val, x []T, width, cols int, beta T) spmmBody[T] {
	return spmmBody[T]{kernel.Of[T](), y, ptr, col, val, x, width, cols, tilesOf[T](width, cols), 1, beta}
}

type spmmBody[T Float] struct {
	k            *kernel.Set[T]
	y            []T
	ptr, col     []int32
	val, x       []T
	width, cols  int
	tiles, parts int
	beta         T
}

// Do works on parts of the rows of panels of columns.
func (b *spmmBody[T]) Do(lo, hi int) {
	rows, size := len(b.ptr)-1, b.cols*csrColumns
	panel := scratch.Take[T](b.tiles * size)
	for i := lo; i < hi; i++ {
		j, part := i/b.parts*b.tiles*csrColumns, i%b.parts
		r0, r1 := part*rows/b.parts, (part+1)*rows/b.parts
		for t := range packTiles(b.k, panel.Data, b.x, b.width, b.cols, j, b.tiles) {
			b.tile(r0, r1, j+t*csrColumns, panel.Data[t*size:])
		}
	}
	panel.Release()
}

// tile computes the columns from j on of the rows r0 to r1-1, given those of x.
func (b *spmmBody[T]) tile(r0, r1, j int, x []T) {
	y, ptr := b.y[r0*b.width:], b.ptr[r0:r1+1]
	if b.width-j >= csrColumns {
		b.run(y[j:], b.width, ptr, x)
		return
	}
	s := scratch.Take[T]((r1 - r0) * csrColumns)
	if b.beta != 0 {
		packLast(s.Data, y, b.width, r1-r0, j)
	}
	b.run(s.Data, csrColumns, ptr, x)
	for r := range r1 - r0 {
		copy(y[r*b.width+j:(r+1)*b.width], s.Data[r*csrColumns:])
	}
	s.Release()
}

func (b *spmmBody[T]) run(y []T, stride int, ptr []int32, x []T) {
	for lo, hi := 0, 0; lo < len(ptr)-1; lo = hi {
		hi = rowsOfCall(ptr, lo, 1)
		b.k.CSRTile(y[lo*stride:], stride, ptr[lo:hi+1], b.col, b.val, x, b.beta)
	}
}

// rowsOfCall returns the end of the rows from lo on that a kernel takes in one call, over so many
// tiles.
func rowsOfCall(ptr []int32, lo, tiles int) int {
	rows := len(ptr) - 1
	if int(ptr[rows]-ptr[lo])*tiles <= callEntries {
		return rows
	}
	hi := lo + 1
	for hi < rows && int(ptr[hi+1]-ptr[lo])*tiles <= callEntries {
		hi++
	}
	return hi
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
	if d := device.Active(); d != nil {
		deviceSpMMGradValues(d, dval, s, dy, x, width)
		return
	}
	b := sampleOf(s.RowPtr, s.Col, dy.Data(), x.Data(), width, s.Cols)
	parallel.For(b.parts, 1, b)
	for p := range b.parts {
		for k, v := range b.sums.Data[p*len(s.Col) : (p+1)*len(s.Col)] {
			dval[k] += v
		}
	}
	b.sums.Release()
}

// SpMMGrad is the backward pass of SpMM, SpMMT and SpMMGradValues at once:
//
//	dx = Sᵀ dy + beta dx
//	dval[k] += sum over j of dy[row of k, j] * x[column of k, j]
//
// with val in the place of s.Val unless it is nil. All operands are contiguous. Both read the same
// tiles of dy, which are copied once.
func SpMMGrad[T Float](dx *Tensor[T], beta T, dval []T, s *CSR[T], val []T, dy, x *Tensor[T]) {
	const op = "SpMMGrad"
	width := s.width(op, dx, s.Cols, dy, s.Rows)
	s.width(op, dy, s.Rows, x, s.Cols)
	s.values(op, dval)
	if tiles := tilesOf[T](width, s.Rows); device.Active() != nil || width < sampleParts*tiles*csrColumns || len(s.Col) == 0 {
		// Too few panels for all goroutines: the product shares their rows. A device has two
		// kernels.
		SpMMT(dx, s, val, dy, beta)
		SpMMGradValues(dval, s, dy, x)
		return
	}
	v := s.transposedValues(s.values(op, val))
	b := spmmGradBody[T]{
		product: productOf(dx.Data(), s.colPtr, s.row, v.Data, dy.Data(), width, s.Rows, beta),
		sample:  sampleOf(s.colPtr, s.row, x.Data(), dy.Data(), width, s.Rows),
	}
	parallel.For(b.sample.parts, 1, b)
	for p := range b.sample.parts {
		sums := b.sample.sums.Data[p*len(s.Col) : (p+1)*len(s.Col)]
		for i, k := range s.place {
			dval[k] += sums[i]
		}
	}
	b.sample.sums.Release()
	v.Release()
}

// spmmGradBody works on runs of panels; the operand in tiles of both is dy.
type spmmGradBody[T Float] struct {
	product spmmBody[T]
	sample  sampleBody[T]
}

func (b *spmmGradBody[T]) Do(lo, hi int) {
	s := &b.sample
	size := s.cols * csrColumns
	panel := scratch.Take[T](s.tiles * size)
	for part := lo; part < hi; part++ {
		for i := part * s.per; i < min((part+1)*s.per, s.panels); i++ {
			j := i * s.tiles * csrColumns
			tiles := packTiles(s.k, panel.Data, s.x, s.width, s.cols, j, s.tiles)
			for t := range tiles {
				b.product.tile(0, len(s.ptr)-1, j+t*csrColumns, panel.Data[t*size:])
			}
			s.add(part, j, panel.Data, tiles)
		}
	}
	panel.Release()
}

// sampleParts is the largest number of runs of panels that are summed apart, then added in order.
const sampleParts = 16

// sampleBody sums the products of rows of dy and x at the entries of a pattern; x is read in tiles.
type sampleBody[T Float] struct {
	k           *kernel.Set[T]
	ptr, col    []int32
	dy, x       []T
	width, cols int
	tiles       int // of a panel
	panels, per int // in all and of a part
	parts       int
	sums        *scratch.Buffer[T] // [parts, entries]
}

func sampleOf[T Float](ptr, col []int32, dy, x []T, width, cols int) sampleBody[T] {
	tiles := tilesOf[T](width, cols)
	panels := (width + tiles*csrColumns - 1) / (tiles * csrColumns)
	per := (panels + sampleParts - 1) / sampleParts
	per = max(per, min(panels, chunkElems/(tiles*csrColumns*len(col))))
	parts := (panels + per - 1) / per
	sums := scratch.Take[T](parts * len(col))
	clear(sums.Data)
	return sampleBody[T]{kernel.Of[T](), ptr, col, dy, x, width, cols, tiles, panels, per, parts, sums}
}

func (b *sampleBody[T]) Do(lo, hi int) {
	panel := scratch.Take[T](b.tiles * b.cols * csrColumns)
	for part := lo; part < hi; part++ {
		for i := part * b.per; i < min((part+1)*b.per, b.panels); i++ {
			j := i * b.tiles * csrColumns
			b.add(part, j, panel.Data, packTiles(b.k, panel.Data, b.x, b.width, b.cols, j, b.tiles))
		}
	}
	panel.Release()
}

// add adds to the sums of a part what the columns from j on contribute, of which the panel holds so
// many tiles.
func (b *sampleBody[T]) add(part, j int, panel []T, tiles int) {
	sums := b.sums.Data[part*len(b.col) : (part+1)*len(b.col)]
	if whole := min(tiles, (b.width-j)/csrColumns); whole > 0 {
		b.dots(sums, b.dy[j:], b.width, panel, whole)
		j += whole * csrColumns
		panel = panel[whole*b.cols*csrColumns:]
		tiles -= whole
	}
	if tiles > 0 {
		rows := len(b.ptr) - 1
		dy := scratch.Take[T](rows * csrColumns)
		packLast(dy.Data, b.dy, b.width, rows, j)
		b.dots(sums, dy.Data, csrColumns, panel, 1)
		dy.Release()
	}
}

func (b *sampleBody[T]) dots(sums, dy []T, stride int, panel []T, tiles int) {
	for lo, hi := 0, 0; lo < len(b.ptr)-1; lo = hi {
		hi = rowsOfCall(b.ptr, lo, tiles)
		b.k.CSRDots(sums, b.ptr[lo:hi+1], b.col, dy[lo*stride:], stride, panel, b.cols*csrColumns, tiles)
	}
}
