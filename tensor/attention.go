package tensor

import (
	"math"

	"elegans/tensor/internal/device"
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
	m := newScoreMask(op, &mask, w.Shape())
	if d := device.Active(); d != nil {
		deviceAttentionWeights(d, w, &m)
		return
	}
	b := attentionBody[T]{kernel.Of[T](), w.Data(), w.shape[1], w.shape[2], m}
	parallel.For(w.shape[0]*b.heads*b.lq, max(1, chunkElems/max(1, b.mask.lk)), b)
}

type attentionBody[T Float] struct {
	k         *kernel.Set[T]
	w         []T
	heads, lq int
	mask      scoreMask[T]
}

func (b *attentionBody[T]) Do(lo, hi int) {
	inf, lk := T(math.Inf(-1)), b.mask.lk
	for r := lo; r < hi; r++ {
		w := b.w[r*lk : (r+1)*lk]
		b.mask.toQuery(w, r/(b.heads*b.lq), r/b.lq%b.heads, r%b.lq, 0)
		if b.mask.causal {
			past := w[:min(lk, r%b.lq+1)]
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
