package gemm

import "unsafe"

// turned exchanges the roles of A and B, for a product whose C is one column of adjacent elements: as a row it is computed in whole vectors.
func (p Product[T]) turned() Product[T] {
	q := p
	q.M, q.N, q.CRow = p.N, p.M, 1
	q.A = Operand[T]{Data: p.B.Data, Row: p.B.Col, Col: p.B.Row, Packer: p.B.Packer}
	q.B = Operand[T]{Data: p.A.Data, Row: p.A.Col, Col: p.A.Row, Packer: p.A.Packer}
	q.Epilogue.ColBias, q.Epilogue.RowBias = p.Epilogue.RowBias, p.Epilogue.ColBias
	q.Batch.A, q.Batch.B = p.Batch.B, p.Batch.A
	q.Batch.ColBias, q.Batch.RowBias = p.Batch.RowBias, p.Batch.ColBias
	return q
}

// isColumn reports whether turned is worth while.
func (p *Product[T]) isColumn() bool { return p.N == 1 && p.CRow == 1 && p.M > 1 }

// isDots reports whether p is a vector times a matrix stored column after column. Its elements are dot products, which read the matrix
// once, as it lies.
func (p *Product[T]) isDots() bool {
	return p.M == 1 && p.K > 0 && p.A.Packer == nil && p.B.Packer == nil && p.B.Row == 1 && (p.B.Col != 1 || p.N == 1)
}

// dots computes a block of such a product.
func (b *blockOf[T]) dots() {
	p := b.p
	x := b.a[:(p.K-1)*p.A.Col+1]
	if p.A.Col != 1 {
		x = grow(&b.w.a, p.K)
		for q := range x {
			x[q] = b.a[q*p.A.Col]
		}
	}
	beta := b.begin()
	c := b.c[b.j0:b.j1]
	// Pieces of x stay in the L1 cache, and one call of assembly stays short.
	size, count := pieces(p.K, 4096)
	for piece := range count {
		k0 := piece * size
		b.dotPiece(c, beta, x[k0:min(k0+size, p.K)], k0)
		beta = 1
	}
	if p.Epilogue.Act != nil {
		p.Epilogue.Act(c, c)
	}
}

// dotPiece sets c = alpha (products of x with the rows k0 and following of the block's columns of B) + beta c, four columns at a time. When fewer are left, some are
// computed again, because each column's sum must have the same order wherever the block begins and ends.
func (b *blockOf[T]) dotPiece(c []T, beta T, x []T, k0 int) {
	p := b.p
	step, stride := 4, p.B.Col
	if len(c) < 4 {
		step, stride = 1, 0
	}
	for j := 0; j < len(c); j += step {
		first := min(j, len(c)-step)
		b.k.Dot4(&b.w.sums, b.b[k0+(b.j0+first)*p.B.Col:], stride, x)
		for i := j; i < first+step; i++ {
			v := p.Alpha * b.w.sums[i-first]
			if beta != 0 {
				v += beta * c[i]
			}
			c[i] = v
		}
	}
}

// isRowSum reports whether p is a vector times a matrix stored row after row and too large for the L2 cache. Reading whole rows then runs at the speed of
// memory; the micro-kernel's columns would touch a new page at each step. (In the cache the micro-kernel is as fast and leaves nothing over.)
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
