package cuda

import (
	"cmp"
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/cu"
)

// block is memory that was lent, which both the host and kernels address.
type block struct {
	ptr   cu.DevicePtr
	bytes int
}

// blocks are in the order of their addresses.
type blocks []block

// find returns the block that holds an address.
func (b blocks) find(p uintptr) (int, bool) {
	i, ok := slices.BinarySearchFunc(b, p, func(b block, p uintptr) int { return cmp.Compare(uintptr(b.ptr), p) })
	if !ok {
		i--
	}
	return i, i >= 0 && p < uintptr(b[i].ptr)+uintptr(b[i].bytes)
}

// Alloc implements device.Backend with managed memory.
func (d *Device) Alloc(bytes int) (p unsafe.Pointer, err error) {
	if d.staged {
		return nil, nil
	}
	err = d.call(func() error {
		ptr, err := cu.MemAllocManaged(int64(bytes), cu.AttachGlobal)
		if err != nil {
			return noMemory("cuMemAllocManaged", bytes, err)
		}
		i, _ := d.lent.find(uintptr(ptr))
		d.lent = slices.Insert(d.lent, i+1, block{ptr, bytes})
		p = pointer(ptr)
		return nil
	})
	if err == nil {
		clear(unsafe.Slice((*byte)(p), bytes)) // nothing is queued that uses it
	}
	return p, err
}

// pointer turns the address of managed memory into a pointer. It is not Go's memory, so that the
// collector takes no notice.
func pointer(p cu.DevicePtr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// noMemory says how much was asked for and how much is free, where memory is the trouble.
func noMemory(call string, bytes int, err error) error {
	if err != cu.OutOfMemory {
		return failed(call, err)
	}
	free, total, infoErr := cu.MemInfo()
	if infoErr != nil {
		return fmt.Errorf("%s of %d bytes: %w", call, bytes, err)
	}
	return fmt.Errorf("%s of %d bytes, where %d of %d are free: %w", call, bytes, free, total, err)
}
