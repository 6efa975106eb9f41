package device

import (
	"fmt"
	"unsafe"
)

// Make returns a zeroed slice of n elements that kernels use where it lies, if a device is active
// that has such memory, and else one of Go's. owned says which: memory of the device is not
// collected, so that it must be given back by Free before the last slice of it is forgotten.
func Make[T Float](n int) (s []T, owned bool) {
	d := Active()
	if d == nil || n == 0 {
		return make([]T, n), false
	}
	bytes := n * int(unsafe.Sizeof(*new(T)))
	p, err := d.Alloc(bytes)
	if err != nil {
		panic(&Error{fmt.Sprintf("%d bytes of the device's memory", bytes), err})
	}
	if p == nil {
		return make([]T, n), false
	}
	return unsafe.Slice((*T)(p), n), true
}

// Free gives back a slice of Make that is owned.
func Free[T Float](s []T) {
	d := Active()
	if d == nil {
		return // closing the device has freed all
	}
	if err := d.Backend.Free(unsafe.Pointer(unsafe.SliceData(s))); err != nil {
		panic(&Error{"giving back memory of the device", err})
	}
}
