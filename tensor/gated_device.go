package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
)

func deviceGateLogGrad[T Float](d *device.Device, dx, dy, y *Tensor[T]) {
	n := dx.Len()
	device.Launch[T](d, "gated", "gate_log_grad", device.Each(n),
		device.InOut(dx.elements()), device.In(dy.elements()), device.In(y.elements()), device.Int(n))
}

func devicePReLU[T Float](d *device.Device, dst, x, weight *Tensor[T], run int) {
	n := x.Len()
	device.Launch[T](d, "gated", "prelu", device.Each(n),
		device.Out(dst.elements()), device.In(x.elements()), device.In(weight.elements()),
		device.Int(n), device.Int(weight.Len()), device.Int(run))
}

// devicePReLUGrad adds the gradients of x and of the weights, each of which serves runs of run
// elements; dx and dweight may be nil.
func devicePReLUGrad[T Float](d *device.Device, dx, dweight, dy, x, weight *Tensor[T], run int) {
	n, count := x.Len(), weight.Len()
	if n == 0 {
		return
	}
	if dx != nil {
		device.Launch[T](d, "gated", "prelu_grad", device.Each(n),
			device.InOut(dx.elements()), device.In(dy.elements()), device.In(x.elements()), device.In(weight.elements()),
			device.Int(n), device.Int(count), device.Int(run))
	}
	if dweight == nil {
		return
	}
	// Several blocks share the elements of a weight where there are many.
	const most = 64
	each := n / count
	parts := min(max(1, each/block), most)
	length := (each + parts - 1) / parts
	sums := device.Borrow[float64](d, count*parts)
	device.Launch[T](d, "gated", "prelu_sums", device.Lines(count*parts, length, 1),
		device.Out(sums.Data), device.In(dy.elements()), device.In(x.elements()),
		device.Int(count), device.Int(parts), device.Int(each), device.Int(length), device.Int(run))
	device.Launch[T](d, "gated", "prelu_weights", device.Each(count),
		device.InOut(dweight.elements()), device.In(sums.Data), device.Int(count), device.Int(parts))
	sums.Release()
}

func deviceGLU[T Float](d *device.Device, dst, gate, x *Tensor[T], run int) {
	n := dst.Len()
	device.Launch[T](d, "gated", "glu", device.Each(n),
		device.Out(dst.elements()), device.Out(gate.elements()), device.In(x.elements()), device.Int(n), device.Int(run))
}

func deviceGLUGrad[T Float](d *device.Device, dx, dy, gate, x *Tensor[T], run int) {
	n := dy.Len()
	device.Launch[T](d, "gated", "glu_grad", device.Each(n),
		device.InOut(dx.elements()), device.In(dy.elements()), device.In(gate.elements()), device.In(x.elements()),
		device.Int(n), device.Int(run))
}

func deviceDropout[T Float](d *device.Device, dst, x *Tensor[T], o kernel.Drop[T]) {
	n := x.Len()
	device.Launch[T](d, "gated", "dropout", device.Each(n),
		device.Result(dst.elements(), o.Beta), device.In(x.elements()),
		device.Int(n), device.Int(int(o.Key)), device.Int(int(o.Threshold)), device.Num(o.Scale), device.Num(o.Beta))
}
