// Package devices compares what a model computes on a device with what it computes on the
// processor, tensor by tensor: the results of the layers, the loss, the gradients of the layers and
// of the parameters, and the parameters after some steps of training.
//
//	want, err := devices.Record(onProcessor, ...)   // before the device is opened
//	d, err := cuda.Open(0, cuda.Options{})
//	got, err := devices.Record(onDevice, ...)       // of a second model with the same weights
//	report := devices.Compare(want, got, tolerance)
//
// Tensors stand in the order in which they are computed, so that the first one that departs is
// where to look.
package devices
