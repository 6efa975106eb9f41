package gemm

import (
	"elegans/tensor/internal/kernel"
)

// block computes block number i, counted through the batch, of a product. Block number next, if
// there is one, is likely to be the next on this goroutine.
func (w *scratch[T]) block(p *Product[T], k *kernel.MicroKernel[T], g *grid, i, next int) {
	perProduct := g.rows * g.cols
	b := blockOf[T]{p: p, k: k, w: w, batch: i / perProduct}
	i %= perProduct
	b.i0 = i / g.cols * g.mb
	b.i1 = min(b.i0+g.mb, p.M)
	b.j0 = i % g.cols * g.nb
	b.j1 = min(b.j0+g.nb, p.N)
	b.a, b.b = p.A.Data, p.B.Data
	b.c = p.C
	if p.Batch.Axes > 0 {
		if p.A.Packer == nil && p.K > 0 {
			b.a = b.a[p.Batch.offset(&p.Batch.A, b.batch):]
		}
		if p.B.Packer == nil && p.K > 0 {
			b.b = b.b[p.Batch.offset(&p.Batch.B, b.batch):]
		}
		b.c = b.c[p.Batch.offset(&p.Batch.C, b.batch):]
	}
	switch {
	case p.isDots(k):
		b.dots()
	case p.isRowSum():
		b.rowSum()
	default:
		another := next < p.Batch.Len()*perProduct
		switch {
		case p.staysNear():
			b.near = true
			if another {
				b.prefetchColumns(g, next)
			}
		case p.isSmall(g):
			b.near = true
			if another {
				b.prefetchProduct(next)
			}
		default:
			for _, data := range p.Soon {
				b.near = b.near || len(data) > 0
				b.soon.block(data)
			}
		}
		b.run()
	}
}

// blockOf is a block of C at work: rows i0 to i1-1, columns j0 to j1-1.
type blockOf[T kernel.Float] struct {
	p              *Product[T]
	k              *kernel.MicroKernel[T]
	w              *scratch[T]
	batch          int
	a, b, c        []T // of this product of the batch
	i0, i1, j0, j1 int
	near           bool // all of A is in the L2 cache, or will be soon
	soon           prefetch[T]
}

func (b *blockOf[T]) run() {
	p, t := b.p, &b.w.tile
	size, count := pieces(p.K, b.k.KC)
	*t = kernel.Tile[T]{CRow: p.CRow, Alpha: p.Alpha}
	directA, directB := p.readsA(b.k, b.j1-b.j0), b.readsB()
	panels := ceil(b.i1-b.i0, b.k.MR)
	var bias []T // of the block's columns, in the first piece
	for piece := range count {
		k0 := piece * size
		k1 := min(k0+size, p.K)
		t.K, t.Beta, bias = k1-k0, 1, nil
		if piece == 0 {
			if t.Beta, bias = p.Beta, b.bias(); bias != nil {
				t.Beta = 1
			} else {
				t.Beta = b.begin()
			}
		}
		if k1 > k0 {
			b.packB(k0, k1, directB)
		}
		for n := 0; n < panels; n++ {
			i, height := b.panelOfA(n)
			t.M = height
			if k1 > k0 {
				b.pointA(n, k0, k1, directA)
				if !b.near {
					b.prefetchRows(n, k0, k1, directA)
				}
			}
			b.sweep(i, k0, directB, bias)
			if piece == count-1 && p.Epilogue.Act != nil {
				b.activate(i, height)
			}
		}
	}
}

// panelOfA returns the first row and the height of panel n of the block's rows. Panels differ in
// height by at most one row, the higher ones come first.
func (b *blockOf[T]) panelOfA(n int) (i, height int) {
	rows := b.i1 - b.i0
	panels := ceil(rows, b.k.MR)
	i, height = b.i0+n*(rows/panels)+min(n, rows%panels), rows/panels
	if n < rows%panels {
		height++
	}
	return i, height
}

// activate applies the activation to rows of the block.
func (b *blockOf[T]) activate(i, height int) {
	p := b.p
	if p.CRow == b.j1-b.j0 { // adjacent
		x := b.c[i*p.CRow : (i+height)*p.CRow]
		p.Epilogue.Act(x, x)
		return
	}
	for r := i; r < i+height; r++ {
		x := b.c[r*p.CRow+b.j0 : r*p.CRow+b.j1]
		p.Epilogue.Act(x, x)
	}
}

// sweep moves the panel of A that begins at row i over the block's columns. The bias of these, if
// any, is added instead of what C holds.
func (b *blockOf[T]) sweep(i, k0 int, directB bool, bias []T) {
	p, t, nr := b.p, &b.w.tile, b.k.NR
	crow := b.c[i*p.CRow:]
	whole := (b.j1 - b.j0) / nr
	for done := 0; done < whole; done += t.Panels {
		j := b.j0 + done*nr
		t.N, t.C, t.Panels = nr, &crow[j], b.soon.point(t, whole-done)
		if t.Old = nil; bias != nil {
			t.Old = &bias[j-b.j0]
		}
		if t.K > 0 {
			if directB {
				t.B, t.BRow, t.BPanel = &b.b[k0*p.B.Row+j], p.B.Row, nr
			} else {
				t.B, t.BRow, t.BPanel = &b.w.b[b.panelStart(j, false)], nr, nr*t.K
			}
		}
		b.k.Run(t)
	}
	if j := b.j0 + whole*nr; j < b.j1 {
		t.N, t.C, t.Panels = b.j1-j, &crow[j], b.soon.point(t, 1)
		if t.Old = nil; bias != nil {
			t.Old = &bias[j-b.j0]
		}
		if t.K > 0 {
			if directB && b.wholeLanes(t.N) {
				t.B, t.BRow = &b.b[k0*p.B.Row+j], p.B.Row
			} else {
				t.B, t.BRow = &b.w.b[b.panelStart(j, directB)], b.panelWidth(t.N)
			}
		}
		b.k.Run(t)
	}
}
