package tensor

import "elegans/tensor/internal/device"

// affinePlaces says which weight and bias belong to an element of a row of a norm: those of row r
// begin at r/repeat % sets * each, and each serves spread neighbouring elements.
type affinePlaces struct{ repeat, sets, each, spread int }

// layerPlaces are those of groups of so many rows, each group with n weights of its own.
func layerPlaces(groups, rows, n int) affinePlaces { return affinePlaces{max(1, rows), groups, n, 1} }

// groupPlaces are those of GroupNorm, with a weight for each channel.
func groupPlaces(p planes, groups int) affinePlaces {
	return affinePlaces{1, groups, p.c / groups, max(1, p.s)}
}

// deviceRowNorm normalises rows of n elements; mean is nil for root mean squares.
func deviceRowNorm[T Float](d *device.Device, dst, x, weight, bias, mean, rstd *Tensor[T], rows, n int, at affinePlaces, eps T) {
	device.Launch[T](d, "norm", "row_norm", device.Lines(rows, n, 1),
		device.Out(dst.elements()), device.Out(elementsOf(mean)), device.Out(rstd.elements()),
		device.In(x.elements()), device.In(elementsOf(weight)), device.In(elementsOf(bias)), device.Int(rows), device.Int(n),
		device.Int(at.repeat), device.Int(at.sets), device.Int(at.each), device.Int(at.spread), device.Num(eps))
}

func deviceRowNormGrad[T Float](d *device.Device, dx, dy, x, weight, mean, rstd *Tensor[T], rows, n int, at affinePlaces) {
	device.Launch[T](d, "norm", "row_norm_grad", device.Lines(rows, n, 1),
		device.InOut(dx.elements()), device.In(dy.elements()), device.In(x.elements()), device.In(elementsOf(weight)),
		device.In(elementsOf(mean)), device.In(rstd.elements()), device.Int(rows), device.Int(n),
		device.Int(at.repeat), device.Int(at.sets), device.Int(at.each), device.Int(at.spread))
}

// deviceLayerNormGrad adds the gradients of groups of so many rows to those of dx, dweight and
// dbias that are not nil.
func deviceLayerNormGrad[T Float](d *device.Device, dx, dweight, dbias, dy, x, weight, mean, rstd *Tensor[T], groups, rows, n int) {
	if dx != nil {
		deviceRowNormGrad(d, dx, dy, x, weight, mean, rstd, groups*rows, n, layerPlaces(groups, rows, n))
	}
	if dweight != nil || dbias != nil {
		device.Launch[T](d, "norm", "layer_norm_params", device.Lines(groups, rows, n),
			device.InOut(elementsOf(dweight)), device.InOut(elementsOf(dbias)), device.In(dy.elements()), device.In(x.elements()),
			device.In(elementsOf(mean)), device.In(rstd.elements()), device.Int(groups), device.Int(rows), device.Int(n))
	}
}

func deviceGroupNormGrad[T Float](d *device.Device, dx, dweight, dbias, dy, x, weight, mean, rstd, sums, dots *Tensor[T], p planes, groups int) {
	if dx != nil {
		deviceRowNormGrad(d, dx, dy, x, weight, mean, rstd, p.n*groups, p.s*p.c/groups, groupPlaces(p, groups))
	}
	if dweight == nil && dbias == nil {
		return
	}
	each := p.c / groups
	device.Launch[T](d, "norm", "plane_dots", device.Lines(p.n*p.c, p.s, 1),
		device.Out(sums.elements()), device.Out(dots.elements()), device.In(dy.elements()), device.In(x.elements()), device.In(mean.elements()),
		device.Int(p.n*p.c), device.Int(p.s), device.Int(each))
	device.Launch[T](d, "norm", "group_norm_params", device.Each(p.c),
		device.InOut(elementsOf(dweight)), device.InOut(elementsOf(dbias)), device.In(sums.elements()), device.In(dots.elements()), device.In(rstd.elements()),
		device.Int(p.n), device.Int(p.c), device.Int(each))
}

// deviceChannels is how kernels over the channels of planes run: neighbouring channels of single
// elements are lines side by side. Blocks that are not to sum share the elements of a channel.
func deviceChannels(p planes, share bool) device.Size {
	size := device.Lines(p.c, p.n*p.s, 1)
	if p.s == 1 {
		size = device.Lines(1, p.n, p.c)
	}
	if share {
		const each = 8 // elements of a thread
		size.Grid[1] = min(max(1, ceilDiv(p.n*p.s, each*size.Block[1])), 1<<12)
	}
	return size
}

func deviceBatchNormStats[T Float](d *device.Device, mean, variance, x *Tensor[T], p planes) {
	device.Launch[T](d, "norm", "batch_stats", deviceChannels(p, false),
		device.Out(mean.elements()), device.Out(variance.elements()), device.In(x.elements()), device.Int(p.n), device.Int(p.c), device.Int(p.s))
}

func deviceBatchNorm[T Float](d *device.Device, dst, x, weight, bias, mean, variance *Tensor[T], p planes, eps T) {
	device.Launch[T](d, "norm", "batch_norm", deviceChannels(p, true),
		device.Out(dst.elements()), device.In(x.elements()), device.In(elementsOf(weight)), device.In(elementsOf(bias)),
		device.In(mean.elements()), device.In(variance.elements()), device.Int(p.n), device.Int(p.c), device.Int(p.s), device.Num(eps))
}

func deviceBatchNormGrad[T Float](d *device.Device, dx, dweight, dbias, dy, x, weight, mean, variance *Tensor[T], p planes, eps T, train bool) {
	device.Launch[T](d, "norm", "batch_norm_grad", deviceChannels(p, false),
		device.InOut(elementsOf(dx)), device.InOut(elementsOf(dweight)), device.InOut(elementsOf(dbias)), device.In(dy.elements()), device.In(x.elements()),
		device.In(elementsOf(weight)), device.In(mean.elements()), device.In(variance.elements()),
		device.Int(p.n), device.Int(p.c), device.Int(p.s), device.Num(eps), device.Bool(train))
}
