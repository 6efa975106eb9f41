package tensor

import "elegans/tensor/internal/device"

func deviceSoftmax[T Float](d *device.Device, dst *Tensor[T], lse []T, x *Tensor[T], l lines, log bool) {
	device.Launch[T](d, "softmax", "softmax", device.Lines(l.outer, l.n, l.inner),
		device.Out(dst.elements()), device.Out(lse), device.In(x.elements()),
		device.Int(l.outer), device.Int(l.n), device.Int(l.inner), device.Bool(log))
}

// deviceSoftmaxGrad adds the gradient of the softmax y, or with log of its logarithm.
func deviceSoftmaxGrad[T Float](d *device.Device, dx, y, dy *Tensor[T], l lines, log bool) {
	device.Launch[T](d, "softmax", "softmax_grad", device.Lines(l.outer, l.n, l.inner),
		device.InOut(dx.elements()), device.In(y.elements()), device.In(dy.elements()),
		device.Int(l.outer), device.Int(l.n), device.Int(l.inner), device.Bool(log))
}
