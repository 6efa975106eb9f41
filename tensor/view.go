package tensor

import (
	"fmt"
	"slices"
)

// Slice returns the view of the elements start, start+step, ... below stop along one axis. Negative
// start and stop count from the end; stop may be End for "up to the end"; both are clipped to the
// axis, as in NumPy. step must be positive.
func (t *Tensor[T]) Slice(axis, start, stop, step int) *Tensor[T] {
	r := *t
	return r.slice(axis, start, stop, step)
}

// End as the stop of Slice means the end of the axis.
const End = int(^uint(0) >> 1)

// slice turns t itself into the view, and returns it. The methods that make views copy the header
// and call such a method: being that short they are inlined, and a view that its user does not keep
// stays on the stack.
func (t *Tensor[T]) slice(axis, start, stop, step int) *Tensor[T] {
	axis = t.Axis("Slice", axis)
	if step < 1 {
		PanicShape("Slice", fmt.Sprintf("step %d, want 1 or more", step), t.Shape())
	}
	n := t.shape[axis]
	clip := func(i int) int {
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	start, stop = clip(start), clip(stop)
	length := 0
	if stop > start {
		length = (stop-start-1)/step + 1 // step may be as large as an int can be
		if t.Len() > 0 {
			t.data = t.data[start*t.strides[axis]:]
		}
	}
	t.shape[axis] = length
	t.strides[axis] *= step
	return t
}

// Transpose returns the view with two axes exchanged.
func (t *Tensor[T]) Transpose(i, j int) *Tensor[T] {
	r := *t
	return r.transpose(i, j)
}

func (t *Tensor[T]) transpose(i, j int) *Tensor[T] {
	i, j = t.Axis("Transpose", i), t.Axis("Transpose", j)
	t.shape[i], t.shape[j] = t.shape[j], t.shape[i]
	t.strides[i], t.strides[j] = t.strides[j], t.strides[i]
	return t
}

// T returns the transpose of a matrix as a view.
func (t *Tensor[T]) T() *Tensor[T] {
	if t.ndim != 2 {
		PanicShape("T", "want a matrix", t.Shape())
	}
	return t.Transpose(0, 1)
}

// Permute returns the view whose axis i is axis axes[i] of t.
func (t *Tensor[T]) Permute(axes ...int) *Tensor[T] {
	r := *t
	return r.permute(t, axes)
}

func (r *Tensor[T]) permute(t *Tensor[T], axes []int) *Tensor[T] {
	if len(axes) != t.ndim {
		PanicShape("Permute", fmt.Sprintf("axes %v", slices.Clone(axes)), t.Shape())
	}
	var seen [MaxDims]bool
	for i, a := range axes {
		a = t.Axis("Permute", a)
		if seen[a] {
			PanicShape("Permute", fmt.Sprintf("axis %d twice", a), t.Shape())
		}
		seen[a] = true
		r.shape[i], r.strides[i] = t.shape[a], t.strides[a]
	}
	return r
}

// Reshape returns the same elements, in row-major order, under a new shape; one length may be -1
// and is then derived. The result shares storage if t is contiguous, and is a copy otherwise.
func (t *Tensor[T]) Reshape(shape ...int) *Tensor[T] {
	var buf [MaxDims]int
	shape = ResolveShape("Reshape", buf[:0], t.Len(), shape)
	c := t.Contiguous()
	r := &Tensor[T]{}
	r.Rebind(c.data[:c.Len()], shape...)
	return r
}

// ResolveShape appends shape to dst, with a length of -1 replaced by the one that makes n elements.
// It panics in the name of op if there is none.
func ResolveShape(op string, dst []int, n int, shape []int) []int {
	known, wild := 1, -1
	for i, d := range shape {
		if d == -1 && wild < 0 {
			wild = i
		} else {
			known *= d
		}
		dst = append(dst, d)
	}
	if wild >= 0 && known > 0 && n%known == 0 {
		dst[wild] = n / known
		known = n
	} else if wild >= 0 {
		known = -1
	}
	if known != n {
		PanicShape(op, fmt.Sprintf("cannot hold %d elements", n), shape)
	}
	return dst
}

// Flatten returns the elements as a vector; like Reshape it copies only when t is not contiguous.
func (t *Tensor[T]) Flatten() *Tensor[T] { return t.Reshape(-1) }

// Unsqueeze returns the view with an axis of length 1 inserted before axis (0 to Dims).
func (t *Tensor[T]) Unsqueeze(axis int) *Tensor[T] {
	r := *t
	return r.unsqueeze(axis)
}

func (t *Tensor[T]) unsqueeze(axis int) *Tensor[T] {
	if axis < 0 {
		axis += t.ndim + 1
	}
	if axis < 0 || axis > t.ndim || t.ndim == MaxDims {
		PanicShape("Unsqueeze", fmt.Sprintf("no place %d", axis), t.Shape())
	}
	copy(t.shape[axis+1:], t.shape[axis:t.ndim])
	copy(t.strides[axis+1:], t.strides[axis:t.ndim])
	t.shape[axis], t.strides[axis] = 1, 1
	t.ndim++
	return t
}

// Squeeze returns the view without the given axis, which must have length 1.
func (t *Tensor[T]) Squeeze(axis int) *Tensor[T] {
	r := *t
	return r.squeeze(axis)
}

func (t *Tensor[T]) squeeze(axis int) *Tensor[T] {
	axis = t.Axis("Squeeze", axis)
	if t.shape[axis] != 1 {
		PanicShape("Squeeze", fmt.Sprintf("axis %d has not length 1", axis), t.Shape())
	}
	copy(t.shape[axis:], t.shape[axis+1:t.ndim])
	copy(t.strides[axis:], t.strides[axis+1:t.ndim])
	t.ndim--
	return t
}

// Diagonal returns the view of the elements [..., i, i+offset] of the last two axes (offset >= 0)
// or [..., i-offset, i] (offset < 0); it has one axis less.
func (t *Tensor[T]) Diagonal(offset int) *Tensor[T] {
	r := *t
	return r.diagonal(offset)
}

func (t *Tensor[T]) diagonal(offset int) *Tensor[T] {
	if t.ndim < 2 {
		PanicShape("Diagonal", "want at least two axes", t.Shape())
	}
	i, j := t.ndim-2, t.ndim-1
	row, col := max(0, -offset), max(0, offset)
	n := max(0, min(t.shape[i]-row, t.shape[j]-col))
	if n > 0 && t.Len() > 0 {
		t.data = t.data[row*t.strides[i]+col*t.strides[j]:]
	}
	t.shape[i], t.strides[i] = n, t.strides[i]+t.strides[j]
	t.ndim--
	return t
}

// Expand returns a read-only view in which axes of length 1 are repeated to the given shape and
// missing leading axes are added (broadcasting).
func (t *Tensor[T]) Expand(shape ...int) *Tensor[T] {
	var r Tensor[T]
	return t.expandInto("Expand", &r, shape)
}

func (t *Tensor[T]) expandInto(op string, r *Tensor[T], shape []int) *Tensor[T] {
	lead := len(shape) - t.ndim
	if lead < 0 || len(shape) > MaxDims {
		PanicShape(op, "cannot broadcast", t.Shape(), shape)
	}
	r.data, r.ndim = t.data, len(shape)
	for i, d := range shape {
		r.shape[i] = d
		switch {
		case d < 0:
			PanicShape(op, "negative length", t.Shape(), shape)
		case i < lead:
			r.strides[i] = 0
		case t.shape[i-lead] == d:
			r.strides[i] = t.strides[i-lead]
		case t.shape[i-lead] == 1:
			r.strides[i] = 0
		default:
			PanicShape(op, "cannot broadcast", t.Shape(), shape)
		}
	}
	return r
}

// BroadcastShape appends to dst the shape that a and b take together under NumPy's rules: aligned
// at the last axis, lengths equal or 1.
func BroadcastShape(op string, dst, a, b []int) []int {
	n := max(len(a), len(b))
	for i := range n {
		x, y := 1, 1
		if j := i - n + len(a); j >= 0 {
			x = a[j]
		}
		if j := i - n + len(b); j >= 0 {
			y = b[j]
		}
		switch {
		case x == y || y == 1:
			dst = append(dst, x)
		case x == 1:
			dst = append(dst, y)
		default:
			PanicShape(op, "cannot broadcast together", a, b)
		}
	}
	return dst
}

// Contiguous returns t itself if it is contiguous, and a contiguous copy otherwise.
func (t *Tensor[T]) Contiguous() *Tensor[T] {
	if t.IsContiguous() {
		return t
	}
	return t.Clone()
}

// Clone returns a contiguous copy.
func (t *Tensor[T]) Clone() *Tensor[T] {
	r := New[T](t.Shape()...)
	Copy(r, t)
	return r
}
