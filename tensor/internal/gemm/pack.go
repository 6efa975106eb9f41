package gemm

import "unsafe"

// readsA reports whether the micro-kernel reads A where it lies. That pays when rows run along k, unless their distance makes them
// fall into the same few sets of the L1 cache, and when a packed panel would be used only a few times.
func (b *blockOf[T]) readsA() bool {
	p := b.p
	switch {
	case p.A.Packer != nil:
		return false
	case b.j1-b.j0 <= 2*b.k.NR:
		return true
	}
	return p.A.Col == 1 && !collides[T](p.A.Row)
}

// collides reports whether a stride is so near a multiple of a large power of two that rows that far apart compete for the same places of a cache.
func collides[T any](stride int) bool {
	var zero T
	const way = 4096 // bytes of one way of an L1 cache
	d := stride * int(unsafe.Sizeof(zero)) % (way / 4)
	return d < 64 || d > way/4-64
}

// readsB reports whether the micro-kernel reads the whole panels of B where they lie: when B is read few times, or small.
func (b *blockOf[T]) readsB() bool {
	p := b.p
	if p.B.Packer != nil || p.B.Col != 1 && p.N > 1 {
		return false
	}
	var zero T
	return b.i1-b.i0 <= 2*b.k.MR || p.K*p.B.Row*int(unsafe.Sizeof(zero)) <= 32<<10
}

func (b *blockOf[T]) wholeLanes(n int) bool { return n%b.k.Lanes == 0 }

// panelWidth is the number of columns for which a panel of n columns has room.
func (b *blockOf[T]) panelWidth(n int) int { return ceil(n, b.k.Lanes) * b.k.Lanes }

// panelStart is the place of the panel that begins at column j in the packed columns of B. When B is read where it lies, only a last panel of incomplete
// vectors is packed.
func (b *blockOf[T]) panelStart(j int, directB bool) int {
	if directB {
		return 0
	}
	return (j - b.j0) * b.w.tile.K
}

// packB packs the block's columns of B for the piece k0 to k1-1.
func (b *blockOf[T]) packB(k0, k1 int, directB bool) {
	p, nr := b.p, b.k.NR
	buf := grow(&b.w.b, b.panelWidth(b.j1-b.j0)*(k1-k0))
	for j := b.j0; j < b.j1; j += nr {
		n := min(nr, b.j1-j)
		if directB && b.wholeLanes(n) {
			continue
		}
		width := b.panelWidth(n)
		start := b.panelStart(j, directB)
		dst := buf[start : start+width*(k1-k0)]
		switch {
		case p.B.Packer != nil:
			p.B.Packer.Pack(dst, width, b.batch, k0, k1, j, j+n)
		default:
			b.packPanel(dst, width, b.b[k0*p.B.Row+j*p.B.Col:], p.B.Row, p.B.Col, n, k1-k0)
		}
	}
}

// panelA points the tile at the rows of A that begin at row i, packed if that pays.
func (b *blockOf[T]) panelA(i, k0, k1 int, directA bool) {
	p, t := b.p, &b.w.tile
	if directA {
		t.A, t.ARow, t.ACol = &b.a[i*p.A.Row+k0*p.A.Col], p.A.Row, p.A.Col
		return
	}
	dst := grow(&b.w.a, t.M*(k1-k0))
	if p.A.Packer != nil {
		p.A.Packer.Pack(dst, t.M, b.batch, k0, k1, i, i+t.M)
	} else {
		b.packPanel(dst, t.M, b.a[i*p.A.Row+k0*p.A.Col:], p.A.Col, p.A.Row, t.M, k1-k0)
	}
	t.A, t.ARow, t.ACol = &dst[0], 1, t.M
}

// packPanel writes dst[q*width+j] = src[q*kStride+j*stride] for j < n and q < k.
func (b *blockOf[T]) packPanel(dst []T, width int, src []T, kStride, stride, n, k int) {
	switch {
	case stride == 1 || n == 1:
		b.k.CopyRows(dst, width, src, kStride, n, k)
	case kStride == 1 || k == 1:
		b.k.Interleave(dst, width, src, stride, n, k)
	default:
		for q := range k {
			for j := range n {
				dst[q*width+j] = src[q*kStride+j*stride]
			}
		}
	}
}
