package tensor

import "elegans/tensor/internal/gemm"

// GroupedMatMul computes one product for each group, dst[g] = alpha a[g] b[g] + beta dst[g]:
//
//	a [groups, m, k], b [groups, k, n]  ->  dst [groups, m, n]
//
// as one parallel loop over all groups. Any view will do: states [batch, groups, k] take part as
// Permute(1, 0, 2).
func GroupedMatMul[T Float](dst, a, b *Tensor[T], alpha, beta T) {
	const op = "GroupedMatMul"
	checkGroupCount(op, dst, a, b)
	product(op, dst, a, b, alpha, beta, nil, OpNone)
}

// GroupedLinear is a Linear layer of its own for each group, dst[g] = act(x[g] weight[g]ᵀ +
// bias[g]):
//
//	x [groups, m, in], weight [groups, out, in], bias [groups, out] or nil
//	->  dst [groups, m, out]
//
// act is as in LinearAct.
func GroupedLinear[T Float](dst, x, weight, bias *Tensor[T], act UnaryOp) {
	const op = "GroupedLinear"
	if weight.ndim != 3 {
		PanicShape(op, "want a weight [groups, out, in]", dst.Shape(), x.Shape(), weight.Shape())
	}
	w := *weight
	w.swapLast()
	checkGroupCount(op, dst, x, &w)
	checkProduct(op, dst, x, &w)
	p := gemm.Product[T]{Alpha: 1}
	describe(&p, dst, x, &w)
	if bias != nil {
		if bias.ndim != 2 || bias.shape[0] != weight.shape[0] || bias.shape[1] != weight.shape[1] || bias.shape[1] > 1 && bias.strides[1] != 1 && bias.Len() > 0 {
			PanicShape(op, "want a bias [groups, out] with adjacent columns for a weight [groups, out, in]", weight.Shape(), bias.Shape())
		}
		p.Epilogue.ColBias = bias.span()
		p.Batch.ColBias[0] = bias.strides[0]
	}
	runProduct(&p, dst, x, &w, act)
}

// checkGroupCount panics unless all have three axes and as many groups.
func checkGroupCount[T Float](op string, dst, a, b *Tensor[T]) {
	if dst.ndim != 3 || a.ndim != 3 || b.ndim != 3 || a.shape[0] != dst.shape[0] || b.shape[0] != dst.shape[0] {
		PanicShape(op, "want three axes and equal numbers of groups", dst.Shape(), a.Shape(), b.Shape())
	}
}
