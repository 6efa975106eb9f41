package tensor

import "elegans/tensor/internal/device"

// DeviceError is the value of panics where a device fails, such as one that is out of memory.
type DeviceError = device.Error

// DeviceTally says what ran where while a device computes: launches by kernel, and the operations
// that stayed on the processor by name.
type DeviceTally = device.Tally

// DeviceName describes the device that computes, in one line; it is empty if the processor does.
// Devices come from other modules, such as elegans/tensor/cuda.
func DeviceName() string {
	if d := device.Active(); d != nil {
		return d.Name()
	}
	return ""
}

// NewResident is New in the memory of the device that computes, where there is one that lends
// memory: operations then use the tensor where it lies. It must not be used after the device is
// closed, and its memory is given back only then: for parameters, and for what a tape keeps.
func NewResident[T Float](shape ...int) *Tensor[T] {
	t := &Tensor[T]{}
	t.setShape("New", shape)
	if t.data = device.Lend[T](t.Len()); t.data == nil {
		t.data = make([]T, t.Len())
	}
	return t
}

// Reside moves the elements of t, which is contiguous, to memory of NewResident if a device
// computes. Views of t keep the old ones.
func (t *Tensor[T]) Reside() {
	if own := device.Lend[T](t.Len()); own != nil {
		copy(own, t.Data())
		t.data = own
	}
}

// TakeDeviceTally returns the counts since it was last called, and begins anew. Without a device
// they are empty.
func TakeDeviceTally() DeviceTally {
	d := device.Active()
	if d == nil {
		return DeviceTally{}
	}
	return d.TakeTally()
}
