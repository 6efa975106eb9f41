package tensor

import "elegans/tensor/internal/device"

// FillFunc sets element i of dst, which must be contiguous, in row-major order to f(i).
func FillFunc[T Float](dst *Tensor[T], f func(i int) float64) {
	device.Wait() // not an operation: the numbers come from the host, the same for every device
	data := dst.Data()
	for i := range data {
		data[i] = T(f(i))
	}
}
