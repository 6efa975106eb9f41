package gemm

import (
	"unsafe"

	"elegans/tensor/internal/kernel"
)

// transposed exchanges the roles of A and B, for a product whose C is one column of adjacent
// elements: as a row it is computed in whole vectors.
func (p Product[T]) transposed() Product[T] {
	q := p
	q.M, q.N, q.CRow = p.N, p.M, 1
	q.A = Operand[T]{Data: p.B.Data, Row: p.B.Col, Col: p.B.Row, Packer: p.B.Packer}
	q.B = Operand[T]{Data: p.A.Data, Row: p.A.Col, Col: p.A.Row, Packer: p.A.Packer}
	q.Epilogue.ColBias, q.Epilogue.RowBias = p.Epilogue.RowBias, p.Epilogue.ColBias
	q.Batch.A, q.Batch.B = p.Batch.B, p.Batch.A
	q.Batch.ColBias, q.Batch.RowBias = p.Batch.RowBias, p.Batch.ColBias
	return q
}

// isColumn reports whether transposed is worth while.
func (p *Product[T]) isColumn() bool { return p.N == 1 && p.CRow == 1 && p.M > 1 }

// isDots reports whether p is a vector, or a few rows, times a matrix stored column after column.
// Its elements are dot products, which read the matrix once, as it lies.
func (p *Product[T]) isDots(k *kernel.MicroKernel[T]) bool {
	// sums for which combining the parts of a dot product takes longer than packing
	const short = 32
	if p.M > 1 && (p.M > k.DotRows || p.K < short) {
		return false
	}
	return p.K > 0 && p.A.Packer == nil && p.B.Packer == nil && p.B.Row == 1 && (p.B.Col != 1 || p.N == 1)
}

// dots computes a block of such a product.
func (b *blockOf[T]) dots() {
	p := b.p
	beta := b.begin()
	x, xRow := b.a[b.i0*p.A.Row:], p.A.Row
	if p.A.Col != 1 {
		x, xRow = grow(&b.w.a, (b.i1-b.i0)*p.K), p.K
		for i := b.i0; i < b.i1; i++ {
			for q := range p.K {
				x[(i-b.i0)*p.K+q] = b.a[i*p.A.Row+q*p.A.Col]
			}
		}
	}
	// Pieces of x stay in the near caches, and one call of assembly stays short.
	size, count := pieces(p.K, 4096)
	for piece := range count {
		k0 := piece * size
		b.dotPiece(beta, x[k0:], xRow, k0, min(size, p.K-k0))
		beta = 1
	}
	if p.Epilogue.Act != nil {
		for i := b.i0; i < b.i1; i++ {
			c := b.c[i*p.CRow+b.j0 : i*p.CRow+b.j1]
			p.Epilogue.Act(c, c)
		}
	}
}

// dotPiece sets c = alpha (products of the rows of x with the rows k0 to k0+n-1 of the block's
// columns of B) + beta c, four columns and up to four rows at a time. When fewer columns are left,
// some are computed again, because each column's sum must have the same order wherever the block
// begins and ends.
func (b *blockOf[T]) dotPiece(beta T, x []T, xRow, k0, n int) {
	p, w, rows := b.p, b.w, b.i1-b.i0
	columns, step, stride := b.j1-b.j0, 4, p.B.Col
	if columns < 4 {
		step, stride = 1, 0
	}
	for j := 0; j < columns; j += step {
		first := min(j, columns-step)
		m := b.b[k0+(b.j0+first)*p.B.Col:]
		for i := 0; i < rows; i += 4 {
			if rows-i >= 4 {
				b.k.Dot4x4(&w.sums, m, stride, x[i*xRow:], xRow, n)
			} else {
				for s := range rows - i {
					b.k.Dot4((*[4]T)(w.sums[4*s:]), m, stride, x[(i+s)*xRow:][:n])
				}
			}
			for s := range min(4, rows-i) {
				c := b.c[(b.i0+i+s)*p.CRow+b.j0:]
				for q := j; q < first+step; q++ {
					v := p.Alpha * w.sums[4*s+q-first]
					if beta != 0 {
						v += beta * c[q]
					}
					c[q] = v
				}
			}
		}
	}
}

// isRowSum reports whether p is a vector times a matrix stored row after row and too large for the
// L2 cache. Reading whole rows then runs at the speed of memory; the micro-kernel's columns would
// touch a new page at each step. (In the cache the micro-kernel is as fast and leaves nothing
// over.)
func (p *Product[T]) isRowSum() bool {
	var zero T
	return p.M == 1 && p.A.Packer == nil && p.B.Packer == nil && p.B.Col == 1 && p.B.Row != 1 && p.K*p.N*int(unsafe.Sizeof(zero)) > 1<<20
}

// rowSum computes a block of such a product: eight rows of B at a time are added to C.
func (b *blockOf[T]) rowSum() {
	p, w := b.p, &b.w.rows
	c := b.c[b.j0:b.j1]
	if beta := b.begin(); beta == 0 {
		clear(c)
	} else if beta != 1 {
		for j := range c {
			c[j] *= beta
		}
	}
	const call = 8192 // columns; assembly cannot be interrupted
	for k := 0; k < p.K; k += 8 {
		rows := min(8, p.K-k)
		for r := range rows {
			w[r] = p.Alpha * b.a[(k+r)*p.A.Col]
		}
		for j := 0; j < len(c); j += call {
			c, m := c[j:min(j+call, len(c))], b.b[k*p.B.Row+b.j0+j:]
			if rows == 8 {
				b.k.AddRows8(c, w, m, p.B.Row)
				continue
			}
			for r, x := range w[:rows] {
				for j, v := range m[r*p.B.Row:][:len(c)] {
					c[j] += x * v
				}
			}
		}
	}
	if p.Epilogue.Act != nil {
		p.Epilogue.Act(c, c)
	}
}
