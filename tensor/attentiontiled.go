package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Tiles of attention: the scores of so many queries with so many keys exist at a time, and stay in
// the L2 cache of a core. They are as large as that allows, because each product packs an operand.
var (
	forwardQueries, forwardKeys   = 128, 512
	backwardQueries, backwardKeys = 256, 256
)

// Attention computes y = softmax(scale q kᵀ + mask) v, without ever storing the weights, and the
// logarithm of the sum of exponentials of each row of scores, from which AttentionGrad finds the
// weights again:
//
//	q [B, H, Lq, D], k [B, H, Lk, D], v [B, H, Lk, Dv]  ->  y [B, H, Lq, Dv], lse [B, H, Lq]
//
// The keys come tile by tile; with each a running maximum and sum of every row are brought up to
// date, and what y holds is scaled to them (Dao et al., FlashAttention, 2022). All but lse may be
// views; the columns of y are adjacent. A query that may attend to nothing has y = 0 and lse =
// -Inf.
func Attention[T Float](y, lse, q, k, v *Tensor[T], mask AttentionMask[T], scale T) {
	const op = "Attention"
	b := attentionForward[T]{newTiledAttention(op, y, lse, q, k, v, &mask, scale), *y}
	if b.lk == 0 {
		y.Zero()
		Fill(lse, T(math.Inf(-1)))
		return
	}
	if d := device.Active(); d != nil {
		deviceAttention(d, &b)
		return
	}
	b.tiles = ceilDiv(b.lq, forwardQueries)
	parallel.For(b.items*b.heads*b.tiles, 1, b)
}

// tileRow is the distance between rows of n scores in a tile: whole cache lines, but no multiple of
// a large power of two, which would make rows compete for the same places of the L1 cache.
func tileRow(n int) int {
	if n <= 64 {
		return n
	}
	return ceilDiv(n, 16)*16 + 16*(1-ceilDiv(n, 16)%2)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// tiledAttention is what both passes know.
type tiledAttention[T Float] struct {
	kernel *kernel.Set[T]
	// copies: pointers to the views of the caller would move these to the heap
	q, k, v                     Tensor[T]
	lse                         []T
	mask                        scoreMask[T]
	scale                       T
	items, heads, lq, lk, d, dv int
	tiles                       int // of the queries, or the keys, of a head: pieces of work
}

func newTiledAttention[T Float](op string, y, lse, q, k, v *Tensor[T], mask *AttentionMask[T], scale T) tiledAttention[T] {
	if q.ndim != 4 || k.ndim != 4 || v.ndim != 4 || y.ndim != 4 ||
		q.shape[0] != k.shape[0] || q.shape[1] != k.shape[1] || q.shape[3] != k.shape[3] ||
		v.shape[0] != k.shape[0] || v.shape[1] != k.shape[1] || v.shape[2] != k.shape[2] ||
		y.shape[0] != q.shape[0] || y.shape[1] != q.shape[1] || y.shape[2] != q.shape[2] || y.shape[3] != v.shape[3] {
		PanicShape(op, "want y [B, H, Lq, Dv], q [B, H, Lq, D], k [B, H, Lk, D] and v [B, H, Lk, Dv]", y.Shape(), q.Shape(), k.Shape(), v.Shape())
	}
	a := tiledAttention[T]{
		kernel: kernel.Of[T](), q: *q, k: *k, v: *v, lse: lse.elements(), scale: scale,
		items: q.shape[0], heads: q.shape[1], lq: q.shape[2], lk: k.shape[2], d: q.shape[3], dv: v.shape[3],
	}
	if lse.Len() != a.items*a.heads*a.lq {
		PanicShape(op, "want lse [B, H, Lq]", lse.Shape(), q.Shape())
	}
	a.mask = newScoreMask(op, mask, []int{a.items, a.heads, a.lq, a.lk})
	return a
}

// rows returns the matrix of a head of an item of t [B, H, L, d] from row r on.
func rows[T Float](t *Tensor[T], item, head, r int) gemm.Operand[T] {
	o := gemm.Operand[T]{Row: t.strides[2], Col: t.strides[3]}
	if t.Len() > 0 {
		o.Data = t.data[item*t.strides[0]+head*t.strides[1]+r*t.strides[2]:]
	}
	return o
}

// transposedOperand exchanges rows and columns.
func transposedOperand[T Float](o gemm.Operand[T]) gemm.Operand[T] {
	o.Row, o.Col = o.Col, o.Row
	return o
}

type attentionForward[T Float] struct {
	tiledAttention[T]
	y Tensor[T]
}

// Do computes tiles of queries.
func (b *attentionForward[T]) Do(lo, hi int) {
	nq, nk := min(forwardQueries, b.lq), min(forwardKeys, b.lk)
	row := tileRow(nk)
	buf := scratch.Take[T](nq*row + 2*nq)
	defer buf.Release()
	s, high, sum := buf.Data[:nq*row], buf.Data[nq*row:][:nq], buf.Data[nq*row+nq:]
	for i := lo; i < hi; i++ {
		item, head, q0 := i/b.tiles/b.heads, i/b.tiles%b.heads, i%b.tiles*forwardQueries
		n := min(nq, b.lq-q0)
		y := rows(&b.y, item, head, q0)
		keys := b.lk
		if b.mask.causal {
			keys = min(keys, q0+n)
		}
		for k0 := 0; k0 < keys; k0 += nk {
			m := min(nk, keys-k0)
			gemm.RunSerial(gemm.Product[T]{M: n, N: m, K: b.d, A: rows(&b.q, item, head, q0), B: transposedOperand(rows(&b.k, item, head, k0)),
				C: s, CRow: row, Alpha: b.scale})
			for r := range n {
				b.exponentiate(s[r*row:][:m], &high[r], &sum[r], y.Data[r*y.Row:][:b.dv], k0, [3]int{item, head, q0 + r})
			}
			beta := T(1)
			if k0 == 0 {
				beta = 0
			}
			gemm.RunSerial(gemm.Product[T]{M: n, N: b.dv, K: m, A: gemm.Operand[T]{Data: s, Row: row, Col: 1}, B: rows(&b.v, item, head, k0),
				C: y.Data, CRow: y.Row, Alpha: 1, Beta: beta})
		}
		lse := b.lse[(item*b.heads+head)*b.lq+q0:][:n]
		for r := range lse {
			out := y.Data[r*y.Row:][:b.dv]
			if sum[r] == 0 {
				clear(out)
				lse[r] = T(math.Inf(-1))
				continue
			}
			b.kernel.RowScale(out, out, 1/sum[r])
			lse[r] = logSum(high[r], sum[r])
		}
	}
}

// exponentiate turns the scores s of the query at (item, head, query) with the keys from k0 on into
// exponentials relative to the largest score so far, and brings the maximum, the sum and the row of
// y up to date.
func (b *attentionForward[T]) exponentiate(s []T, high, sum *T, y []T, k0 int, at [3]int) {
	b.mask.toQuery(s, at[0], at[1], at[2], k0)
	inf := T(math.Inf(-1))
	if k0 == 0 {
		*high, *sum = inf, 0
	}
	m := max(*high, b.kernel.RowMax(s))
	if m == inf {
		if math.IsNaN(float64(b.kernel.RowSum(s))) {
			*sum = T(math.NaN())
		}
		clear(s)
		return
	}
	if m != *high && k0 > 0 {
		fade := T(math.Exp(float64(*high - m)))
		*sum *= fade
		b.kernel.RowScale(y, y, fade)
	}
	*high = m
	*sum += b.kernel.ExpSum(s, s, m)
}

// AttentionGrads are what AttentionGrad adds to: gradients of the shapes of q, k and v, with
// adjacent columns. Nil members are left out.
type AttentionGrads[T Float] struct{ Q, K, V *Tensor[T] }

// AttentionGrad is the backward pass of Attention. With w = exp(scale q kᵀ + mask - lse):
//
//	dv += wᵀ dy,   ds = w (dy vᵀ - sum(dy y)),   dq += scale ds k,   dk += scale dsᵀ q
//
// The weights are computed again, tile by tile, transposed: there lse and sum(dy y) are rows of
// biases, and two of the three products that read the tile read it as it lies.
func AttentionGrad[T Float](d AttentionGrads[T], dy, y, lse, q, k, v *Tensor[T], mask AttentionMask[T], scale T) {
	const op = "AttentionGrad"
	b := attentionBackward[T]{tiledAttention: newTiledAttention(op, y, lse, q, k, v, &mask, scale), dy: *dy, y: *y}
	for _, g := range [...]struct {
		dst   *Tensor[T]
		d, of *Tensor[T]
	}{{&b.dq, d.Q, q}, {&b.dk, d.K, k}, {&b.dvalue, d.V, v}, {&b.dy, dy, y}} {
		if g.d == nil {
			continue
		}
		if !SameShape(g.d, g.of) {
			PanicShape(op, "want gradients of the shapes of the operands", g.d.Shape(), g.of.Shape())
		}
		*g.dst = *g.d
	}
	if q.Len() == 0 || k.Len() == 0 || v.Len() == 0 {
		return
	}
	if on := device.Active(); on != nil {
		deviceAttentionGrad(on, &b)
		return
	}
	n := b.items * b.heads
	// Pieces of work share the keys of a head where there are few heads. Each then has its own sum
	// of the gradients of the queries.
	b.tiles = min(ceilDiv(leastPieces, n), ceilDiv(b.lk, backwardKeys))
	b.keys = ceilDiv(ceilDiv(b.lk, b.tiles), backwardKeys) * backwardKeys
	b.tiles = ceilDiv(b.lk, b.keys)
	size := 2 * n * b.lq
	if b.tiles > 1 && d.Q != nil {
		size += n * b.tiles * b.lq * b.d
	}
	buf := scratch.Take[T](size)
	defer buf.Release()
	b.shift, b.delta, b.parts = buf.Data[:n*b.lq], buf.Data[n*b.lq:2*n*b.lq], buf.Data[2*n*b.lq:]
	parallel.For(n*b.lq, max(1, chunkElems/b.dv), attentionShift[T]{b})
	parallel.For(n*b.tiles, 1, b)
	if len(b.parts) > 0 {
		parallel.For(n*b.lq, max(1, chunkElems/(b.d*b.tiles)), attentionJoin[T]{b})
	}
}

// leastPieces is the number of pieces of work below which the keys of a head are shared.
const leastPieces = 8

type attentionBackward[T Float] struct {
	tiledAttention[T]
	dq, dk, dvalue Tensor[T] // no axes: not wanted
	dy, y          Tensor[T]
	keys           int // of a piece of work
	shift, delta   []T // [B, H, Lq]: -lse and -sum(dy y)
	parts          []T // [B, H, tiles, Lq, D]: summands of the gradient of q, or none
}

// Do computes pieces of work: all queries with some keys of a head.
func (b *attentionBackward[T]) Do(lo, hi int) {
	nq, nk := min(backwardQueries, b.lq), min(backwardKeys, b.lk)
	buf := scratch.Take[T](2 * nk * tileRow(nq))
	defer buf.Release()
	for i := lo; i < hi; i++ {
		h := i / b.tiles
		first := i % b.tiles * b.keys
		dq := gemm.Operand[T]{}
		switch {
		case b.dq.ndim == 0:
		case len(b.parts) > 0:
			dq = gemm.Operand[T]{Data: b.parts[i*b.lq*b.d:][:b.lq*b.d], Row: b.d, Col: 1}
			clear(dq.Data)
		default:
			dq = rows(&b.dq, h/b.heads, h%b.heads, 0)
		}
		for k0 := first; k0 < min(first+b.keys, b.lk); k0 += nk {
			for q0 := 0; q0 < b.lq; q0 += nq {
				if n := min(nq, b.lq-q0); !b.mask.causal || q0+n > k0 {
					b.tile(buf.Data, dq, h/b.heads, h%b.heads, q0, n, k0, min(nk, b.lk-k0))
				}
			}
		}
	}
}

// tile adds what n queries from q0 on and m keys from k0 on contribute to the gradients.
func (b *attentionBackward[T]) tile(buf []T, dq gemm.Operand[T], item, head, q0, n, k0, m int) {
	row := tileRow(n)
	w, ds := buf[:m*row], buf[len(buf)/2:][:m*row]
	at := (item*b.heads+head)*b.lq + q0
	tile := gemm.Operand[T]{Data: w, Row: row, Col: 1}
	q, k, v, dy := rows(&b.q, item, head, q0), rows(&b.k, item, head, k0), rows(&b.v, item, head, k0), rows(&b.dy, item, head, q0)
	gemm.RunSerial(gemm.Product[T]{M: m, N: n, K: b.d, A: k, B: transposedOperand(q), C: w, CRow: row, Alpha: b.scale,
		Epilogue: gemm.Epilogue[T]{ColBias: b.shift[at:][:n]}})
	for r := range m {
		s := w[r*row:][:n]
		b.mask.toKey(s, item, head, q0, k0+r)
		b.kernel.Map[kernel.Exp](s, s, 0, 0)
	}
	if b.dvalue.ndim > 0 {
		dv := rows(&b.dvalue, item, head, k0)
		gemm.RunSerial(gemm.Product[T]{M: m, N: b.dv, K: n, A: tile, B: dy, C: dv.Data, CRow: dv.Row, Alpha: 1, Beta: 1})
	}
	if b.dk.ndim == 0 && b.dq.ndim == 0 {
		return
	}
	gemm.RunSerial(gemm.Product[T]{M: m, N: n, K: b.dv, A: v, B: transposedOperand(dy), C: ds, CRow: row, Alpha: 1,
		Epilogue: gemm.Epilogue[T]{ColBias: b.delta[at:][:n]}})
	for r := range m {
		s := ds[r*row:][:n]
		b.kernel.Binary[kernel.Mul](s, s, w[r*row:][:n])
	}
	tile.Data = ds
	if b.dk.ndim > 0 {
		dk := rows(&b.dk, item, head, k0)
		gemm.RunSerial(gemm.Product[T]{M: m, N: b.d, K: n, A: tile, B: q, C: dk.Data, CRow: dk.Row, Alpha: b.scale, Beta: 1})
	}
	if b.dq.ndim > 0 {
		gemm.RunSerial(gemm.Product[T]{M: n, N: b.d, K: m, A: transposedOperand(tile), B: k, C: dq.Data[q0*dq.Row:], CRow: dq.Row, Alpha: b.scale, Beta: 1})
	}
}

// attentionShift is the loop over the rows of y that computes shift and delta.
type attentionShift[T Float] struct{ attentionBackward[T] }

func (b *attentionShift[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		item, head, r := i/b.lq/b.heads, i/b.lq%b.heads, i%b.lq
		dy, y := rows(&b.dy, item, head, r), rows(&b.y, item, head, r)
		b.delta[i] = -b.kernel.RowDot(dy.Data[:b.dv], y.Data[:b.dv])
		b.shift[i] = -b.lse[i]
		if math.IsInf(float64(b.lse[i]), -1) {
			b.shift[i] = b.lse[i] // of a query that attends to nothing: all its weights are 0
		}
	}
}

// attentionJoin is the loop over the rows of q that sums the parts of its gradient.
type attentionJoin[T Float] struct{ attentionBackward[T] }

func (b *attentionJoin[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		h, r := i/b.lq, i%b.lq
		dq := rows(&b.dq, h/b.heads, h%b.heads, r).Data[:b.d]
		for t := range b.tiles {
			b.kernel.AddScaled(dq, b.parts[((h*b.tiles+t)*b.lq+r)*b.d:][:b.d], 1)
		}
	}
}
