package tensor

import (
	"slices"

	"elegans/tensor/internal/device"
)

func deviceSelect[T Float](d *device.Device, dst, x []T, index []int, n, inner int) {
	device.Launch[T](d, "index", "index_select", device.Each(len(dst)), device.Out(dst), device.In(x), device.In(index),
		device.Int(len(dst)), device.Int(len(index)), device.Int(n), device.Int(inner))
}

// deviceScatter adds src [outer, len(index), inner] to dst [outer, n, inner]; what has a negative
// index is left out.
func deviceScatter[T Float](d *device.Device, dst, src []T, index []int, outer, n, inner int) {
	targets, first, list := lists(index)
	count := outer * len(targets) * inner
	device.Launch[T](d, "index", "scatter", device.Each(count),
		device.InOut(dst), device.In(src), device.In(targets), device.In(first), device.In(list),
		device.Int(count), device.Int(len(targets)), device.Int(len(index)), device.Int(n), device.Int(inner))
}

// lists returns the numbers that are not negative, each once, in ascending order, and for target t
// the places list[first[t]] to list[first[t+1]-1], in ascending order, at which it stands.
func lists(numbers []int) (targets, first, list []int) {
	for i, n := range numbers {
		if n >= 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(i, j int) int { return numbers[i] - numbers[j] })
	for k, i := range list {
		if t := len(targets); t == 0 || targets[t-1] != numbers[i] {
			targets, first = append(targets, numbers[i]), append(first, k)
		}
	}
	return targets, append(first, len(list)), list
}

func deviceGather[T Float](d *device.Device, dst, x []T, index []int, p *picked) {
	args := []device.Arg{device.Out(dst), device.In(x), device.In(index), device.Int(len(dst)), device.Int(p.along)}
	device.Launch[T](d, "index", "gather", device.Each(len(dst)), axisNumbers(args, p.ndim, &p.shape, &p.stride)...)
}

func deviceMask[T Float](d *device.Device, b *maskBody[T], mask *Tensor[T]) {
	dst := device.Out(b.dst)
	if b.grad {
		dst = device.InOut(b.dst)
	}
	args := []device.Arg{dst, device.In(b.x), device.In(mask.span()),
		device.Int(len(b.dst)), device.Num(b.value), device.Bool(b.grad)}
	device.Launch[T](d, "index", "mask", device.Each(len(b.dst)),
		axisNumbers(args, mask.ndim, &mask.shape, &mask.strides)...)
}

func deviceAddEntries[T Float](d *device.Device, b *entries[T]) {
	count := len(b.index) * b.rows * b.d
	device.Launch[T](d, "index", "add_entries", device.Each(count),
		device.InOut(b.all), device.In(b.x), device.In(b.index),
		device.Int(count), device.Int(b.rows), device.Int(b.d), device.Int(b.columns))
}

func deviceEntriesGrad[T Float](d *device.Device, b *entries[T]) {
	device.Launch[T](d, "index", "entries_grad", device.Each(len(b.x)),
		device.InOut(b.x), device.In(b.all), device.In(b.index),
		device.Int(len(b.x)), device.Int(len(b.index)), device.Int(b.rows), device.Int(b.d), device.Int(b.columns))
}

func deviceCombine[T Float](d *device.Device, b *combine[T]) {
	device.Launch[T](d, "index", "combine", device.Each(len(b.dst)),
		device.Result(b.dst, b.beta), device.In(b.y), device.In(b.weights), device.In(b.places),
		device.Int(len(b.dst)), device.Int(b.n), device.Int(b.each), device.Num(b.beta))
}

func deviceCombineGrad[T Float](d *device.Device, b *combine[T]) {
	device.Launch[T](d, "index", "combine_grad", device.Rows(len(b.places), b.n),
		device.Out(b.dy), device.InOut(b.dw), device.In(b.d), device.In(b.y), device.In(b.weights), device.In(b.places),
		device.Int(len(b.places)), device.Int(b.n), device.Int(b.each))
}
