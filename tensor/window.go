package tensor

// Window returns t[lo:hi], entries lo to hi-1 of the first axis of a contiguous tensor, sharing
// its elements. It is a value, which costs no allocation.
func Window[T Float](t *Tensor[T], lo, hi int) Tensor[T] {
	var w Tensor[T]
	if t.Dims() == 0 || lo < 0 || hi < lo || hi > t.Dim(0) {
		PanicShape("Window", "entries of the first axis wanted", t.Shape(), []int{lo, hi})
	}
	shape, size := t.shape, 1
	for _, n := range t.shape[1:t.ndim] {
		size *= n
	}
	shape[0] = hi - lo
	w.Rebind(t.elements()[lo*size:hi*size:hi*size], shape[:t.ndim]...)
	return w
}

// Entry returns t[i], entry i of the first axis, without that axis: see Window.
func Entry[T Float](t *Tensor[T], i int) Tensor[T] {
	w := Window(t, i, i+1)
	shape := w.shape
	w.Rebind(w.data, shape[1:w.ndim]...)
	return w
}
