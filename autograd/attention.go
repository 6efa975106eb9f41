package autograd

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// AttentionOptions restrict and scale attention; see tensor.AttentionMask for the meaning of the
// masks.
type AttentionOptions[T tensor.Float] struct {
	Add        *Var[T]           // added to the scores, broadcast likewise; may require a gradient
	Blocked    *tensor.Tensor[T] // not zero: blocked; broadcast to [B, H, Lq, Lk]
	KeyBlocked *tensor.Tensor[T] // [B, Lk], not zero: blocked
	Causal     bool
	Scale      T // of the scores; 0 stands for 1/sqrt(D)
	// NoWeights says that nobody looks at the weights: nil is returned for them. Long sequences
	// then take a way on which the weights are never stored (tensor.Attention), unless Add requires
	// a gradient, which needs them all.
	NoWeights bool
}

// TiledScores is the number of scores of a head from which attention of which nobody looks at the
// weights does not store them, as that is the faster way: below, the products are too small to be
// made tile by tile, and computing the weights again in the backward pass costs more than reading
// them.
const TiledScores = 256 * 256

// ScaledDotProductAttention returns y = softmax(scale q kᵀ + mask) v and the softmax itself:
//
//	q [B, H, Lq, D], k [B, H, Lk, D], v [B, H, Lk, Dv]
//	->  y [B, H, Lq, Dv], weights [B, H, Lq, Lk]
//
// Without the axis B it is one item.
func (tp *Tape[T]) ScaledDotProductAttention(q, k, v *Var[T], opts AttentionOptions[T]) (y, weights *Var[T]) {
	o := attentionOp[T]{q: q, k: k, v: v, opts: opts, d: q.Value.Dim(-1), dv: v.Value.Dim(-1)}
	dims := q.Value.Dims()
	if dims < 3 || dims > 4 || k.Value.Dims() != dims || v.Value.Dims() != dims {
		tensor.PanicShape("ScaledDotProductAttention", "want [B, H, L, D] or [H, L, D]", q.Shape(), k.Shape(), v.Shape())
	}
	var yBuf, wBuf [4]int
	yShape, wShape := append(yBuf[:0], q.Shape()...), append(wBuf[:0], q.Shape()...)
	yShape[dims-1], wShape[dims-1] = o.dv, k.Value.Dim(-2)
	return tp.attend(o, yShape, wShape)
}

// MultiHeadAttention is attention of several heads on operands that hold the heads side by side in
// their columns, as projections make them:
//
//	q [B, Lq, H*D], k [B, Lk, H*D], v [B, Lk, H*Dv]  ->  y [B, Lq, H*Dv], weights [B, H, Lq, Lk]
func (tp *Tape[T]) MultiHeadAttention(q, k, v *Var[T], heads int, opts AttentionOptions[T]) (y, weights *Var[T]) {
	for _, x := range [...]*Var[T]{q, k, v} {
		if x.Value.Dims() != 3 || heads < 1 || x.Value.Dim(2)%heads != 0 {
			tensor.PanicShape("MultiHeadAttention", fmt.Sprintf("want [B, L, columns], the columns a multiple of %d heads", heads), q.Shape(), k.Shape(), v.Shape())
		}
	}
	if q.Value.Dim(2) != k.Value.Dim(2) {
		tensor.PanicShape("MultiHeadAttention", "want as many columns of q and k", q.Shape(), k.Shape())
	}
	o := attentionOp[T]{q: q, k: k, v: v, opts: opts, heads: heads, d: q.Value.Dim(2) / heads, dv: v.Value.Dim(2) / heads}
	return tp.multiHead(o)
}

// SelfAttention is MultiHeadAttention with q, k and v side by side in qkv [B, L, 3*H*D].
func (tp *Tape[T]) SelfAttention(qkv *Var[T], heads int, opts AttentionOptions[T]) (y, weights *Var[T]) {
	if qkv.Value.Dims() != 3 || heads < 1 || qkv.Value.Dim(2)%(3*heads) != 0 {
		tensor.PanicShape("SelfAttention", fmt.Sprintf("want [B, L, columns], the columns a multiple of three times %d heads", heads), qkv.Shape())
	}
	e := qkv.Value.Dim(2) / 3
	return tp.multiHead(attentionOp[T]{q: qkv, k: qkv, v: qkv, atK: e, atV: 2 * e, opts: opts, heads: heads, d: e / heads, dv: e / heads})
}

func (tp *Tape[T]) multiHead(o attentionOp[T]) (y, weights *Var[T]) {
	batch, lq, lk := o.q.Value.Dim(0), o.q.Value.Dim(1), o.k.Value.Dim(1)
	return tp.attend(o, []int{batch, lq, o.heads * o.dv}, []int{batch, o.heads, lq, lk})
}

// attend computes o, whose result and weights have the given shapes.
func (tp *Tape[T]) attend(o attentionOp[T], yShape, wShape []int) (y, weights *Var[T]) {
	o.check()
	need := Needs(o.q, o.k, o.v, o.opts.Add)
	rows, lk := 1, wShape[len(wShape)-1]
	for _, n := range wShape[:len(wShape)-1] {
		rows *= n
	}
	tp.CountMACs(rows * lk * (o.d + o.dv))
	o.y = tp.NewResult(need, yShape...)
	if o.opts.NoWeights && wShape[len(wShape)-2]*lk >= TiledScores && !Needs(o.opts.Add) {
		o.lse = tp.NewTensor(rows)
		q, k, v, y := o.operands()
		tensor.Attention(&y, o.lse, &q, &k, &v, o.mask(), o.scale())
		if !o.y.RequiresGrad() {
			tp.Free(o.lse)
		}
		Record(tp, o)
		return o.y, nil
	}
	o.w = tp.NewResult(need, wShape...)
	q, k, v, out := o.operands()
	w := o.weights(o.w.Value)
	tensor.AttentionWeights(&w, &q, &k, o.mask(), o.scale())
	tensor.MatMul(&out, &w, &v)
	Record(tp, o)
	if !o.opts.NoWeights {
		return o.y, o.w
	}
	if !o.w.RequiresGrad() {
		tp.Free(o.w.Value)
	}
	return o.y, nil
}

type attentionOp[T tensor.Float] struct {
	q, k, v, y, w *Var[T]
	opts          AttentionOptions[T]
	heads         int // side by side in the columns; 0: a separate axis
	atK, atV      int // first columns of k and v
	d, dv         int // columns of a head of q and k, and of v
	// lse, if the weights are not stored, says how to find them again (tensor.Attention).
	lse *tensor.Tensor[T]
}

// view returns t as [B, H, L, d].
func (o *attentionOp[T]) view(t *tensor.Tensor[T], at, d int) tensor.Tensor[T] {
	switch {
	case o.heads > 0:
		return tensor.HeadsView(t, at, o.heads, d)
	case t.Dims() == 4:
		return *t
	}
	var r tensor.Tensor[T]
	r.ViewOf(t, 1, t.Dim(0), t.Dim(1), t.Dim(2))
	return r
}

// check panics unless q, k and v have the same items and heads, and fit each other: nothing is
// broadcast.
func (o *attentionOp[T]) check() {
	q, k, v := o.view(o.q.Value, 0, o.d), o.view(o.k.Value, o.atK, o.d), o.view(o.v.Value, o.atV, o.dv)
	ok := q.Dim(3) == k.Dim(3) && k.Dim(2) == v.Dim(2)
	for axis := range 2 {
		ok = ok && q.Dim(axis) == k.Dim(axis) && k.Dim(axis) == v.Dim(axis)
	}
	if !ok {
		tensor.PanicShape("Attention", "want q [B, H, Lq, D], k [B, H, Lk, D], v [B, H, Lk, Dv]", q.Shape(), k.Shape(), v.Shape())
	}
}

// weights returns t, of the shape of w, as [B, H, Lq, Lk].
func (o *attentionOp[T]) weights(t *tensor.Tensor[T]) tensor.Tensor[T] {
	var r tensor.Tensor[T]
	s := o.w.Shape()
	if len(s) == 3 {
		r.ViewOf(t, 1, s[0], s[1], s[2])
	} else {
		r.ViewOf(t, s...)
	}
	return r
}

func (o *attentionOp[T]) scale() T {
	if o.opts.Scale != 0 {
		return o.opts.Scale
	}
	return T(1 / math.Sqrt(float64(o.d)))
}

// operands returns q, k, v and y as [B, H, L, d].
func (o *attentionOp[T]) operands() (q, k, v, y tensor.Tensor[T]) {
	return o.view(o.q.Value, 0, o.d), o.view(o.k.Value, o.atK, o.d), o.view(o.v.Value, o.atV, o.dv), o.view(o.y.Value, 0, o.dv)
}

func (o *attentionOp[T]) mask() tensor.AttentionMask[T] {
	return tensor.AttentionMask[T]{Add: valueOf(o.opts.Add), Blocked: o.opts.Blocked, KeyBlocked: o.opts.KeyBlocked, Causal: o.opts.Causal}
}

func (o *attentionOp[T]) Backward(tp *Tape[T]) {
	if o.lse != nil {
		o.backwardTiled()
		return
	}
	w := o.weights(o.w.Value)
	dWeights := tp.NewTensor(o.w.Shape()...)
	dScores := tp.NewTensor(o.w.Shape()...)
	dw, ds := o.weights(dWeights), o.weights(dScores)
	beta := T(0)
	if o.w.hasGrad {
		tensor.Copy(dWeights, o.w.grad)
		beta = 1
	}
	grads := o.gradients()
	dy := o.view(o.y.GradSum(), 0, o.dv)
	v := o.view(o.v.Value, o.atV, o.dv)
	vt := tensor.Transposed(&v)
	tensor.Gemm(&dw, &dy, &vt, 1, beta)
	if o.v.RequiresGrad() {
		wt := tensor.Transposed(&w)
		dv, beta := grads.of(o.v, o.atV, o.dv)
		tensor.Gemm(&dv, &wt, &dy, 1, beta)
	}
	dScores.Zero()
	tensor.SoftmaxGrad(&ds, &w, &dw, -1)
	if o.opts.Add != nil && o.opts.Add.RequiresGrad() {
		tensor.SumTo(o.opts.Add.GradSum(), &ds)
	}
	if o.q.RequiresGrad() {
		k := o.view(o.k.Value, o.atK, o.d)
		dq, beta := grads.of(o.q, 0, o.d)
		tensor.Gemm(&dq, &ds, &k, o.scale(), beta)
	}
	if o.k.RequiresGrad() {
		q, st := o.view(o.q.Value, 0, o.d), tensor.Transposed(&ds)
		dk, beta := grads.of(o.k, o.atK, o.d)
		tensor.Gemm(&dk, &st, &q, o.scale(), beta)
	}
	tp.Free(dWeights)
	tp.Free(dScores)
}

// attentionGrads hands out the gradients of the operands.
type attentionGrads[T tensor.Float] struct {
	o *attentionOp[T]
	// packed, unless nil, is the gradient of the one operand that q, k and v are parts of. They
	// make up all of it, so it need not be 0 before the first contribution.
	packed *tensor.Tensor[T]
	beta   T
}

func (o *attentionOp[T]) gradients() attentionGrads[T] {
	g := attentionGrads[T]{o: o}
	if o.atK > 0 && o.q.RequiresGrad() {
		g.packed, g.beta = o.q.GradTarget()
	}
	return g
}

// of returns the gradient of an operand, columns at and following, as [B, H, L, d], and the factor
// for what it holds.
func (g *attentionGrads[T]) of(v *Var[T], at, d int) (tensor.Tensor[T], T) {
	t, beta := g.packed, g.beta
	if t == nil {
		t, beta = v.GradTarget()
	}
	return g.o.view(t, at, d), beta
}

func (o *attentionOp[T]) backwardTiled() {
	// Gradients of the three operands may be parts of one tensor.
	var dq, dk, dv tensor.Tensor[T]
	var d tensor.AttentionGrads[T]
	if o.q.RequiresGrad() {
		dq = o.view(o.q.GradSum(), 0, o.d)
		d.Q = &dq
	}
	if o.k.RequiresGrad() {
		dk = o.view(o.k.GradSum(), o.atK, o.d)
		d.K = &dk
	}
	if o.v.RequiresGrad() {
		dv = o.view(o.v.GradSum(), o.atV, o.dv)
		d.V = &dv
	}
	q, k, v, y := o.operands()
	dy := o.view(o.y.GradSum(), 0, o.dv)
	tensor.AttentionGrad(d, &dy, &y, o.lse, &q, &k, &v, o.mask(), o.scale())
}
