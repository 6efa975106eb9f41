package autograd

import (
	"math"

	"elegans/tensor"
)

// JointAttention lets every query head attend to all pairs (motor, key head) at once: one softmax for each query head h, over motors m and key heads g together,
//
//	s[h,m,g] = (wk[g] memory[m] + bk[g]) · query[h] / sqrt(D),    a[h] = softmax of s[h] over all (m, g),    context[h] = sum of a[h,m,g] (wv[g] memory[m] + bv[g])
//
// for each item b of the batch. Projections hold the heads side by side:
//
//	query [B, heads*D], memory [motors, B, d], wk and wv [heads*D, d], bk and bv [heads*D]  ->  context [B, heads*D]
//
// The projections of the query and of the context are Linear layers of their own: nn.JointAttention is the whole layer. memory is the result of a GroupedLinear.
func (tp *Tape[T]) JointAttention(query, memory, wk, bk, wv, bv *Var[T], heads int) *Var[T] {
	const op = "JointAttention"
	if query.Value.Dims() != 2 || memory.Value.Dims() != 3 || heads < 1 || query.Value.Dim(1)%heads != 0 || memory.Value.Dim(1) != query.Value.Dim(0) {
		tensor.PanicShape(op, "want a query [B, heads*D] and a memory [motors, B, d]", query.Shape(), memory.Shape(), []int{heads})
	}
	motors, batch, d := memory.Value.Dim(0), memory.Value.Dim(1), query.Value.Dim(1)/heads
	q := tp.Reshape(query, batch, heads, d)
	pairs := func(w, b *Var[T]) *Var[T] {
		x := tp.Reshape(tp.Linear(memory, w, b), motors, batch, heads*d)
		return tp.Reshape(tp.Permute(x, 1, 0, 2), batch, motors*heads, d)
	}
	k, v := pairs(wk, bk), pairs(wv, bv)
	s := tp.MulScalar(tp.MatMul(q, tp.Transpose(k, 1, 2)), 1/math.Sqrt(float64(d)))
	return tp.Reshape(tp.MatMul(tp.Softmax(s, -1), v), batch, heads*d)
}
