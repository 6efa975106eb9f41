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

// TakeDeviceTally returns the counts since it was last called, and begins anew. Without a device
// they are empty.
func TakeDeviceTally() DeviceTally {
	d := device.Active()
	if d == nil {
		return DeviceTally{}
	}
	return d.TakeTally()
}
