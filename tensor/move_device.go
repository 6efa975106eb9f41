package tensor

import "elegans/tensor/internal/device"

// axisNumbers appends axes as kernels take them (kernels/axes.cuh): how many there are, at least 1,
// then MaxDims lengths and as many strides of each operand, the innermost axis first.
func axisNumbers(args []device.Arg, count int, lengths *[MaxDims]int, strides ...*[MaxDims]int) []device.Arg {
	args = append(args, device.Int(max(1, count)))
	number := func(of *[MaxDims]int, missing int) {
		for i := range MaxDims {
			n := missing
			if i < count {
				n = of[count-1-i]
			}
			args = append(args, device.Int(n))
		}
	}
	number(lengths, 1)
	for _, s := range strides {
		number(s, 0)
	}
	return args
}

// deviceMove queues the loop of m, whose axes are merged. The operands reach from the first element
// that it touches to the last.
func deviceMove[T Float](d *device.Device, m *move[T]) {
	n, to, from := 1, 0, m.start
	for i, length := range m.shape[:m.ndim] {
		n *= length
		to += (length - 1) * m.ds[i]
		from += (length - 1) * max(0, m.ss[i])
	}
	dst := device.InOut(m.dst[:to+1])
	if !m.add && to+1 == n {
		dst = device.Out(m.dst[:n])
	}
	last := m.ndim - 1
	if m.ss[last] != 1 && m.ds[last] == 1 {
		m.findTransposition()
	}
	const side = 32 // of the tiles of a transposition
	if m.transposed && min(m.shape[last-1], m.shape[last]) >= side/2 {
		rows, columns := m.shape[last-1], m.shape[last]
		outer := n / (rows * columns)
		args := []device.Arg{dst, device.In(m.src[:from+1]), device.Int(m.start), device.Bool(m.add), device.Int(outer),
			device.Int(rows), device.Int(columns), device.Int(m.ds[last-1]), device.Int(m.ss[last])}
		device.Launch[T](d, "move", "transpose", device.Tiles(rows, columns, outer, side, side),
			axisNumbers(args, last-1, &m.shape, &m.ds, &m.ss)...)
		return
	}
	args := []device.Arg{dst, device.In(m.src[:from+1]), device.Int(n), device.Int(m.start), device.Bool(m.add)}
	device.Launch[T](d, "move", "move", device.Each(n), axisNumbers(args, m.ndim, &m.shape, &m.ds, &m.ss)...)
}

// shuffleAxes is PixelShuffle as a copy along axes that x and its shuffled form y have in another
// order, or, for the gradient, as the sum that goes back.
func shuffleAxes[T Float](y, x *Tensor[T], r int, grad bool) {
	planes, h, w := y.shape[0]*y.shape[1], x.shape[2], x.shape[3]
	var m move[T]
	axis := m.axis
	if grad {
		m.set(x.elements(), y.elements(), true)
		axis = func(n, ys, xs int) { m.axis(n, xs, ys) }
	} else {
		m.set(y.elements(), x.elements(), false)
	}
	axis(planes, r*r*h*w, r*r*h*w)
	axis(h, r*r*w, w)
	axis(r, r*w, r*h*w)
	axis(w, r, 1)
	axis(r, 1, h*w)
	m.run()
}

func deviceConvert[U, T Float](d *device.Device, dst []U, src []T) {
	if from, same := any(src).([]U); same {
		m := move[U]{dst: dst, src: from}
		m.axis(len(dst), 1, 1)
		m.run()
		return
	}
	device.Launch[U](d, "move", "convert", device.Each(len(dst)),
		device.Out(dst), device.In(src), device.Int(len(dst)))
}

func deviceTriangle[T Float](d *device.Device, dst, x []T, rows, cols, diagonal int, upper bool) {
	n := len(x)
	device.Launch[T](d, "move", "triangle", device.Each(n), device.Out(dst), device.In(x),
		device.Int(n), device.Int(rows), device.Int(cols), device.Int(diagonal), device.Bool(upper))
}

func devicePad[T Float](d *device.Device, p *padding[T]) {
	if p.axes == 0 { // nothing is added
		m := move[T]{dst: p.y, src: p.x}
		if p.grad {
			m = move[T]{dst: p.x, src: p.y, add: true}
		}
		m.axis(len(p.x), 1, 1)
		m.run()
		return
	}
	in, out := 1, 1
	for a := range p.axes {
		in, out = in*p.in[a], out*p.shape[a]
	}
	if p.grad {
		first, items := p.copies()
		args := []device.Arg{device.InOut(p.x), device.In(p.y), device.Int(len(p.x)),
			device.In(first), device.In(items), device.Int(out)}
		device.Launch[T](d, "move", "pad_grad", device.Each(len(p.x)), axisNumbers(args, p.axes, &p.in)...)
		return
	}
	args := []device.Arg{device.Out(p.y), device.In(p.x), device.Int(len(p.y)),
		device.Num(p.value), device.In(p.sources()), device.Int(in)}
	device.Launch[T](d, "move", "pad", device.Each(len(p.y)), axisNumbers(args, p.axes, &p.shape)...)
}

// sources returns, for each axis from the last one, the places in x of what the elements of y are
// copies of, or -1 for the constant.
func (p *padding[T]) sources() (places []int) {
	for a := p.axes - 1; a >= 0; a-- {
		for i := range p.shape[a] {
			j := p.source(a, i)
			if j > 0 {
				j *= p.src[a]
			}
			places = append(places, j)
		}
	}
	return places
}

// copies returns, for each axis from the last one, the places in y of the copies of each element j
// of x: items[first[j]] to items[first[j+1]-1], in ascending order.
func (p *padding[T]) copies() (first, items []int) {
	for a := p.axes - 1; a >= 0; a-- {
		n, in := p.shape[a], p.in[a]
		sources, places, index, offsets := make([]int, n), make([]int, n), make([]int, n), make([]int, in+2)
		for i := range sources {
			if sources[i] = p.source(a, i); sources[i] < 0 {
				sources[i] = in // copies of the constant come last
			}
		}
		CountingSort(places, index, offsets, sources, in+1)
		base := len(items)
		for _, o := range offsets[:in+1] {
			first = append(first, base+o)
		}
		for _, i := range index[:offsets[in]] {
			items = append(items, i*p.dst[a])
		}
	}
	return first, items
}

func deviceFold[T Float](d *device.Device, y, w []T, in int) {
	device.Launch[T](d, "move", "fold", device.Each(len(y)),
		device.Out(y), device.In(w), device.Int(len(y)), device.Int(in))
}

func deviceFoldGrad[T Float](d *device.Device, dw, dy []T, in int) {
	device.Launch[T](d, "move", "fold_grad", device.Each(len(dw)),
		device.InOut(dw), device.In(dy), device.Int(len(dw)), device.Int(in))
}

func deviceUnfold[T Float](d *device.Device, p *unfolding[T]) {
	name, result, operand := "unfold", device.Out(p.y), device.In(p.x)
	n := len(p.y)
	if p.grad {
		name, result, operand = "unfold_grad", device.InOut(p.x), device.In(p.y)
		n = len(p.x)
	}
	args := []device.Arg{result, operand, device.Int(n)}
	for a := range 2 {
		for _, v := range []int{p.in[a], p.out[a], p.kernel[a], p.o.Stride[a], p.o.Padding[a], p.o.Dilation[a]} {
			args = append(args, device.Int(v))
		}
	}
	device.Launch[T](d, "move", name, device.Each(n), args...)
}
