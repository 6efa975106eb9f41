package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"elegans/tensor/internal/device"
)

// Float is the set of element types: float32 to work with, float64 as the oracle.
type Float interface{ float32 | float64 }

// MaxDims is the largest number of axes of a tensor. Shapes are stored inline, so that a recycled
// tensor needs no allocation.
const MaxDims = 8

// Tensor is a strided window on a slice of T. The zero value is not usable; see New and FromSlice.
// Copying the struct copies the header, not the elements.
type Tensor[T Float] struct {
	data    []T // begins at the element with all indices 0
	ndim    int
	shape   [MaxDims]int
	strides [MaxDims]int
}

// New returns a contiguous tensor of zeros. No shape arguments give a scalar (zero axes, one
// element).
func New[T Float](shape ...int) *Tensor[T] {
	t := &Tensor[T]{}
	t.setShape("New", shape)
	t.data = make([]T, t.Len())
	return t
}

// FromSlice returns a contiguous tensor that uses data as its storage, without copying. len(data)
// must be the product of shape.
func FromSlice[T Float](data []T, shape ...int) *Tensor[T] {
	t := &Tensor[T]{}
	t.Rebind(data, shape...)
	return t
}

// Scalar returns a tensor with no axes that holds v.
func Scalar[T Float](v T) *Tensor[T] { return FromSlice([]T{v}) }

// Full returns a contiguous tensor with every element v.
func Full[T Float](v T, shape ...int) *Tensor[T] {
	t := New[T](shape...)
	for i := range t.data {
		t.data[i] = v
	}
	return t
}

// Arange returns the vector start, start+1, ..., of n elements.
func Arange[T Float](start T, n int) *Tensor[T] {
	t := New[T](n)
	for i := range t.data {
		t.data[i] = start + T(i)
	}
	return t
}

// Eye returns the n by n identity matrix.
func Eye[T Float](n int) *Tensor[T] {
	t := New[T](n, n)
	for i := range n {
		t.data[i*n+i] = 1
	}
	return t
}

// Rebind turns t into a contiguous tensor of the given shape over data. It lets an owner of buffers
// (the tape) recycle headers without allocating.
func (t *Tensor[T]) Rebind(data []T, shape ...int) {
	t.setShape("Rebind", shape)
	if len(data) != t.Len() {
		PanicShape("FromSlice", fmt.Sprintf("the data has %d elements, the shape asks for %d", len(data), t.Len()), shape)
	}
	t.data = data
}

// ViewOf turns t into a view of the elements of x, which must be contiguous, in row-major order
// under another shape. Like Rebind it recycles the header.
func (t *Tensor[T]) ViewOf(x *Tensor[T], shape ...int) { t.Rebind(x.elements(), shape...) }

// setShape sets shape and row-major strides.
func (t *Tensor[T]) setShape(op string, shape []int) {
	if len(shape) > MaxDims {
		PanicShape(op, fmt.Sprintf("more than %d axes", MaxDims), shape)
	}
	t.ndim = len(shape)
	empty := slices.Contains(shape, 0) // then no stride matters, and lengths may be anything
	stride := 1
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] < 0 {
			PanicShape(op, "negative length", shape)
		}
		t.shape[i], t.strides[i] = shape[i], stride
		high, low := bits.Mul64(uint64(stride), uint64(shape[i]))
		if (high != 0 || low > math.MaxInt) && !empty {
			PanicShape(op, "more elements than an int can count", shape)
		}
		stride = int(low)
	}
}

// Shape returns the lengths of the axes. The slice belongs to the tensor: read it, do not change
// it.
func (t *Tensor[T]) Shape() []int { return t.shape[:t.ndim:t.ndim] }

// Strides returns the distance in elements between neighbours along each axis. The slice belongs to
// the tensor.
func (t *Tensor[T]) Strides() []int { return t.strides[:t.ndim:t.ndim] }

// Dims returns the number of axes.
func (t *Tensor[T]) Dims() int { return t.ndim }

// Dim returns the length of one axis; a negative axis counts from the end.
func (t *Tensor[T]) Dim(axis int) int { return t.shape[t.Axis("Dim", axis)] }

// Axis resolves a possibly negative axis number, and panics in the name of op when it is out of
// range.
func (t *Tensor[T]) Axis(op string, axis int) int {
	a := axis
	if a < 0 {
		a += t.ndim
	}
	if a < 0 || a >= t.ndim {
		PanicShape(op, fmt.Sprintf("no axis %d", axis), t.Shape())
	}
	return a
}

// Len returns the number of elements.
func (t *Tensor[T]) Len() int {
	n := 1
	for _, d := range t.Shape() {
		n *= d
	}
	return n
}

// IsContiguous reports whether the elements lie in row-major order without gaps.
func (t *Tensor[T]) IsContiguous() bool {
	stride := 1
	for i := t.ndim - 1; i >= 0; i-- {
		if t.shape[i] == 1 {
			continue
		}
		if t.strides[i] != stride {
			return t.Len() == 0
		}
		stride *= t.shape[i]
	}
	return true
}

// Data returns the elements in row-major order, sharing storage. It panics if the tensor is not
// contiguous: call Contiguous first. It waits for a device that may be writing them.
func (t *Tensor[T]) Data() []T {
	device.Wait()
	return t.elements()
}

// Storage returns the slice that Strides index into, from the tensor's first element on. It is for
// kernels that understand strides. It waits as Data does.
func (t *Tensor[T]) Storage() []T {
	device.Wait()
	return t.data
}

func (t *Tensor[T]) offset(op string, index []int) int {
	if len(index) != t.ndim {
		PanicShape(op, fmt.Sprintf("%d indices for %d axes", len(index), t.ndim), t.Shape())
	}
	o := 0
	for i, x := range index {
		if x < 0 || x >= t.shape[i] {
			PanicShape(op, fmt.Sprintf("index %v out of range", slices.Clone(index)), t.Shape())
		}
		o += x * t.strides[i]
	}
	return o
}

// At returns one element.
func (t *Tensor[T]) At(index ...int) T {
	device.Wait()
	return t.data[t.offset("At", index)]
}

// Set assigns one element.
func (t *Tensor[T]) Set(v T, index ...int) {
	device.Wait()
	t.data[t.offset("Set", index)] = v
}

// Item returns the only element of a tensor of length 1, whatever its number of axes.
func (t *Tensor[T]) Item() T {
	if t.Len() != 1 {
		PanicShape("Item", "more or fewer than one element", t.Shape())
	}
	device.Wait()
	return t.data[0]
}

// SameShape reports whether a and b have equal shapes.
func SameShape[T, U Float](a *Tensor[T], b *Tensor[U]) bool {
	return slices.Equal(a.Shape(), b.Shape())
}

// checkSame panics in the name of op unless all tensors have the shape of the first.
func checkSame[T Float](op string, first *Tensor[T], others ...*Tensor[T]) {
	for _, o := range others {
		if !SameShape(first, o) {
			PanicShape(op, "shapes must be equal", first.Shape(), o.Shape())
		}
	}
}

// Convert returns a contiguous copy of t with elements of type U.
func Convert[U, T Float](t *Tensor[T]) *Tensor[U] {
	r := New[U](t.Shape()...)
	ConvertTo(r, t.Contiguous())
	return r
}

// ConvertTo writes the elements of src into dst, which has the same shape and elements of another
// type. Both are contiguous.
func ConvertTo[U, T Float](dst *Tensor[U], src *Tensor[T]) {
	if !SameShape(dst, src) {
		PanicShape("ConvertTo", "shapes must be equal", dst.Shape(), src.Shape())
	}
	to, from := dst.elements(), src.elements()
	if d := device.Active(); d != nil {
		deviceConvert(d, to, from)
		return
	}
	for i, v := range from {
		to[i] = U(v)
	}
}
