package powers

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
)

func deviceMul[T tensor.Float](d *device.Device, y, e, x *tensor.Tensor[T], power []int) {
	device.Launch[T](d, "powers", "powers", device.Each(y.Len()),
		device.Out(tensor.Operand(y)), device.In(tensor.Operand(e)), device.In(tensor.Operand(x)), device.In(power),
		device.Int(len(power)), device.Int(x.Len()))
}

func deviceMulGrad[T tensor.Float](d *device.Device, de, dx, dy, e, x *tensor.Tensor[T], power []int) {
	rows, n := x.Dim(0), x.Dim(1)
	device.Launch[T](d, "powers", "powers_grad", device.Rows(rows, n),
		device.InOut(tensor.Operand(de)), device.InOut(tensor.Operand(dx)), device.In(tensor.Operand(dy)),
		device.In(tensor.Operand(e)), device.In(tensor.Operand(x)), device.In(power),
		device.Int(len(power)), device.Int(rows), device.Int(n))
}
