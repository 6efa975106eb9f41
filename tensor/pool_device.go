package tensor

import "elegans/tensor/internal/device"

// windowNumbers appends windows as kernels take them.
func windowNumbers(args []device.Arg, axes ...meanAxis) []device.Arg {
	for _, a := range axes {
		for _, n := range []int{a.in, a.out, a.kernel, a.stride, a.padding, a.dilation} {
			args = append(args, device.Int(n))
		}
		args = append(args, device.Bool(a.exclude), device.Bool(a.adaptive))
	}
	return args
}

func deviceMaxPool[T Float](d *device.Device, y, x []T, w [2]window) {
	args := []device.Arg{device.Out(y), device.In(x), device.Int(len(y))}
	device.Launch[T](d, "pool", "max_pool", device.Each(len(y)),
		windowNumbers(args, meanAxis{window: w[0]}, meanAxis{window: w[1]})...)
}

func deviceMaxPoolGrad[T Float](d *device.Device, dx, dy, x []T, beta T, w [2]window) {
	args := []device.Arg{device.Result(dx, beta), device.In(dy), device.In(x), device.Int(len(dx)), device.Num(beta)}
	device.Launch[T](d, "pool", "max_pool_grad", device.Each(len(dx)),
		windowNumbers(args, meanAxis{window: w[0]}, meanAxis{window: w[1]})...)
}

func deviceMeanPool[T Float](d *device.Device, p *meanPool[T]) {
	name, n, result, operand := "mean_pool", len(p.y), device.Out(p.y), device.In(p.x)
	if p.grad {
		name, n, result, operand = "mean_pool_grad", len(p.x), device.InOut(p.x), device.In(p.y)
	}
	args := []device.Arg{result, operand, device.Int(n)}
	device.Launch[T](d, "pool", name, device.Each(n), windowNumbers(args, p.h, p.w)...)
}

func deviceResize[T Float](d *device.Device, p *resample[T], beta T) {
	height, width := len(p.rows), len(p.columns)
	if p.grad {
		rows, rowList, rowWeights := shares(p.rows, p.height)
		columns, columnList, columnWeights := shares(p.columns, p.width)
		device.Launch[T](d, "pool", "resize_grad", device.Each(len(p.x)), device.Result(p.x, beta), device.In(p.y),
			device.In(rows), device.In(rowList), device.In(rowWeights),
			device.In(columns), device.In(columnList), device.In(columnWeights),
			device.Int(len(p.x)), device.Int(p.height), device.Int(p.width), device.Int(height*width),
			device.Int(width), device.Num(beta))
		return
	}
	rows, ts := places(p.rows)
	columns, us := places(p.columns)
	device.Launch[T](d, "pool", "resize", device.Each(len(p.y)), device.Out(p.y), device.In(p.x),
		device.In(rows), device.In(columns), device.In(ts), device.In(us),
		device.Int(len(p.y)), device.Int(p.height*p.width), device.Int(p.width), device.Int(height), device.Int(width))
}

// places returns both elements of each sample, and the shares of the second ones.
func places[T Float](samples []sample[T]) (elements []int, ts []T) {
	for _, s := range samples {
		elements, ts = append(elements, s.i, s.j), append(ts, s.t)
	}
	return elements, ts
}

// shares returns for element i of an axis the samples list[first[i]] to list[first[i+1]-1] that are
// made of it, in ascending order, and its weight in each.
func shares[T Float](samples []sample[T], n int) (first, list []int, weights []T) {
	elements, of, all := []int{}, []int{}, []T{}
	for k, s := range samples {
		elements, of, all = append(elements, s.i), append(of, k), append(all, 1-s.t)
		if s.t != 0 {
			elements, of, all = append(elements, s.j), append(of, k), append(all, s.t)
		}
	}
	first = make([]int, n+1)
	order := make([]int, len(elements))
	CountingSort(make([]int, len(elements)), order, first, elements, n)
	for _, i := range order {
		list, weights = append(list, of[i]), append(weights, all[i])
	}
	return first, list, weights
}
