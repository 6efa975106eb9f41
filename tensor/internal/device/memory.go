package device

import (
	"fmt"
	"sync"
	"unsafe"
)

// slab lends pieces of memory of the device, which are never given back one by one: closing the
// device frees all. Small pieces share an allocation, since a driver rounds each up to a page.
type slab struct {
	mu   sync.Mutex
	free []byte // what is left of the last shared allocation
}

const (
	slabBytes = 1 << 20
	alignment = 256 // bytes, as that of the driver's own allocations
)

// Lend returns a zeroed slice of n elements that kernels use where it lies, or nil if no device is
// active that has such memory. It must not be used after the device is closed.
func Lend[T Float](n int) []T {
	if d := Active(); d != nil && n > 0 {
		if p := d.lend(n * int(unsafe.Sizeof(*new(T)))); p != nil {
			return unsafe.Slice((*T)(p), n)
		}
	}
	return nil
}

// lend returns zeroed memory of the device, or nil if it has none to lend.
func (d *Device) lend(bytes int) unsafe.Pointer {
	d.slab.mu.Lock()
	defer d.slab.mu.Unlock()
	if bytes > slabBytes/4 {
		return d.alloc(bytes)
	}
	if len(d.slab.free) < bytes {
		p := d.alloc(slabBytes)
		if p == nil {
			return nil
		}
		d.slab.free = unsafe.Slice((*byte)(p), slabBytes)
	}
	p := unsafe.Pointer(unsafe.SliceData(d.slab.free))
	d.slab.free = d.slab.free[min(len(d.slab.free), (bytes+alignment-1)/alignment*alignment):]
	return p
}

func (d *Device) alloc(bytes int) unsafe.Pointer {
	p, err := d.Backend.Alloc(bytes)
	if err != nil {
		panic(&Error{fmt.Sprintf("%d bytes of the device's memory", bytes), err})
	}
	return p
}
