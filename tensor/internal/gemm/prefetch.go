package gemm

import (
	"unsafe"

	"elegans/tensor/internal/kernel"
)

// prefetch is a list of parts of operands that are needed soon, but may still lie in slow memory:
// the micro-kernel prefetches them, line after line, while it works (see kernel.Tile).
type prefetch[T kernel.Float] struct {
	runs [maxSoon]run[T]
	left int // runs that are not done; the last of them is next
}

// run is a part of an operand: outers rows of count places, step elements apart; the rows begin
// outer elements apart.
type run[T kernel.Float] struct {
	data        []T
	step, count int
	outer       int
	outers      int
	i, j        int // the next place
}

func (f *prefetch[T]) add(r run[T]) {
	f.runs[f.left] = r
	f.left++
}

// block adds adjacent elements.
func (f *prefetch[T]) block(data []T) {
	if len(data) > 0 {
		f.add(run[T]{data: data, step: line[T](), count: ceil(len(data), line[T]()), outers: 1})
	}
}

// point gives the next of up to the given number of tiles side by side their shares, and returns
// how many can be computed in one call.
func (f *prefetch[T]) point(t *kernel.Tile[T], tiles int) int {
	for f.left > 0 {
		r := &f.runs[f.left-1]
		if at := r.j*r.outer + r.i*r.step; r.j < r.outers && at < len(r.data) {
			t.Prefetch, t.PrefetchStep = &r.data[at], r.step
			return r.share(t, tiles)
		}
		f.left--
	}
	t.Prefetch, t.PrefetchStep = nil, 0
	return tiles
}

func (r *run[T]) share(t *kernel.Tile[T], tiles int) int {
	if share := max(t.K/kernel.PrefetchEvery, 1); r.count > share {
		tiles = min(tiles, ceil(r.count-r.i, share))
		t.PrefetchTile = share * r.step
		if r.i += tiles * share; r.i >= r.count {
			r.i, r.j = 0, r.j+1
		}
	} else { // a row for each tile
		tiles = min(tiles, r.outers-r.j)
		t.PrefetchTile = r.outer
		r.j += tiles
	}
	return tiles
}

// line is the number of elements of a cache line.
func line[T any]() int { return 64 / int(unsafe.Sizeof(*new(T))) }

// staysNear reports whether A is so small and B, stored column after column, so large that a block
// takes few columns at a time, with all of A in the L2 cache, while the columns of the next block
// are brought there.
func (p *Product[T]) staysNear() bool {
	size, limit := int(unsafe.Sizeof(*new(T))), kernel.L2()/4
	return p.A.Packer == nil && p.B.Packer == nil && p.B.Row == 1 && p.B.Col == p.K && p.M*p.K*size <= limit && p.N*p.K*size > limit
}

// prefetchColumns prefetches the columns of B of block number i, the next one, of a product that
// stays near.
func (b *blockOf[T]) prefetchColumns(g *grid, i int) {
	p := b.p
	perProduct := g.rows * g.cols
	batch, j0 := i/perProduct, i%perProduct%g.cols*g.nb
	if batch == b.batch && j0 == b.j0 {
		return
	}
	data := p.B.Data[j0*p.K:]
	if p.Batch.Axes > 0 {
		data = data[p.Batch.offset(&p.Batch.B, batch):]
	}
	b.soon.block(data[:min(len(data), min(g.nb, p.N-j0)*p.K)])
}

// isSmall reports whether all operands of several products stay in the L2 cache together, each
// product being one block: while one is computed, the next is prefetched.
func (p *Product[T]) isSmall(g *grid) bool {
	elements := p.M*p.K + p.K*p.N + p.M*p.N
	return p.Batch.Axes > 0 && g.rows*g.cols == 1 && 4*elements*int(unsafe.Sizeof(*new(T))) <= kernel.L2()
}

// prefetchProduct prefetches the operands of product number i of the batch that are adjacent
// elements.
func (b *blockOf[T]) prefetchProduct(i int) {
	p := b.p
	if p.CRow == p.N {
		b.soon.block(p.C[p.Batch.offset(&p.Batch.C, i):][:p.M*p.N])
	}
	if o := p.Batch.offset(&p.Batch.B, i); p.B.isDense(p.K, p.N) && p.Batch.offset(&p.Batch.B, b.batch) != o {
		b.soon.block(p.B.Data[o:][:p.K*p.N])
	}
	if o := p.Batch.offset(&p.Batch.A, i); p.A.isDense(p.M, p.K) && p.Batch.offset(&p.Batch.A, b.batch) != o {
		b.soon.block(p.A.Data[o:][:p.M*p.K])
	}
}

// isDense reports whether the elements of a matrix are adjacent.
func (o *Operand[T]) isDense(rows, cols int) bool {
	return o.Packer == nil && (o.Col == 1 && o.Row == cols || o.Row == 1 && o.Col == rows)
}

// prefetchRows prefetches the panel of A after panel n, in the piece k0 to k1-1, when A is read
// where it lies, or the group of panels that is packed after that of panel n.
func (b *blockOf[T]) prefetchRows(n, k0, k1 int, directA bool) {
	p := b.p
	panels := ceil(b.i1-b.i0, b.k.MR)
	switch {
	case directA && p.A.Col == 1 && n+1 < panels:
		// A row of the panel for each tile: a block has more tiles than a panel rows, if it
		// matters.
		i, height := b.panelOfA(n + 1)
		b.soon.left = 0
		b.soon.add(run[T]{data: b.a[i*p.A.Row+k0:], step: kernel.PrefetchEvery, count: (k1 - k0) / kernel.PrefetchEvery, outer: p.A.Row, outers: height})
	case !directA && p.A.Packer == nil && p.A.Row == 1 && n%groupPanels == 0 && n+groupPanels < panels:
		i, _ := b.panelOfA(n + groupPanels)
		rows := min(groupPanels*b.k.MR, b.i1-i)
		b.soon.left = 0
		b.soon.add(run[T]{data: b.a[i+k0*p.A.Col:], step: p.A.Col, count: k1 - k0, outer: line[T](), outers: ceil(rows, line[T]())})
	}
}
