package m2

import (
	"elegans/autograd"
	"elegans/tensor"
	"elegans/tensor/jointattention"
)

// jointAttention lets every query head attend to all pairs (motor, key head) at once, as one
// differentiable operation. The equations are those of package jointattention, with the motors as
// sources; what contributes exactly nothing is not computed, in either direction.
//
//	query [B, heads*D], memory [motors, B, d], wk and wv [heads*D, d], bk and bv [heads*D]
//	  ->  context [B, heads*D]
//
// With KeepMarks everything is computed and stored, and marked as "key", "value" [motors, B,
// heads*D], "scores", "attention" [B, heads, motors*heads] and "attention.motors" [B, motors], the
// mean over the query heads of the attention that a motor receives.
func jointAttention[T tensor.Float](tp *autograd.Tape[T], query, memory, wk, bk, wv, bv *autograd.Var[T], heads int) *autograd.Var[T] {
	o := jointAttentionOp[T]{query: query, memory: memory, wk: wk, bk: bk, wv: wv, bv: bv}
	o.a = jointattention.Attention[T]{Query: query.Value, Memory: memory.Value, WeightK: wk.Value, BiasK: bk.Value, WeightV: wv.Value, BiasV: bv.Value, Heads: heads, All: tp.KeepMarks}
	o.a.Check()
	batch, width, motors := query.Value.Dim(0), query.Value.Dim(1), memory.Value.Dim(0)
	o.a.Key, o.a.Value = tp.NewTensor(o.a.KeyLen()), tp.NewTensor(o.a.KeyLen())
	o.a.Shift, o.a.Inverse = tp.NewTensor(batch, heads), tp.NewTensor(batch, heads)
	o.a.Blocks = tp.NewInts(o.a.BlockLen())
	o.y = tp.NewResult(autograd.Needs(query, memory, wk, bk, wv, bv), batch, width)
	o.a.Forward(o.y.Value)
	if projection, sum := memory.Value.Len()*width, batch*heads*motors*width; tp.KeepMarks {
		markJointAttention(tp, &o.a, projection, sum)
	} else {
		tp.CountMACs(2*projection + 2*sum)
	}
	if !o.y.RequiresGrad() {
		tp.Free(o.a.Key)
		tp.Free(o.a.Value)
	}
	autograd.Record(tp, o)
	return o.y
}

type jointAttentionOp[T tensor.Float] struct {
	query, memory, wk, bk, wv, bv, y *autograd.Var[T]
	a                                jointattention.Attention[T]
	// the gradients of keys and values have taken their places
	spent bool
}

func (o *jointAttentionOp[T]) Backward(tp *autograd.Tape[T]) {
	if o.spent {
		o.a.Key, o.a.Value = tp.NewTensor(o.a.KeyLen()), tp.NewTensor(o.a.KeyLen())
		o.a.Forward(o.y.Value)
	}
	o.spent = true
	var d jointattention.Grads[T]
	if o.query.RequiresGrad() {
		d.Query, d.BetaQuery = o.query.GradTarget()
	}
	if o.memory.RequiresGrad() {
		d.Memory, d.BetaMemory = o.memory.GradTarget()
	}
	if o.wk.RequiresGrad() {
		d.WeightK, d.BetaK = o.wk.GradTarget()
	}
	if o.wv.RequiresGrad() {
		d.WeightV, d.BetaV = o.wv.GradTarget()
	}
	if o.bk.RequiresGrad() {
		d.BiasK = o.bk.GradSum()
	}
	if o.bv.RequiresGrad() {
		d.BiasV = o.bv.GradSum()
	}
	o.a.Backward(d, o.y.Value, o.y.GradSum())
	tp.Free(o.a.Key) // gradients of what comes before take their places
	tp.Free(o.a.Value)
}

// markJointAttention marks what the operation does not keep. The projections of keys and values
// take projection multiply-accumulates each, scores and context sum each.
func markJointAttention[T tensor.Float](tp *autograd.Tape[T], a *jointattention.Attention[T], projection, sum int) {
	motors, batch, width := a.Memory.Dim(0), a.Memory.Dim(1), a.Query.Dim(1)
	for _, x := range [...]struct {
		name string
		from *tensor.Tensor[T]
	}{{"key", a.Key}, {"value", a.Value}} {
		t := tp.NewTensor(motors, batch, width)
		filled := tensor.Window(x.from, 0, t.Len())
		tensor.Copy(t, filled.Reshape(t.Shape()...))
		tp.CountMACs(projection)
		tp.Mark(x.name, tp.Input(t))
	}
	scores, weights := tp.NewTensor(batch, a.Heads, motors*a.Heads), tp.NewTensor(batch, a.Heads, motors*a.Heads)
	received := tp.NewTensor(batch, motors)
	a.Weights(scores, weights, received)
	tp.CountMACs(sum)
	tp.Mark("scores", tp.Input(scores))
	tp.Mark("attention", tp.Input(weights))
	tp.Mark("attention.motors", tp.Input(received))
	tp.CountMACs(sum) // for the context, which is the next to be marked
}
