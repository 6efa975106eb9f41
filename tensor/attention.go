package tensor

import (
	"math"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// HeadsView returns columns offset to offset+heads*d of x [B, L, columns], without copying, as [B,
// heads, L, d]: the layout in which attention takes its operands.
func HeadsView[T Float](x *Tensor[T], offset, heads, d int) Tensor[T] {
	if x.ndim != 3 || heads < 1 || offset < 0 || offset+heads*d > x.shape[2] {
		PanicShape("HeadsView", "want [B, L, columns] with the columns of all heads", x.Shape(), []int{offset, heads, d})
	}
	v := Tensor[T]{data: x.data, ndim: 4}
	if x.Len() > 0 {
		v.data = x.data[offset*x.strides[2]:]
	}
	v.shape = [MaxDims]int{x.shape[0], heads, x.shape[1], d}
	v.strides = [MaxDims]int{x.strides[0], d * x.strides[2], x.strides[1], x.strides[2]}
	return v
}

// AttentionMask says which keys a query may attend to. Members that are nil or false do not
// restrict.
type AttentionMask[T Float] struct {
	// Add is added to the scores. It is broadcast to [B, H, Lq, Lk].
	Add *Tensor[T]
	// Blocked is not 0 where a query may not attend to a key. It is broadcast to [B, H, Lq, Lk].
	Blocked *Tensor[T]
	// KeyBlocked [B, Lk] is not 0 for the keys that no query of the item may attend to: padding.
	KeyBlocked *Tensor[T]
	// Causal forbids a query the keys at later positions.
	Causal bool
}

// AttentionWeights computes w = softmax(scale q kᵀ + mask) over the last axis (Vaswani et al.
// 2017):
//
//	q [B, H, Lq, D], k [B, H, Lk, D]  ->  w [B, H, Lq, Lk], contiguous
//
// q and k may be views. A query that may attend to nothing has weights 0.
func AttentionWeights[T Float](w, q, k *Tensor[T], mask AttentionMask[T], scale T) {
	const op = "AttentionWeights"
	if w.ndim != 4 || q.ndim != 4 || k.ndim != 4 || q.shape[0] != k.shape[0] || q.shape[1] != k.shape[1] {
		PanicShape(op, "want q [B, H, Lq, D] and k [B, H, Lk, D]", w.Shape(), q.Shape(), k.Shape())
	}
	kt := *k
	kt.swapLast()
	Gemm(w, q, &kt, scale, 0)
	b := attentionBody[T]{k: kernel.Of[T](), w: w.Data(), heads: w.shape[1], lq: w.shape[2], lk: w.shape[3], causal: mask.Causal}
	if mask.Add != nil {
		mask.Add.expandInto(op, &b.add, w.Shape())
	}
	if mask.Blocked != nil {
		mask.Blocked.expandInto(op, &b.blocked, w.Shape())
	}
	if m := mask.KeyBlocked; m != nil {
		if m.ndim != 2 || m.shape[0] != w.shape[0] || m.shape[1] != b.lk {
			PanicShape(op, "want a mask [B, Lk] of keys", m.Shape(), w.Shape())
		}
		b.keys = m.Data()
	}
	rows := w.shape[0] * b.heads * b.lq
	parallel.For(rows, max(1, chunkElems/max(1, b.lk)), b)
}

type attentionBody[T Float] struct {
	k             *kernel.Set[T]
	w             []T
	heads, lq, lk int
	add, blocked  Tensor[T] // no axes: absent
	keys          []T
	causal        bool
}

// rowOf returns where row r of [B, H, Lq, Lk] begins in m, and the stride along it.
func (b *attentionBody[T]) rowOf(m *Tensor[T], r int) (at, stride int) {
	i, h, q := r/(b.heads*b.lq), r/b.lq%b.heads, r%b.lq
	return i*m.strides[0] + h*m.strides[1] + q*m.strides[2], m.strides[3]
}

func (b *attentionBody[T]) Do(lo, hi int) {
	inf := T(math.Inf(-1))
	for r := lo; r < hi; r++ {
		w := b.w[r*b.lk : (r+1)*b.lk]
		if b.add.ndim > 0 {
			at, stride := b.rowOf(&b.add, r)
			for j := range w {
				w[j] += b.add.data[at+j*stride]
			}
		}
		if b.blocked.ndim > 0 {
			at, stride := b.rowOf(&b.blocked, r)
			for j := range w {
				if b.blocked.data[at+j*stride] != 0 {
					w[j] = inf
				}
			}
		}
		if b.keys != nil {
			item := r / (b.heads * b.lq)
			for j, v := range b.keys[item*b.lk : (item+1)*b.lk] {
				if v != 0 {
					w[j] = inf
				}
			}
		}
		if b.causal {
			past := w[:min(b.lk, r%b.lq+1)]
			clear(w[len(past):])
			w = past
		}
		m := b.k.RowMax(w)
		if m == inf && !math.IsNaN(float64(b.k.RowSum(w))) {
			clear(w)
			continue
		}
		b.k.RowScale(w, w, 1/b.k.ExpSum(w, w, m))
	}
}
