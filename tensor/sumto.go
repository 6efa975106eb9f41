package tensor

// SumTo adds src, summed over the axes along which dst was broadcast, to dst: the backward pass of
// broadcasting. dst must be contiguous and broadcastable to src's shape; src may be strided.
//
//	src [4 3 5], dst [3 1]:   dst[j][0] += sum over i and k of src[i][j][k]
func SumTo[T Float](dst, src *Tensor[T]) {
	var e Tensor[T]
	dst.expandInto("SumTo", &e, src.Shape())
	lead := src.ndim - dst.ndim
	kept := e // dst with leading axes of length 1
	mask := uint(1)<<lead - 1
	for axis := range src.ndim {
		switch {
		case axis < lead:
			kept.shape[axis] = 1
		case dst.shape[axis-lead] != src.shape[axis]:
			mask |= 1 << axis
			kept.shape[axis] = 1
		}
	}
	if mask == 0 {
		AddScaled(dst, src, 1)
		return
	}
	kept.setShape("SumTo", kept.Shape())
	kept.data = dst.elements()
	r := axisReduction[T]{name: "SumTo", accumulate: true}
	r.reduce(&kept, src, mask)
}
