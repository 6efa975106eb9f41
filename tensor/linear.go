package tensor

import "elegans/tensor/internal/gemm"

// Linear computes dst = x weightᵀ + bias, the affine layer:
//
//	x [.., in], weight [out, in], bias [out] or nil  ->  dst [.., out]
func Linear[T Float](dst, x, weight, bias *Tensor[T]) {
	LinearAct(dst, x, weight, bias, nil)
}

// LinearAct is Linear followed by an activation, applied to each piece of the result while it is in
// the cache. act maps x to dst, two names of the same slice, element by element; nil stands for the
// identity.
func LinearAct[T Float](dst, x, weight, bias *Tensor[T], act func(dst, x []T)) {
	const op = "Linear"
	if weight.ndim != 2 {
		PanicShape(op, "want a weight [out, in]", dst.Shape(), x.Shape(), weight.Shape())
	}
	e := gemm.Epilogue[T]{Act: act}
	if bias != nil {
		if bias.ndim != 1 || bias.shape[0] != weight.shape[0] || !bias.IsContiguous() {
			PanicShape(op, "want a contiguous bias [out] for a weight [out, in]", weight.Shape(), bias.Shape())
		}
		e.ColBias = bias.Data()
	}
	w := *weight
	w.swapLast()
	product(op, dst, x, &w, 1, 0, e)
}

// swapLast exchanges the last two axes.
func (t *Tensor[T]) swapLast() {
	i, j := t.ndim-2, t.ndim-1
	t.shape[i], t.shape[j] = t.shape[j], t.shape[i]
	t.strides[i], t.strides[j] = t.strides[j], t.strides[i]
}
