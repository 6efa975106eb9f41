package tensor

// someRows returns rows lo to hi-1 of a matrix.
func someRows[T Float](x *Tensor[T], lo, hi int) *Tensor[T] { return x.Slice(0, lo, hi, 1) }

// groupOf returns entry g of the first axis.
func groupOf[T Float](x *Tensor[T], g int) *Tensor[T] { return x.Slice(0, g, g+1, 1).Squeeze(0) }

// deviceRagged runs the layer of each group that has rows: groups are few and their products large.
func deviceRagged[T Float](r *ragged, dst, x, weight, bias *Tensor[T]) {
	for g := range r.groups {
		lo, hi := r.offsets[g], r.offsets[g+1]
		if lo == hi {
			continue
		}
		var b *Tensor[T]
		if bias != nil {
			b = groupOf(bias, g)
		}
		Linear(someRows(dst, lo, hi), someRows(x, lo, hi), groupOf(weight, g), b)
	}
}

// deviceRaggedGrad runs the backward pass of each group. Where a group has no rows, its gradients
// are multiplied by their factors.
func deviceRaggedGrad[T Float](r *ragged, d RaggedLinearGrads[T], dy, x, weight *Tensor[T]) {
	for g := range r.groups {
		lo, hi := r.offsets[g], r.offsets[g+1]
		dg := someRows(dy, lo, hi)
		if d.X != nil && lo < hi {
			Gemm(someRows(d.X, lo, hi), dg, groupOf(weight, g), 1, d.BetaX)
		}
		if d.Weight != nil {
			LinearGradWeight(groupOf(d.Weight, g), dg, someRows(x, lo, hi), d.BetaW)
		}
		if d.Bias != nil {
			db := groupOf(d.Bias.Reshape(r.groups, r.out), g)
			if d.BetaB == 0 {
				Fill(db, 0)
			}
			if lo < hi {
				SumRows(db, dg)
			}
		}
	}
}
