package tensor

import "elegans/tensor/internal/device"

func deviceNormalize[T Float](d *device.Device, dst, norms, x *Tensor[T], l lines, p float64, eps T) {
	device.Launch[T](d, "normalize", "normalize", device.Lines(l.outer, l.n, l.inner),
		device.Out(dst.elements()), device.Out(norms.elements()), device.In(x.elements()),
		device.Int(l.outer), device.Int(l.n), device.Int(l.inner), device.Double(p), device.Num(eps))
}

func deviceNormalizeGrad[T Float](d *device.Device, dx, dy, norms, x, y *Tensor[T], l lines, p float64, eps T) {
	device.Launch[T](d, "normalize", "normalize_grad", device.Lines(l.outer, l.n, l.inner),
		device.InOut(dx.elements()), device.In(dy.elements()), device.In(norms.elements()), device.In(x.elements()), device.In(y.elements()),
		device.Int(l.outer), device.Int(l.n), device.Int(l.inner), device.Double(p), device.Num(eps))
}

func deviceCosine[T Float](d *device.Device, dst, normA, normB, a, b *Tensor[T], l lines, eps T) {
	device.Launch[T](d, "normalize", "cosine", device.Lines(l.outer, l.n, l.inner),
		device.Out(dst.elements()), device.Out(normA.elements()), device.Out(normB.elements()), device.In(a.elements()), device.In(b.elements()),
		device.Int(l.outer), device.Int(l.n), device.Int(l.inner), device.Num(eps))
}

func deviceCosineGrad[T Float](d *device.Device, da, dy, normA, normB, a, b, y *Tensor[T], l lines, eps T) {
	device.Launch[T](d, "normalize", "cosine_grad", device.Lines(l.outer, l.n, l.inner),
		device.InOut(da.elements()), device.In(dy.elements()), device.In(normA.elements()), device.In(normB.elements()),
		device.In(a.elements()), device.In(b.elements()), device.In(y.elements()),
		device.Int(l.outer), device.Int(l.n), device.Int(l.inner), device.Num(eps))
}
