package autograd

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// arena hands out tensors and index slices, and takes all of them back at reset. Blocks come in
// classes of capacity, multiples of 64 elements. Where none of the wanted class is free a large
// block may stand in for one up to a half smaller, so that gradients take the places of what the
// backward pass has left behind. The same requests in the same order are met by the same blocks.
type arena[T tensor.Float] struct {
	tensors map[int]*bucket[*tensor.Tensor[T]]
	ints    map[int]*bucket[[]int]
	bytes   int
}

// bucket holds the blocks of one capacity.
type bucket[B any] struct{ all, free []B }

const class = 64

func roundUp(n int) int { return (n + class - 1) / class * class }

// large is the least capacity of blocks that stand in for smaller ones.
const large = 1 << 16

// take returns a free block, or one made by grow.
func take[B any](buckets *map[int]*bucket[B], capacity int, grow func(int) B) (block B, grown bool) {
	b := (*buckets)[capacity]
	if b == nil || len(b.free) == 0 {
		if wider := standIn(*buckets, capacity); wider != nil {
			b = wider
		}
	}
	if b == nil {
		if *buckets == nil {
			*buckets = map[int]*bucket[B]{}
		}
		b = &bucket[B]{}
		(*buckets)[capacity] = b
	}
	if n := len(b.free); n > 0 {
		block = b.free[n-1]
		b.free = b.free[:n-1]
		return block, false
	}
	block = grow(capacity)
	b.all = append(b.all, block)
	return block, true
}

// standIn returns the smallest class with a free block that may be given for one of the given
// capacity, or nil.
func standIn[B any](buckets map[int]*bucket[B], capacity int) *bucket[B] {
	if capacity < large {
		return nil
	}
	best, least := (*bucket[B])(nil), 2*capacity+1
	for c, b := range buckets {
		if c > capacity && c < least && len(b.free) > 0 {
			best, least = b, c
		}
	}
	return best
}

func (a *arena[T]) reset() {
	for _, b := range a.tensors {
		b.free = append(b.free[:0], b.all...)
	}
	for _, b := range a.ints {
		b.free = append(b.free[:0], b.all...)
	}
}

// NewTensor returns a contiguous tensor of undefined content that is valid until Reset, or until it
// is given to Free.
func (tp *Tape[T]) NewTensor(shape ...int) *tensor.Tensor[T] {
	n := tp.count(shape)
	c := roundUp(n)
	t, grown := take(&tp.store.tensors, c, newBlock[T])
	if grown {
		tp.store.bytes += c * elemSize[T]()
	}
	t.Rebind(t.Storage()[:n], shape...) // whose capacity stays that of the block
	return t
}

// MemoryError is the value of panics of a tape whose MaxBytes an operation would exceed.
type MemoryError struct {
	Shape []int   // of the tensor that was asked for
	Bytes float64 // that the tape would hold
	Limit int
}

// Error implements error.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("autograd: a tensor of shape %v takes the tape to %.3g bytes, expected at most %d", e.Shape, e.Bytes, e.Limit)
}

// count returns the number of elements of a tensor that is to be made. It panics if a length is
// negative or the tape may not hold so many.
func (tp *Tape[T]) count(shape []int) int {
	n, size := 1, 1.0 // a product of lengths may overflow, the float64 cannot
	for _, d := range shape {
		if d < 0 {
			tensor.PanicShape("NewTensor", "a result of negative length", shape)
		}
		n *= d
		size *= float64(d)
	}
	if size > math.MaxInt/16 {
		tensor.PanicShape("NewTensor", "more elements than an int can count", shape)
	}
	if bytes := float64(tp.store.bytes) + size*float64(elemSize[T]()); tp.MaxBytes > 0 && bytes > float64(tp.MaxBytes) {
		panic(&MemoryError{append([]int{}, shape...), bytes, tp.MaxBytes})
	}
	return n
}

func newBlock[T tensor.Float](capacity int) *tensor.Tensor[T] { return tensor.NewResident[T](capacity) }

// Free takes a tensor of NewTensor back before Reset, for scratch within an operation. It must be
// freed once only.
func (tp *Tape[T]) Free(t *tensor.Tensor[T]) {
	b := tp.store.tensors[cap(t.Storage())]
	b.free = append(b.free, t)
}

// NewInts returns n integers of undefined content that are valid until Reset.
func (tp *Tape[T]) NewInts(n int) []int {
	c := roundUp(n)
	s, grown := take(&tp.store.ints, c, newInts)
	if grown {
		tp.store.bytes += 8 * c
	}
	return s[:n]
}

func newInts(capacity int) []int { return make([]int, capacity) }

func elemSize[T tensor.Float]() int {
	if _, ok := any(*new(T)).(float64); ok {
		return 8
	}
	return 4
}
