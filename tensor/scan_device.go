package tensor

import "elegans/tensor/internal/device"

// deviceScan queues a scan of the lines of x, which is not empty.
func deviceScan[T Float](d *device.Device, dst, x []T, n, inner int, how scanOp) {
	lines := len(x) / n
	alone := n <= 32 || inner >= 32 && lines >= 1<<12 // a thread for each line
	size := device.Rows(lines, n)
	if alone {
		size = device.Each(lines)
	}
	device.Launch[T](d, "scan", "scan", size, device.Out(dst), device.In(x),
		device.Int(lines), device.Int(n), device.Int(inner), device.Int(int(how)), device.Bool(alone))
}

// deviceProductGrad queues one of the backward passes of products, a thread for each element.
func deviceProductGrad[T Float](d *device.Device, name string, dx, dy, x []T, n, inner int) {
	device.Launch[T](d, "scan", name, device.Each(len(x)), device.InOut(dx), device.In(dy), device.In(x),
		device.Int(len(x)), device.Int(n), device.Int(inner))
}
