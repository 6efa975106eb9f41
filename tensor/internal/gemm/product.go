package gemm

import (
	"fmt"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// MaxBatch is the largest number of batch axes.
const MaxBatch = 6

// Product describes C = Alpha A B + Beta C for A [M, K], B [K, N], C [M, N], or one such product
// for each index of the batch axes. C must not overlap A or B.
type Product[T kernel.Float] struct {
	M, N, K     int
	A, B        Operand[T]
	C           []T
	CRow        int // distance between rows of C; its columns are adjacent
	Alpha, Beta T   // with Beta == 0 C is written and never read
	Epilogue    Epilogue[T]
	Batch       Batch
	// Soon are the operands of what is computed next, which are prefetched along the way where a
	// product leaves time for that, the last of them first.
	Soon [maxSoon][]T
}

const maxSoon = 4

// Operand is a matrix given by its storage and strides, or by a Packer.
type Operand[T kernel.Float] struct {
	Data     []T
	Row, Col int // distances between rows and between columns
	Packer   Packer[T]
}

// Packer is an operand that writes its panels itself.
type Packer[T kernel.Float] interface {
	// Pack writes dst[(p-k0)*width + j-j0] for k0 <= p < k1 and j0 <= j < j1, where p runs along K
	// and j along the columns of B or the rows of A, of the product number batch. j1-j0 <= width;
	// what dst holds for the remaining columns is not used. Pack is called from several goroutines.
	Pack(dst []T, width, batch, k0, k1, j0, j1 int)
}

// Epilogue is what happens to C on its way: C = Act(Alpha A B + Beta C + ColBias + RowBias). Nil
// members are left out.
type Epilogue[T kernel.Float] struct {
	ColBias []T // [N], added to every row
	RowBias []T // [M], added to every column
	// Act maps a finished piece of a row of C, still in the cache; it is called with x and dst the
	// same slice.
	Act func(dst, x []T)
}

// Batch repeats a product along up to MaxBatch axes. Zero axes mean one product. Strides may be 0
// for a shared operand, not for C.
type Batch struct {
	Axes             int
	Dims             [MaxBatch]int
	A, B, C          [MaxBatch]int
	ColBias, RowBias [MaxBatch]int
}

// Len returns the number of products.
func (b *Batch) Len() int {
	n := 1
	for _, d := range b.Dims[:b.Axes] {
		n *= d
	}
	return n
}

// offset returns the place of product number i in an operand with the given batch strides.
func (b *Batch) offset(strides *[MaxBatch]int, i int) int {
	o := 0
	for axis := b.Axes - 1; axis >= 0; axis-- {
		o += i % b.Dims[axis] * strides[axis]
		i /= b.Dims[axis]
	}
	return o
}

// extent returns how far from the first element of product 0 the first element of any product may
// lie.
func (b *Batch) extent(strides *[MaxBatch]int) int {
	o := 0
	for axis := range b.Axes {
		o += (b.Dims[axis] - 1) * strides[axis]
	}
	return o
}

// check panics when a slice is shorter than the shapes and strides say: assembly does not look.
func (p *Product[T]) check() {
	need := func(what string, have, rows, rowStride, cols, colStride, batch int) {
		if rows == 0 || cols == 0 {
			return
		}
		if n := (rows-1)*rowStride + (cols-1)*colStride + batch + 1; have < n {
			panic(fmt.Sprintf("gemm: %s has %d elements, its shape and strides reach %d", what, have, n))
		}
	}
	b := &p.Batch
	if p.A.Packer == nil {
		need("A", len(p.A.Data), p.M, p.A.Row, p.K, p.A.Col, b.extent(&b.A))
	}
	if p.B.Packer == nil {
		need("B", len(p.B.Data), p.K, p.B.Row, p.N, p.B.Col, b.extent(&b.B))
	}
	need("C", len(p.C), p.M, p.CRow, p.N, 1, b.extent(&b.C))
	if e := &p.Epilogue; e.ColBias != nil {
		need("ColBias", len(e.ColBias), 1, 0, p.N, 1, b.extent(&b.ColBias))
	}
	if e := &p.Epilogue; e.RowBias != nil {
		need("RowBias", len(e.RowBias), 1, 0, p.M, 1, b.extent(&b.RowBias))
	}
}

// begin checks p and makes a row of C where it is a column. It returns false where there is nothing
// to compute.
func (p *Product[T]) begin() bool {
	if p.M == 0 || p.N == 0 || p.Batch.Len() == 0 {
		return false
	}
	p.check()
	if p.isColumn() {
		*p = p.transposed()
	}
	return true
}

// Run computes a product or a batch of them.
func Run[T kernel.Float](p Product[T]) {
	if !p.begin() {
		return
	}
	k := &kernel.Of[T]().Gemm
	g := plan(&p, k, parallel.Workers())
	jobs := p.Batch.Len() * g.rows * g.cols
	parallel.For(jobs, g.grain, single[T]{p, g, k})
}

// RunSerial is Run on the calling goroutine alone, for loops that share out larger pieces of work
// than products. The results are those of Run, bit for bit.
func RunSerial[T kernel.Float](p Product[T]) {
	if !p.begin() {
		return
	}
	w := takeScratch[T]()
	s := &w.serial
	*s = single[T]{p: p, k: &kernel.Of[T]().Gemm}
	s.g = plan(&s.p, s.k, 1)
	jobs := s.p.Batch.Len() * s.g.rows * s.g.cols
	for i := range jobs {
		w.block(&s.p, s.k, &s.g, i, i+1)
	}
	putScratch(w)
}

// single is the loop body of Run: iteration i is a block of one of the products.
type single[T kernel.Float] struct {
	p Product[T]
	g grid
	k *kernel.MicroKernel[T]
}

// Do computes the blocks lo to hi-1.
func (s *single[T]) Do(lo, hi int) {
	w := takeScratch[T]()
	for i := lo; i < hi; i++ {
		w.block(&s.p, s.k, &s.g, i, s.g.after(i, hi))
	}
	putScratch(w)
}
