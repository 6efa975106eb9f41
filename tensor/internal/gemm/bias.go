package gemm

// bias returns the bias of the block's columns if it is all that the products are added to: then
// the micro-kernel reads it where it lies.
func (b *blockOf[T]) bias() []T {
	p, e := b.p, &b.p.Epilogue
	if e.ColBias == nil || e.RowBias != nil || p.Beta != 0 {
		return nil
	}
	return e.ColBias[p.Batch.offset(&p.Batch.ColBias, b.batch):][b.j0:b.j1]
}

// begin prepares C for the first piece of k and returns the beta with which that piece is added. A
// bias is the value that the sum is added to, so it costs one copy while the rows are on their way
// into the cache, and no pass afterwards.
func (b *blockOf[T]) begin() T {
	p, e := b.p, &b.p.Epilogue
	if e.ColBias == nil && e.RowBias == nil {
		return p.Beta
	}
	var col []T
	if e.ColBias != nil {
		col = e.ColBias[p.Batch.offset(&p.Batch.ColBias, b.batch):][b.j0:b.j1]
	}
	var row []T
	if e.RowBias != nil {
		row = e.RowBias[p.Batch.offset(&p.Batch.RowBias, b.batch):]
	}
	for i := b.i0; i < b.i1; i++ {
		c := b.c[i*p.CRow+b.j0 : i*p.CRow+b.j1]
		switch {
		case p.Beta != 0 || col != nil && row != nil:
			for j := range c {
				v := T(0)
				if p.Beta != 0 {
					v = p.Beta * c[j]
				}
				if col != nil {
					v += col[j]
				}
				if row != nil {
					v += row[i]
				}
				c[j] = v
			}
		case col != nil:
			copy(c, col)
		default:
			fill(c, row[i])
		}
	}
	return 1
}

// fill sets every element, by copies that double.
func fill[T any](x []T, v T) {
	n := min(len(x), 16)
	for i := range x[:n] {
		x[i] = v
	}
	for n < len(x) {
		n += copy(x[n:], x[:n])
	}
}
