package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// MatMulGradA computes the gradient of y = MatMul(a, b) with respect to a: da = dy bᵀ + beta da,
// summed over the axes along which a was repeated. beta is 0 or 1. All operands are contiguous.
func MatMulGradA[T Float](da, dy, b *Tensor[T], beta T) {
	a, g, m := asMatrices(da, dy, b)
	m.swapLast()
	accumulate("MatMulGradA", &a, &g, &m, beta)
}

// MatMulGradB computes the gradient of y = MatMul(a, b) with respect to b: db = aᵀ dy + beta db,
// summed over the axes along which b was repeated. beta is 0 or 1. All operands are contiguous.
func MatMulGradB[T Float](db, a, dy *Tensor[T], beta T) {
	m, g, d := asMatrices(a, dy, db)
	if d.ndim == 2 && m.Len() > 0 { // one b under all rows of a
		rows := m.Len() / m.shape[m.ndim-1]
		m.Rebind(m.data[:m.Len()], rows, m.shape[m.ndim-1])
		g.Rebind(g.data[:g.Len()], rows, g.shape[g.ndim-1])
	}
	m.swapLast()
	accumulate("MatMulGradB", &d, &m, &g, beta)
}

// asMatrices returns views of the operands and the result of a MatMul in which vectors have become
// rows (a) or columns (b).
func asMatrices[T Float](a, y, b *Tensor[T]) (ma, my, mb Tensor[T]) {
	ma, my, mb = *a, *y, *b
	if b.ndim == 1 {
		mb.insertUnit(1)
		my.insertUnit(my.ndim)
	}
	if a.ndim == 1 {
		ma.insertUnit(0)
		my.insertUnit(my.ndim - 1)
	}
	return ma, my, mb
}

// insertUnit inserts an axis of length 1.
func (t *Tensor[T]) insertUnit(axis int) {
	if t.ndim == MaxDims {
		PanicShape("MatMul", "too many axes", t.Shape())
	}
	copy(t.shape[axis+1:], t.shape[axis:t.ndim])
	copy(t.strides[axis+1:], t.strides[axis:t.ndim])
	t.shape[axis], t.strides[axis] = 1, 1
	t.ndim++
}

// accumulate computes dst = a b + beta dst, where the batch axes of a and b, broadcast together,
// may be more than those of dst and are then summed over, in order.
func accumulate[T Float](op string, dst, a, b *Tensor[T], beta T) {
	var buf [MaxDims + 2]int
	full := MatMulShape(op, buf[:0], a.Shape(), b.Shape())
	axes := len(full) - 2
	same := dst.ndim == len(full)
	for i := 0; same && i < axes; i++ {
		same = dst.shape[i] == full[i]
	}
	if same {
		Gemm(dst, a, b, 1, beta)
		return
	}
	if beta == 0 {
		Fill(dst, 0)
	}
	batch := 1
	for _, d := range full[:axes] {
		batch *= d
	}
	for i := range batch {
		d, x, y := dst.matrix(full[:axes], i), a.matrix(full[:axes], i), b.matrix(full[:axes], i)
		Gemm(&d, &x, &y, 1, 1)
	}
}

// matrix returns the matrix in the last two axes of t, broadcast to the batch axes given, at batch
// index i in row-major order.
func (t *Tensor[T]) matrix(batch []int, i int) Tensor[T] {
	at := 0
	for axis := len(batch) - 1; axis >= 0; axis-- {
		if j := axis - len(batch) + t.ndim - 2; j >= 0 && t.shape[j] > 1 {
			at += i % batch[axis] * t.strides[j]
		}
		i /= batch[axis]
	}
	m := Tensor[T]{data: t.data, ndim: 2}
	if t.Len() > 0 {
		m.data = t.data[at:]
	}
	copy(m.shape[:2], t.shape[t.ndim-2:t.ndim])
	copy(m.strides[:2], t.strides[t.ndim-2:t.ndim])
	return m
}

// LinearGradWeight computes the gradient of Linear or GroupedLinear with respect to the weight:
// dweight = dyᵀ x + beta dweight, over all rows, in each group.
//
//	dy [.., out], x [.., in]                   ->  dweight [out, in]
//	dy [groups, m, out], x [groups, m, in]     ->  dweight [groups, out, in]
func LinearGradWeight[T Float](dweight, dy, x *Tensor[T], beta T) {
	g, m := *dy, *x
	if dweight.ndim == 2 {
		rows := 1
		for _, d := range g.shape[:g.ndim-1] {
			rows *= d
		}
		g.Rebind(g.elements(), rows, g.shape[g.ndim-1])
		m.Rebind(m.elements(), rows, m.shape[m.ndim-1])
	}
	g.swapLast()
	Gemm(dweight, &g, &m, 1, beta)
}

// SumRows adds to dst the sums over the rows of x, the gradient of a bias:
//
//	x [.., n]           ->  dst [n]
//	x [groups, m, n]    ->  dst [groups, n]
func SumRows[T Float](dst, x *Tensor[T]) {
	groups, n := 1, x.Dim(-1)
	if dst.ndim == 2 {
		groups = dst.shape[0]
	}
	if dst.Len() != groups*n || dst.ndim == 2 && x.shape[0] != groups {
		PanicShape("SumRows", "want one sum for each column", dst.Shape(), x.Shape())
	}
	if dst.Len() == 0 {
		return
	}
	rows := x.Len() / (groups * n)
	if d := device.Active(); d != nil {
		deviceSumRows(d, dst.elements(), x.elements(), groups, rows, n)
		return
	}
	tiles := (n + sumTile - 1) / sumTile
	parallel.For(groups*tiles, max(1, chunkElems/max(1, rows*min(n, sumTile))), sumRowsBody[T]{kernel.Of[T](), rows, n, tiles, dst.Data(), x.Data()})
}

// sumTile is the number of columns that are summed together.
const sumTile = 256

type sumRowsBody[T Float] struct {
	k              *kernel.Set[T]
	rows, n, tiles int
	dst, x         []T
}

func (b *sumRowsBody[T]) Do(lo, hi int) {
	const rows = 512 // at most so many at a time, to keep calls of kernels short
	for i := lo; i < hi; i++ {
		g, j := i/b.tiles, i%b.tiles*sumTile
		w := min(sumTile, b.n-j)
		for r := 0; r < b.rows; r += rows {
			b.k.AddRows(b.dst[g*b.n+j:][:w], b.x[(g*b.rows+r)*b.n+j:], min(rows, b.rows-r), b.n)
		}
	}
}

// Transposed returns the view of t with its last two axes exchanged, as a value, which costs no
// allocation.
func Transposed[T Float](t *Tensor[T]) Tensor[T] {
	r := *t
	r.swapLast()
	return r
}
