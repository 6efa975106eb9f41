package cuda

import "gorgonia.org/cu"

// ring is memory for the small operands of launches that are copied while earlier launches run:
// index arrays, mostly. Taking from it costs no call of the driver. It begins anew at each wait.
type ring struct {
	ptr  cu.DevicePtr
	used int
}

const (
	ringBytes = 16 << 20
	ringAlign = 256
	ringMost  = 1 << 20 // larger operands have memory of their own
)

// take returns so many bytes, or false if the ring does not hold them now.
func (r *ring) take(bytes int) (p cu.DevicePtr, ok bool, err error) {
	if bytes > ringMost || r.used+bytes > ringBytes {
		return 0, false, nil
	}
	if r.ptr == 0 {
		if r.ptr, err = cu.MemAlloc(ringBytes); err != nil {
			return 0, false, noMemory("cuMemAlloc", ringBytes, err)
		}
	}
	p = r.ptr + cu.DevicePtr(r.used)
	r.used += (bytes + ringAlign - 1) / ringAlign * ringAlign
	return p, true, nil
}

// free gives the memory back.
func (r *ring) free() error {
	if r.ptr == 0 {
		return nil
	}
	p := r.ptr
	*r = ring{}
	if err := cu.MemFree(p); err != nil {
		return failed("cuMemFree", err)
	}
	return nil
}
