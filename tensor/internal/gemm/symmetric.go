package gemm

import (
	"unsafe"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Symmetric describes C += Alpha (A-m)(A-m)ᵀ for A [N, K] and m [N], of which the lower triangle is
// wanted; some elements above the diagonal are overwritten. A is packed once and serves as both
// operands, so that the product costs little more than half of one of two matrices.
type Symmetric[T kernel.Float] struct {
	N, K  int
	A     Operand[T] // by its storage; Row or Col is 1
	Mean  []T        // m, taken off on the way; nil stands for 0
	C     []T        // [N, N]
	CRow  int
	Alpha T
	// With, if it is not nil, is a matrix [K, M] whose product with A is wanted too:
	// Cross [M, N] += Alpha Withᵀ (A-m)ᵀ.
	With, Cross []T
	M           int
}

// A block of columns of C keeps so many bytes of A in the L2 cache while all rows of the triangle
// pass by. A goroutine takes so many panels of rows at a time.
const columnBytes, rowPanels = 512 << 10, 4

// RunSymmetric computes it. Elements do not depend on the number of goroutines.
func RunSymmetric[T kernel.Float](p Symmetric[T]) {
	if p.N == 0 || p.K == 0 {
		return
	}
	k := &kernel.Of[T]().Gemm
	size, count := pieces(p.K, k.KC)
	panels := ceil(p.N, k.NR)
	w := takeScratch[T]()
	b := symmetric[T]{p: p, k: k, packed: grow(&w.b, panels*k.NR*size), height: k.NR, panels: panels}
	for b.height > k.MR {
		b.height /= 2
	}
	b.columns = max(1, columnBytes/(k.NR*size*int(unsafe.Sizeof(p.Alpha))))
	b.groups = ceil(panels, rowPanels)
	blocks := ceil(panels, b.columns)
	for piece := range count {
		b.k0 = piece * size
		b.depth = min(size, p.K-b.k0)
		parallel.For(panels, grainOf(8*float64(b.depth*k.NR)), packing[T]{&b})
		work := float64(p.N) * float64(p.N) / 2 * float64(b.depth)
		parallel.For(blocks*b.groups, grainOf(work/float64(blocks*b.groups)), triangle[T]{&b})
		if p.With != nil {
			parallel.For(panels, grainOf(float64(b.depth*k.NR*p.M)), cross[T]{&b})
		}
	}
	putScratch(w)
}

// symmetric is a product at work on a piece of K.
type symmetric[T kernel.Float] struct {
	p         Symmetric[T]
	k         *kernel.MicroKernel[T]
	packed    []T // [panels, depth, NR]: columns of Aᵀ
	panels    int
	height    int // rows of a tile, several of which make a panel
	columns   int // panels of a block of columns
	groups    int // of rows
	k0, depth int
}

// panel returns a packed panel.
func (b *symmetric[T]) panel(i int) []T { return b.packed[i*b.depth*b.k.NR:][:b.depth*b.k.NR] }

// packing packs panels and takes the means off.
type packing[T kernel.Float] struct{ *symmetric[T] }

func (b *packing[T]) Do(lo, hi int) {
	nr, a := b.k.NR, &b.p.A
	const rows = 16 // of a panel that the means are taken off at a time
	w := takeScratch[T]()
	means := grow(&w.a, rows*nr)
	for i := lo; i < hi; i++ {
		j, dst := i*nr, b.panel(i)
		n, src := min(nr, b.p.N-j), a.Data[j*a.Row+b.k0*a.Col:]
		if a.Row == 1 {
			b.k.CopyPanels(dst, 0, nr, src, a.Col, n, 1, b.depth)
		} else {
			b.k.Interleave(dst, nr, src, a.Row, n, b.depth)
		}
		if b.p.Mean == nil {
			continue
		}
		for r := range rows {
			copy(means[r*nr:(r+1)*nr], b.p.Mean[j:j+n])
		}
		sub := kernel.Of[T]().Binary[kernel.Sub]
		for r := 0; r < b.depth; r += rows {
			some := dst[r*nr : min(r+rows, b.depth)*nr]
			sub(some, some, means[:len(some)])
		}
	}
	putScratch(w)
}

// triangle computes the tiles of blocks of columns and groups of rows.
type triangle[T kernel.Float] struct{ *symmetric[T] }

func (b *triangle[T]) Do(lo, hi int) {
	w := takeScratch[T]()
	for i := lo; i < hi; i++ {
		first := i / b.groups * b.columns
		from := max(i%b.groups*rowPanels, first)
		for row := from; row < min((i%b.groups+1)*rowPanels, b.panels); row++ {
			b.row(&w.tile, row, first, min(first+b.columns, row+1))
		}
	}
	putScratch(w)
}

// row computes the tiles of a panel of rows and the panels of columns first to last-1.
func (b *triangle[T]) row(t *kernel.Tile[T], row, first, last int) {
	nr := b.k.NR
	for at := 0; at < nr && row*nr+at < b.p.N; at += b.height {
		i := row*nr + at
		*t = kernel.Tile[T]{
			A: &b.panel(row)[at], ARow: 1, ACol: nr, M: min(b.height, b.p.N-i), K: b.depth, CRow: b.p.CRow, Alpha: b.p.Alpha, Beta: 1,
		}
		b.sweep(t, b.p.C[i*b.p.CRow:], first, last)
	}
}

// sweep moves rows of the left operand over some panels.
func (b *symmetric[T]) sweep(t *kernel.Tile[T], c []T, first, last int) {
	nr := b.k.NR
	t.BRow, t.BPanel = nr, nr*b.depth
	if whole := min(last, b.p.N/nr) - first; whole > 0 {
		t.N, t.Panels, t.B, t.C = nr, whole, &b.panel(first)[0], &c[first*nr]
		b.k.Run(t)
	}
	if last*nr > b.p.N {
		t.N, t.Panels, t.B, t.C = b.p.N%nr, 1, &b.panel(last - 1)[0], &c[(last-1)*nr]
		b.k.Run(t)
	}
}

// cross computes the products of panels with another matrix.
type cross[T kernel.Float] struct{ *symmetric[T] }

func (b *cross[T]) Do(lo, hi int) {
	w := takeScratch[T]()
	t := &w.tile
	for i := 0; i < b.p.M; i += b.k.MR {
		*t = kernel.Tile[T]{
			A: &b.p.With[b.k0*b.p.M+i], ARow: 1, ACol: b.p.M, M: min(b.k.MR, b.p.M-i), K: b.depth, CRow: b.p.N, Alpha: b.p.Alpha, Beta: 1,
		}
		b.sweep(t, b.p.Cross[i*b.p.N:], lo, hi)
	}
	putScratch(w)
}
