package tensor

// Copy writes the elements of src, broadcast to dst's shape, into dst. Both may be strided.
func Copy[T Float](dst, src *Tensor[T]) {
	var e Tensor[T]
	src.expandInto("Copy", &e, dst.Shape())
	if dst.Len() == 0 {
		return
	}
	if dst.IsContiguous() && e.IsContiguous() {
		copy(dst.data[:dst.Len()], e.data)
		return
	}
	copyStrided(dst.data, e.data, dst.Shape(), dst.Strides(), e.Strides())
}

// copyStrided copies one axis by recursion; the innermost loop runs over the last axis.
func copyStrided[T Float](dst, src []T, shape, ds, ss []int) {
	switch {
	case len(shape) == 0:
		dst[0] = src[0]
	case len(shape) > 1:
		for i := range shape[0] {
			copyStrided(dst[i*ds[0]:], src[i*ss[0]:], shape[1:], ds[1:], ss[1:])
		}
	case ds[0] == 1 && ss[0] == 1:
		copy(dst[:shape[0]], src)
	default:
		for i := range shape[0] {
			dst[i*ds[0]] = src[i*ss[0]]
		}
	}
}
