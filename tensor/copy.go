package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Copy writes the elements of src, broadcast to dst's shape, into dst. Both may be strided; they
// must not overlap.
func Copy[T Float](dst, src *Tensor[T]) { moveBroadcast("Copy", dst, src, false) }

// Accumulate adds the elements of src, broadcast to dst's shape, to those of dst. Both may be
// strided; they must not overlap, and dst must not be an expanded view.
func Accumulate[T Float](dst, src *Tensor[T]) { moveBroadcast("Accumulate", dst, src, true) }

func moveBroadcast[T Float](op string, dst, src *Tensor[T], add bool) {
	var e Tensor[T]
	src.expandInto(op, &e, dst.Shape())
	var m move[T]
	m.set(dst.data, e.data, add)
	for i, n := range dst.Shape() {
		m.axis(n, dst.strides[i], e.strides[i])
	}
	m.run()
}

// move is a loop over a common shape that copies or adds the elements of one strided array to
// another. Elements may be visited in any order, so the axes are sorted by the destination's stride
// and merged where both arrays allow it.
type move[T Float] struct {
	k        *kernel.Set[T]
	dst, src []T
	add      bool
	start    int // index in src of the first element; source strides may be negative
	ndim     int
	shape    [MaxDims]int
	ds, ss   [MaxDims]int // strides of dst and src
	empty    bool
	// The last two axes form a matrix whose rows are contiguous in src and whose columns are
	// contiguous in dst.
	transposed bool
	block      int // length of the pieces into which the last axis is cut
	blocks     int
}

func (m *move[T]) set(dst, src []T, add bool) {
	*m = move[T]{k: kernel.Of[T](), dst: dst, src: src, add: add}
}

// axis adds an axis of n elements with the given strides.
func (m *move[T]) axis(n, ds, ss int) {
	if n == 0 {
		m.empty = true
	}
	if n <= 1 {
		return
	}
	i := m.ndim
	for ; i > 0 && m.ds[i-1] < ds; i-- {
		m.shape[i], m.ds[i], m.ss[i] = m.shape[i-1], m.ds[i-1], m.ss[i-1]
	}
	m.shape[i], m.ds[i], m.ss[i] = n, ds, ss
	m.ndim++
}

const (
	moveGrain = 1 << 15 // elements that one goroutine copies at a time
	// A transposition works in squares of this side: one cache line of float32.
	tile = 16
)

// run executes the loop.
func (m *move[T]) run() {
	if m.empty {
		return
	}
	m.merge()
	if m.ndim == 0 {
		m.axis0()
	}
	if d := device.Active(); d != nil {
		deviceMove(d, m)
		return
	}
	last := m.ndim - 1
	n := m.shape[last]
	if m.ss[last] != 1 && m.ds[last] == 1 {
		m.findTransposition()
	}
	units, grain := 1, 0
	for _, d := range m.shape[:last] {
		units *= d
	}
	if m.transposed {
		units /= m.shape[last-1]
		m.blocks = (m.shape[last-1] + tile - 1) / tile
		grain = moveGrain / (tile * n)
	} else {
		m.block = min(n, moveGrain)
		m.blocks = (n + m.block - 1) / m.block
		grain = moveGrain / m.block
	}
	units *= m.blocks
	if grain = max(1, grain); units <= grain {
		m.Do(0, units)
		return
	}
	parallel.For(units, grain, *m)
}

// axis0 gives a loop over a single element one axis.
func (m *move[T]) axis0() { m.ndim, m.shape[0], m.ds[0], m.ss[0] = 1, 1, 1, 1 }

// merge joins neighbouring axes that are one axis to both arrays.
func (m *move[T]) merge() {
	k := 0
	for i := 1; i < m.ndim; i++ {
		if m.ds[k] == m.ds[i]*m.shape[i] && m.ss[k] == m.ss[i]*m.shape[i] {
			m.shape[k] *= m.shape[i]
			m.ds[k], m.ss[k] = m.ds[i], m.ss[i]
			continue
		}
		k++
		m.shape[k], m.ds[k], m.ss[k] = m.shape[i], m.ds[i], m.ss[i]
	}
	m.ndim = min(m.ndim, k+1)
}

// findTransposition looks for an axis along which src is contiguous and makes it the last but one.
func (m *move[T]) findTransposition() {
	last := m.ndim - 1
	for j := last - 1; j >= 0; j-- {
		if m.ss[j] == 1 {
			n, d := m.shape[j], m.ds[j]
			copy(m.shape[j:], m.shape[j+1:last])
			copy(m.ds[j:], m.ds[j+1:last])
			copy(m.ss[j:], m.ss[j+1:last])
			m.shape[last-1], m.ds[last-1], m.ss[last-1] = n, d, 1
			m.transposed = true
			return
		}
	}
}

// Do visits pieces lo to hi-1: of the last axis, or of the last but one when transposed, the piece
// counting fastest.
func (m *move[T]) Do(lo, hi int) {
	outer := m.ndim - 1
	if m.transposed {
		outer--
	}
	var index [MaxDims]int
	u, piece := lo/m.blocks, lo%m.blocks
	d, s := 0, m.start
	for a := outer - 1; a >= 0; a-- {
		index[a] = u % m.shape[a]
		u /= m.shape[a]
		d += index[a] * m.ds[a]
		s += index[a] * m.ss[a]
	}
	for range hi - lo {
		if m.transposed {
			m.transpose(d, s, piece*tile)
		} else {
			m.line(d, s, piece*m.block)
		}
		if piece++; piece < m.blocks {
			continue
		}
		piece = 0
		for a := outer - 1; a >= 0; a-- {
			index[a]++
			d += m.ds[a]
			s += m.ss[a]
			if index[a] < m.shape[a] {
				break
			}
			d -= index[a] * m.ds[a]
			s -= index[a] * m.ss[a]
			index[a] = 0
		}
	}
}

// line moves the elements from first on of one line along the last axis.
func (m *move[T]) line(d, s, first int) {
	last := m.ndim - 1
	n := min(m.block, m.shape[last]-first)
	ds, ss := m.ds[last], m.ss[last]
	d += first * ds
	s += first * ss
	switch {
	case ds == 1 && ss == 1 && m.add:
		to := m.dst[d : d+n]
		m.k.Binary[kernel.Add](to, to, m.src[s:s+n])
	case ds == 1 && ss == 1:
		copy(m.dst[d:d+n], m.src[s:s+n])
	case ds == 1 && ss == 0 && !m.add:
		v, dst := m.src[s], m.dst[d:d+n]
		for i := range dst {
			dst[i] = v
		}
	case m.add:
		for range n {
			m.dst[d] += m.src[s]
			d += ds
			s += ss
		}
	default:
		for range n {
			m.dst[d] = m.src[s]
			d += ds
			s += ss
		}
	}
}

// transpose moves a band of up to 16 lines of src, contiguous there, into as many columns of dst.
// Squares pass through a buffer, so that both arrays are touched one full cache line at a time even
// if their strides are powers of two.
func (m *move[T]) transpose(d, s, first int) {
	last := m.ndim - 1
	rows, n := min(tile, m.shape[last-1]-first), m.shape[last]
	ds, ss := m.ds[last-1], m.ss[last]
	d += first * ds
	s += first
	var buf [tile * tile]T
	for c := 0; c < n; c += tile {
		cols := min(tile, n-c)
		for j := range cols {
			line := m.src[s+(c+j)*ss:][:rows]
			for i, v := range line {
				buf[(i*tile+j)&(tile*tile-1)] = v
			}
		}
		for i := range rows {
			to := m.dst[d+i*ds+c:][:cols]
			if m.add {
				for j, v := range buf[i*tile:][:cols] {
					to[j] += v
				}
			} else {
				copy(to, buf[i*tile:][:cols])
			}
		}
	}
}
