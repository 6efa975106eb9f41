package gemm

import (
	"unsafe"

	"elegans/tensor/internal/kernel"
)

// readsA reports whether the micro-kernel reads A where it lies for blocks of n columns.
func (p *Product[T]) readsA(k *kernel.MicroKernel[T], n int) bool {
	var zero T
	few := n <= 2*k.NR // a packed panel would be used once or twice
	switch {
	case p.A.Packer != nil:
		return false
	case p.A.Col == 1:
		// rows run along k; some distances make them fall into the same few sets of the L1 cache
		return few || !collides[T](p.A.Row)
	}
	// steps of k are far apart, which only a near cache forgives
	return few && p.M*p.K*int(unsafe.Sizeof(zero)) <= 256<<10
}

// collides reports whether a stride is so near a multiple of a large power of two that rows that
// far apart compete for the same places of a cache.
func collides[T any](stride int) bool {
	var zero T
	const way = 4096 // bytes of one way of an L1 cache
	d := stride * int(unsafe.Sizeof(zero)) % (way / 4)
	return d < 64 || d > way/4-64
}

// readsB reports whether the micro-kernel reads the whole panels of B where they lie: when B is
// read few times, or small.
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

// panelStart is the place of the panel that begins at column j in the packed columns of B. When B
// is read where it lies, only a last panel of incomplete vectors is packed.
func (b *blockOf[T]) panelStart(j int, directB bool) int {
	if directB {
		return 0
	}
	return (j - b.j0) * b.w.tile.K
}

// packB packs the block's columns of B for the piece k0 to k1-1.
func (b *blockOf[T]) packB(k0, k1 int, directB bool) {
	p, nr, k := b.p, b.k.NR, k1-k0
	buf := grow(&b.w.b, b.panelWidth(b.j1-b.j0)*k)
	j := b.j0
	whole := (b.j1 - b.j0) / nr
	if directB {
		j += whole * nr
	} else if p.B.Packer == nil && p.B.Col == 1 {
		b.k.CopyPanels(buf, nr*k, nr, b.b[k0*p.B.Row+j:], p.B.Row, nr, whole, k)
		j += whole * nr
	}
	for ; j < b.j1; j += nr {
		n := min(nr, b.j1-j)
		if directB && b.wholeLanes(n) {
			continue
		}
		width := b.panelWidth(n)
		start := b.panelStart(j, directB)
		dst := buf[start : start+width*k]
		if p.B.Packer != nil {
			p.B.Packer.Pack(dst, width, b.batch, k0, k1, j, j+n)
		} else {
			b.packPanel(dst, width, b.b[k0*p.B.Row+j*p.B.Col:], p.B.Row, p.B.Col, n, k)
		}
	}
}

// groupPanels is the number of panels of A that are packed at a time: enough to read runs of memory
// where A is transposed, and together small enough for the L2 cache.
const groupPanels = 8

// pointA points the tile at panel n of A, after packing it and those that follow if that pays.
func (b *blockOf[T]) pointA(n, k0, k1 int, directA bool) {
	p, t, k := b.p, &b.w.tile, k1-k0
	i, height := b.panelOfA(n)
	if directA {
		t.A, t.ARow, t.ACol = &b.a[i*p.A.Row+k0*p.A.Col], p.A.Row, p.A.Col
		return
	}
	size := b.k.MR * k // room for a panel
	if n%groupPanels == 0 {
		b.packA(n, k0, k1, grow(&b.w.a, groupPanels*size), size)
	}
	t.A, t.ARow, t.ACol = &b.w.a[n%groupPanels*size], 1, height
}

// packA packs the group of panels of A that begins with panel n, each into size elements of buf.
func (b *blockOf[T]) packA(n, k0, k1 int, buf []T, size int) {
	p, k := b.p, k1-k0
	last := min(n+groupPanels, ceil(b.i1-b.i0, b.k.MR))
	for n < last {
		i, height := b.panelOfA(n)
		same := 1 // panels of equal height
		for n+same < last {
			if _, h := b.panelOfA(n + same); h != height {
				break
			}
			same++
		}
		switch {
		case p.A.Packer == nil && p.A.Row == 1:
			b.k.CopyPanels(buf, size, height, b.a[i+k0*p.A.Col:], p.A.Col, height, same, k)
		default:
			for q := range same {
				i, dst := i+q*height, buf[q*size:][:height*k]
				if p.A.Packer != nil {
					p.A.Packer.Pack(dst, height, b.batch, k0, k1, i, i+height)
				} else {
					b.packPanel(dst, height, b.a[i*p.A.Row+k0*p.A.Col:], p.A.Col, p.A.Row, height, k)
				}
			}
		}
		n += same
		buf = buf[same*size:]
	}
}

// packPanel writes dst[q*width+j] = src[q*kStride+j*stride] for j < n and q < k.
func (b *blockOf[T]) packPanel(dst []T, width int, src []T, kStride, stride, n, k int) {
	switch {
	case stride == 1 || n == 1:
		b.k.CopyPanels(dst, 0, width, src, kStride, n, 1, k)
	case kStride == 1 || k == 1:
		// In stretches of k whose panel fits into the L1 cache, because each pass over it fills a
		// part of each line.
		stretch := 16 << 10 / int(unsafe.Sizeof(dst[0])) / width &^ 15
		for q := 0; q < k; q += stretch {
			b.k.Interleave(dst[q*width:], width, src[q*kStride:], stride, n, min(stretch, k-q))
		}
	default:
		for q := range k {
			for j := range n {
				dst[q*width+j] = src[q*kStride+j*stride]
			}
		}
	}
}
