package gemm

import (
	"unsafe"

	"elegans/tensor/internal/kernel"
)

// ahead is a part of an operand that is needed soon, but may still lie in slow memory: the
// micro-kernel asks for it, line after line, while it works (see kernel.Tile). It is walked in
// outers runs of count places, step elements apart; the runs begin outer elements apart.
type ahead[T kernel.Float] struct {
	data        []T
	step, count int
	outer       int
	outers      int
	i, j        int // the next place
}

// point gives the next of up to the given number of tiles side by side their shares, and returns
// how many can be computed in one call.
func (a *ahead[T]) point(t *kernel.Tile[T], tiles int) int {
	t.Ahead, t.AheadStep = nil, 0
	at := a.j*a.outer + a.i*a.step
	if a.j >= a.outers || at >= len(a.data) {
		return tiles
	}
	t.Ahead, t.AheadStep = &a.data[at], a.step
	if share := max(t.K/kernel.AheadEvery, 1); a.count > share {
		tiles = min(tiles, ceil(a.count-a.i, share))
		t.AheadTile = share * a.step
		if a.i += tiles * share; a.i >= a.count {
			a.i, a.j = 0, a.j+1
		}
	} else { // a run for each tile
		tiles = min(tiles, a.outers-a.j)
		t.AheadTile = a.outer
		a.j += tiles
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

// nextColumns describes the columns of B of block number i, the next one, of a product that stays
// near.
func (b *blockOf[T]) nextColumns(g *grid, i int) ahead[T] {
	p := b.p
	perProduct := g.rows * g.cols
	batch, j0 := i/perProduct, i%perProduct%g.cols*g.nb
	if batch == b.batch && j0 == b.j0 {
		return ahead[T]{}
	}
	data := p.B.Data[j0*p.K:]
	if p.Batch.Axes > 0 {
		data = data[p.Batch.offset(&p.Batch.B, batch):]
	}
	return ahead[T]{data: data, step: line[T](), count: ceil(min(g.nb, p.N-j0)*p.K, line[T]()), outers: 1}
}

// lookAhead lets the micro-kernel ask for the panel of A after panel n, in the piece k0 to k1-1,
// when A is read where it lies, or for the group of panels that is packed after that of panel n.
func (b *blockOf[T]) lookAhead(n, k0, k1 int, directA bool) {
	p := b.p
	panels := ceil(b.i1-b.i0, b.k.MR)
	switch {
	case directA && p.A.Col == 1 && n+1 < panels:
		// A row of the panel for each tile: a block has more tiles than a panel rows, if it
		// matters.
		i, height := b.panelOfA(n + 1)
		b.ahead = ahead[T]{data: b.a[i*p.A.Row+k0:], step: line[T]() / kernel.AheadEvery, count: (k1 - k0) / kernel.AheadEvery, outer: p.A.Row, outers: height}
	case !directA && p.A.Packer == nil && p.A.Row == 1 && n%groupPanels == 0 && n+groupPanels < panels:
		i, _ := b.panelOfA(n + groupPanels)
		rows := min(groupPanels*b.k.MR, b.i1-i)
		b.ahead = ahead[T]{data: b.a[i+k0*p.A.Col:], step: p.A.Col, count: k1 - k0, outer: line[T](), outers: ceil(rows, line[T]())}
	}
}
