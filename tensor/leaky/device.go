package leaky

import (
	"slices"

	"elegans/tensor"
	"elegans/tensor/internal/device"
)

// On a device a block of threads runs a sequence, with a barrier from row to row. Few sequences of
// a large matrix would leave most of the device idle: then a launch is one row, and its neurons are
// shared by blocks.

// weights are weights as kernels take them: a sparse matrix, or a dense one without ptr.
type weights[T tensor.Float] struct {
	ptr, col []int32
	val      []T
}

func weightsOf[T tensor.Float](w Weights[T], values []T) weights[T] {
	if w.Dense != nil {
		return weights[T]{val: tensor.Operand(w.Dense)}
	}
	if values == nil {
		values = w.Sparse.Val
	}
	return weights[T]{w.Sparse.RowPtr, w.Sparse.Col, values}
}

// clone returns weights whose values are their own, if they are sparse: a Runner references dense
// ones.
func (w weights[T]) clone() weights[T] {
	if w.ptr != nil {
		w.val = slices.Clone(w.val)
	}
	return w
}

// known reports whether these are any weights.
func (w *weights[T]) known() bool { return w.ptr != nil || w.val != nil }

func (w *weights[T]) args() []device.Arg {
	return []device.Arg{device.In(w.ptr), device.In(w.col), device.In(w.val)}
}

// lanes returns how many threads share the row of a neuron: about as many as it has entries.
func (w *weights[T]) lanes(n int) int {
	lanes := 1
	for lanes < 32 && lanes*n < len(w.val) {
		lanes *= 2
	}
	return lanes
}

// alone is the number of multiply-adds of a row below which a block runs a sequence by itself, and
// enough the number of sequences that keep a device busy whatever each has to do.
const alone, enough = 1 << 16, 64

// rowLaunches calls launch for the rows lo to hi-1, or backwards for hi-1 down to lo: once for all
// of them, or for one after the other.
func (w *weights[T]) rowLaunches(batch, n, lo, hi int, backwards bool, launch func(size device.Size, from, to int)) {
	threads := 32
	for threads < n*w.lanes(n) && threads < 1024 {
		threads *= 2
	}
	if batch >= enough || len(w.val) <= alone || hi-lo <= 0 {
		if hi > lo {
			launch(device.Size{Grid: [3]int{min(batch, 1<<15), 1, 1}, Block: [3]int{threads, 1, 1}}, lo, hi)
		}
		return
	}
	threads = device.Threads
	blocks := min((n*w.lanes(n)+threads-1)/threads, 1<<16-1)
	size := device.Size{Grid: [3]int{min(batch, 1<<15), blocks, 1}, Block: [3]int{threads, 1, 1}}
	for i := range hi - lo {
		t := lo + i
		if backwards {
			t = hi - 1 - i
		}
		launch(size, t, t+1)
	}
}

// activationArgs are f as kernels take it.
func activationArgs[T tensor.Float](a tensor.Activation) []device.Arg {
	op := int(a.Op)
	if a.Identity {
		op = -1
	}
	return []device.Arg{device.Int(op), device.Num(T(a.A)), device.Num(T(a.B))}
}

// deviceSequences turns drives [batch, steps, n] into states.
func deviceSequences[T tensor.Float](
	d *device.Device, states, start []T, w *weights[T], leak, noise []T, lengths []int, batch, steps, n int, act tensor.Activation,
) {
	w.rowLaunches(batch, n, 0, steps, false, func(size device.Size, from, to int) {
		args := append([]device.Arg{device.InOut(states), device.In(start)}, w.args()...)
		args = append(args, device.In(leak), device.Int(len(leak)), device.In(noise), device.In(lengths), device.Int(batch), device.Int(steps),
			device.Int(n), device.Int(from), device.Int(to), device.Int(w.lanes(n)))
		device.Launch[T](d, "leaky", "leaky_run", size, append(args, activationArgs[T](act)...)...)
	})
}

// deviceRun runs rows of drives after the state start, which may be nil.
func (r *Runner[T]) deviceRun(d *device.Device, states, start, noise []T) {
	leak := r.each
	if leak == nil {
		leak = []T{r.all}
	}
	act := tensor.Activation{Op: r.act, A: float64(r.slope)}
	deviceSequences(d, states, start, &r.onDevice, leak, noise, nil, 1, len(states)/r.n, r.n, act)
}

// deviceDrive sets dst [B, T, N] to Win x + b of all rows, whatever the lengths.
func (p *pass[T]) deviceDrive(dst, x *tensor.Tensor[T]) {
	var bias *tensor.Tensor[T]
	if p.l.Bias != nil {
		bias = p.l.Bias.Reshape(p.n)
	}
	switch {
	case p.l.Input != nil:
		tensor.Linear(dst, x, p.l.Input, bias)
	case bias != nil:
		tensor.Add(dst, x, bias)
	default:
		tensor.Copy(dst, x)
	}
}

func (p *pass[T]) deviceForward(d *device.Device, states, x *tensor.Tensor[T]) {
	p.deviceDrive(states, x)
	w := weightsOf(p.l.W, p.l.Values)
	deviceSequences(d, p.states, p.start, &w, tensor.Operand(p.l.Leak), nil, p.l.Lengths, p.batch, p.steps, p.n, p.l.Activation)
}

// borrow returns memory of undefined content, for use until back is called.
func borrow[T tensor.Float](d *device.Device, shape ...int) (t *tensor.Tensor[T], back func()) {
	n := 1
	for _, length := range shape {
		n *= length
	}
	s := device.Borrow[T](d, n)
	return tensor.FromSlice(s.Data, shape...), s.Release
}

// deviceBackward finds e of all rows, one after the other, and then the gradients of parameters as
// products over all rows at once.
func (p *pass[T]) deviceBackward(d *device.Device, g Gradients[T], dy, x *tensor.Tensor[T]) {
	n, act := p.n, p.l.Activation
	e, back := borrow[T](d, p.batch, p.steps, n)
	defer back()
	state, back := borrow[T](d, p.batch, n)
	defer back()
	var leakSums, drive *tensor.Tensor[T]
	if g.Leak != nil {
		leakSums, back = borrow[T](d, p.batch, n)
		defer back()
		tensor.Fill(leakSums, 0)
	}
	if !act.Identity && !act.FromResult {
		drive, back = borrow[T](d, p.batch, p.steps, n)
		defer back()
		p.deviceDrive(drive, x)
	}
	var colPtr, row, place []int32
	if p.l.W.Sparse != nil {
		colPtr, row, place = p.l.W.Sparse.Transposed()
	}
	first := 0
	if g.Start != nil {
		first = -1
	}
	w := weightsOf(p.l.W, p.l.Values)
	w.rowLaunches(p.batch, n, first, p.steps, true, func(size device.Size, to, from int) {
		args := []device.Arg{device.InOut(tensor.Operand(e)), device.InOut(tensor.Operand(state)), device.InOut(tensor.Operand(leakSums)),
			device.InOut(tensor.Operand(g.Start)), device.In(tensor.Operand(dy)), device.In(p.states), device.In(p.start), device.In(tensor.Operand(drive))}
		args = append(args, w.args()...)
		args = append(args, device.In(colPtr), device.In(row), device.In(place), device.In(tensor.Operand(p.l.Leak)), device.Int(lenOf(p.l.Leak)),
			device.In(p.l.Lengths), device.Int(p.batch), device.Int(p.steps), device.Int(n), device.Int(from), device.Int(to),
			device.Int(w.lanes(n)), device.Bool(act.FromResult))
		device.Launch[T](d, "leaky", "leaky_back", size, append(args, activationArgs[T](act)...)...)
	})
	p.deviceParameters(d, g, e, x)
	if g.Leak != nil {
		p.deviceLeak(g.Leak, leakSums)
	}
}

func lenOf[T tensor.Float](t *tensor.Tensor[T]) int {
	if t == nil {
		return 0
	}
	return t.Len()
}

// deviceParameters adds to the gradients of W, Win, b and the inputs, given e [B, T, N].
func (p *pass[T]) deviceParameters(d *device.Device, g Gradients[T], e, x *tensor.Tensor[T]) {
	rows := p.batch * p.steps
	flat := e.Reshape(rows, p.n)
	switch {
	case g.Values != nil:
		s := p.l.W.Sparse
		size := device.Size{Grid: [3]int{min((s.NNZ()+31)/32, 1<<15), 1, 1}, Block: [3]int{32, 8, 1}}
		device.Launch[T](d, "leaky", "leaky_values", size, device.InOut(tensor.Operand(g.Values)), device.In(s.RowPtr), device.In(s.Col),
			device.In(tensor.Operand(e)), device.In(p.states), device.In(p.start), device.In(p.l.Lengths),
			device.Int(p.batch), device.Int(p.steps), device.Int(p.n), device.Int(s.NNZ()))
	case g.Dense != nil:
		before, back := p.deviceShifted(d, p.states, p.n, 1)
		defer back()
		tensor.LinearGradWeight(g.Dense.Reshape(p.n, p.n), flat, before, 1)
	}
	if g.Input != nil {
		// What lies behind the end of a sequence may be anything.
		inputs, back := p.deviceShifted(d, p.x, p.inputs, 0)
		defer back()
		tensor.LinearGradWeight(g.Input.Reshape(p.n, p.inputs), flat, inputs, 1)
	}
	if g.Bias != nil {
		tensor.SumRows(g.Bias.Reshape(p.n), flat)
	}
	switch {
	case g.X == nil:
	case p.l.Input == nil:
		tensor.AddScaled(g.X.Reshape(rows, p.n), flat, 1)
	default:
		tensor.Gemm(g.X.Reshape(rows, p.inputs), flat, p.l.Input, 1, 1)
	}
}

// deviceShifted returns rows of x [B, T, n], each so many later, as a matrix with zeros behind the
// ends of the sequences.
func (p *pass[T]) deviceShifted(d *device.Device, x []T, n, by int) (rows *tensor.Tensor[T], back func()) {
	rows, back = borrow[T](d, p.batch*p.steps, n)
	device.Launch[T](d, "leaky", "leaky_shift", device.Each(rows.Len()), device.Out(tensor.Operand(rows)), device.In(x), device.In(p.start),
		device.In(p.l.Lengths), device.Int(p.batch), device.Int(p.steps), device.Int(n), device.Int(by))
	return rows, back
}

// deviceLeak adds to the gradient of the leak, given that of each neuron in each sequence.
func (p *pass[T]) deviceLeak(dleak, sums *tensor.Tensor[T]) {
	if dleak.Len() == p.n {
		tensor.SumRows(dleak.Reshape(p.n), sums)
		return
	}
	tensor.SumRows(dleak.Reshape(1), sums.Reshape(p.batch*p.n, 1))
}

// deviceStep is Step.
func (p *Panel[T]) deviceStep(d *device.Device) {
	b := p.b
	w := weights[T]{val: b.dense}
	if b.dense == nil {
		w = weights[T]{b.ptr, b.col, b.val}
	}
	args := []device.Arg{device.Out(p.y[:b.n*Lanes]), device.InOut(p.state), device.In(p.x), device.In(p.leak), device.In(p.scale)}
	args = append(args, w.args()...)
	device.Launch[T](d, "leaky", "leaky_panel", device.Each(b.n*Lanes), append(args, device.Int(b.width()), device.Int(b.n), device.Int(Lanes),
		device.Int(int(b.act)), device.Num(b.slope))...)
	p.x, p.y = p.y, p.x
}
