package tensor

// Linear computes dst = x weightᵀ + bias, the affine layer:
//
//	x [.., in], weight [out, in], bias [out] or nil  ->  dst [.., out]
func Linear[T Float](dst, x, weight, bias *Tensor[T]) {
	LinearAct(dst, x, weight, bias, OpNone)
}

// LinearAct is Linear followed by an activation, applied to each piece of the result while it is in
// the cache: a function with the parameters a = 1 and b = 0, or OpNone.
func LinearAct[T Float](dst, x, weight, bias *Tensor[T], act UnaryOp) {
	const op = "Linear"
	if weight.ndim != 2 {
		PanicShape(op, "want a weight [out, in]", dst.Shape(), x.Shape(), weight.Shape())
	}
	var biases []T
	if bias != nil {
		if bias.ndim != 1 || bias.shape[0] != weight.shape[0] || !bias.IsContiguous() {
			PanicShape(op, "want a contiguous bias [out] for a weight [out, in]", weight.Shape(), bias.Shape())
		}
		biases = bias.span()
	}
	w := *weight
	w.swapLast()
	product(op, dst, x, &w, 1, 0, biases, act)
}

// swapLast exchanges the last two axes.
func (t *Tensor[T]) swapLast() {
	i, j := t.ndim-2, t.ndim-1
	t.shape[i], t.shape[j] = t.shape[j], t.shape[i]
	t.strides[i], t.strides[j] = t.strides[j], t.strides[i]
}
