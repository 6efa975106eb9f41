package device

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Scratch is memory for what one kernel hands to the next within an operation.
type Scratch[T Float] struct {
	Data  []T // of undefined content
	d     *Device
	class int
}

// spare keeps the scratch memory that was released, by the logarithm of its bytes.
type spare struct {
	mu   sync.Mutex
	free [64][]unsafe.Pointer
}

// Borrow returns memory for n elements: of the device if it lends any, else Go's. Launches run one
// after the other, so that it may be released as soon as the last kernel that uses it is queued.
func Borrow[T Float](d *Device, n int) Scratch[T] {
	bytes := n * int(unsafe.Sizeof(*new(T)))
	if n == 0 {
		return Scratch[T]{}
	}
	class := max(bits.Len(uint(bytes-1)), 8)
	d.spare.mu.Lock()
	defer d.spare.mu.Unlock()
	free := &d.spare.free[class]
	var p unsafe.Pointer
	if last := len(*free) - 1; last >= 0 {
		p, *free = (*free)[last], (*free)[:last]
	} else if p = d.lend(1 << class); p == nil {
		return Scratch[T]{Data: make([]T, n)}
	}
	return Scratch[T]{unsafe.Slice((*T)(p), n), d, class}
}

// Release gives the memory back.
func (s Scratch[T]) Release() {
	if s.d == nil {
		return
	}
	s.d.spare.mu.Lock()
	defer s.d.spare.mu.Unlock()
	s.d.spare.free[s.class] = append(s.d.spare.free[s.class], unsafe.Pointer(unsafe.SliceData(s.Data)))
}
