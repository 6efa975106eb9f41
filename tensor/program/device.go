package program

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
)

// On a device a level is two launches, forward as backward: one over the tiles of all its linear
// steps, one over the rows of its other steps. Kernels find matrices by their offsets, in the
// memory of the steps, or, as -1-offset, in that of the inputs; and parameters by tables of
// pointers.

// onDevice reports whether the device computes programs with the activation. Random slopes are
// drawn on the processor.
func (f *Activation[T]) onDevice() bool {
	if f.Kind > RReLU {
		f.refuse()
	}
	return f.Kind != RReLU
}

// args are the activation as kernels take it.
func (f *Activation[T]) args() []device.Arg {
	var slope device.Arg = device.In[T](nil)
	if f.Kind == PReLU {
		slope = device.In(f.Slope)
	}
	return []device.Arg{device.Int(int(f.Kind)), device.Int(int(f.Op)), device.Num(f.A), device.Num(f.B), slope}
}

// at returns where a value is; slots are the places of the values of steps.
func (d *run[T]) at(v int, slots []int) int {
	if v < d.p.inputs {
		return -1 - v*d.rows*d.width
	}
	v -= d.p.inputs
	if slots != nil {
		v = slots[v]
	}
	return v * d.rows * d.width
}

// place returns where a value is in the memory of this run.
func (d *run[T]) place(v int) int {
	if d.keep {
		return d.at(v, nil)
	}
	return d.at(v, d.p.slot)
}

// tables returns a table of pointers to some of the parameters of the units given.
func tables[T tensor.Float](units []Unit[T], of func(u *Unit[T]) []T, memory func([]T) device.Arg) device.Arg {
	items := make([]device.Arg, len(units))
	for i := range units {
		items[i] = memory(of(&units[i]))
	}
	return device.Table(items)
}

func weightOf[T tensor.Float](u *Unit[T]) []T { return u.Weight }
func biasOf[T tensor.Float](u *Unit[T]) []T   { return u.Bias }
func gainOf[T tensor.Float](u *Unit[T]) []T   { return u.Gain }
func shiftOf[T tensor.Float](u *Unit[T]) []T  { return u.Shift }

// unitsOf returns the unit of each step.
func (d *run[T]) unitsOf(steps []int) []Unit[T] {
	units := make([]Unit[T], len(steps))
	for j, i := range steps {
		units[j] = d.units[d.p.steps[i].Unit]
	}
	return units
}

// deviceRun is Run on a device.
func (d *run[T]) deviceRun(on *device.Device, out []T, group int) {
	gains, shifts := tables(d.units, gainOf, device.In), tables(d.units, shiftOf, device.In)
	for l := range d.p.levels {
		at := &d.p.levels[l]
		if n := len(at.linear); n > 0 {
			refs := make([]int, 0, 2*n)
			for _, i := range at.linear {
				refs = append(refs, d.place(d.p.steps[i].A), d.place(d.p.inputs+i))
			}
			units := d.unitsOf(at.linear)
			d.launch(on, "program_linear", d.tiles(d.rows, n), device.In(d.x), device.InOut(d.values),
				tables(units, weightOf, device.In), tables(units, biasOf, device.In), device.In(refs), device.Int(n), device.Int(d.rows), device.Int(d.width))
		}
		if n := len(at.rows); n > 0 {
			args := []device.Arg{device.In(d.x), device.InOut(d.values), device.InOut(d.mean), device.InOut(d.rstd), gains, shifts,
				device.In(d.rowSteps(at.rows, nil)), device.Int(n), device.Int(d.rows), device.Int(d.width), device.Double(float64(d.eps))}
			d.launch(on, "program_rows", device.Rows(d.rows, d.width), append(args, d.act.args()...)...)
		}
	}
	outputs := make([]int, len(d.p.outputs))
	for j, v := range d.p.outputs {
		outputs[j] = d.place(v)
	}
	d.launch(on, "program_gather", device.Each(len(out)), device.Out(out), device.In(d.x), device.In(d.values),
		device.In(outputs), device.Int(len(outputs)), device.Int(group), device.Int(d.rows), device.Int(d.width))
}

func (d *run[T]) launch(on *device.Device, name string, size device.Size, args ...device.Arg) {
	device.Launch[T](on, "program", name, size, args...)
}

// tiles are the threads for the tiles of so many matrices [m, width].
func (d *run[T]) tiles(m, matrices int) device.Size {
	return device.Tiles(m, d.width, matrices, 32, 16)
}

// rowSteps describes steps as the kernels take them, with their gradients if b is not nil.
func (d *run[T]) rowSteps(steps []int, b *backward[T]) []int {
	var numbers []int
	for _, i := range steps {
		s := &d.p.steps[i]
		other := 0
		if s.binary() {
			other = d.place(s.B)
		}
		numbers = append(numbers, int(s.Kind), whole(s.Norm), d.place(s.A), other, d.place(d.p.inputs+i), i, s.Unit)
		if b == nil {
			numbers = append(numbers, 0, 0, 0, 0, 0)
			continue
		}
		if s.binary() {
			other = d.at(s.B, d.p.gradSlot)
		}
		numbers = append(numbers, d.at(s.A, d.p.gradSlot), other, d.at(d.p.inputs+i, d.p.gradSlot), whole(d.p.firstA[i]), whole(d.p.firstB[i]))
	}
	return numbers
}

func whole(b bool) int {
	if b {
		return 1
	}
	return 0
}

// deviceChunks is the number of chunks of rows whose sums are kept apart, as far as there is
// memory for them, and mostSums the number of these.
const deviceChunks, mostSums = 128, 1 << 22

// deviceBackward is Backward on a device.
func (d *backward[T]) deviceBackward(on *device.Device, dout []T, group int) {
	p := d.p
	d.stride = p.units*2*d.width + 1
	chunks := min(d.rows, max(maxChunks, min(deviceChunks, mostSums/d.stride)))
	chunk := ceilDiv(d.rows, chunks)
	chunks = ceilDiv(d.rows, chunk)
	sums := device.Borrow[T](on, chunks*d.stride)
	defer sums.Release()
	parts := sums.Data
	tensor.Fill(tensor.FromSlice(parts, len(parts)), 0)
	rows, width := device.Int(d.rows), device.Int(d.width)
	gains, shifts := tables(d.units, gainOf, device.In), tables(d.units, shiftOf, device.In)

	var outputs []int
	for j, v := range p.outputs {
		outputs = append(outputs, d.at(v, p.gradSlot), whole(p.firstOut[j]))
	}
	d.launch(on, "program_scatter", device.Each(d.rows*d.width), device.InOut(d.dx), device.InOut(d.grads), device.In(dout),
		device.In(outputs), device.Int(len(p.outputs)), device.Int(group), rows, width)
	for l := len(p.levels) - 1; l >= 0; l-- {
		at := &p.levels[l]
		if n := len(at.rows); n > 0 {
			args := []device.Arg{device.In(d.x), device.In(d.values), device.InOut(d.dx), device.InOut(d.grads), device.InOut(parts),
				device.In(d.mean), device.In(d.rstd), gains, shifts, device.In(d.rowSteps(at.rows, d)), device.Int(n), rows, width,
				device.Int(p.units), device.Int(chunk)}
			d.launch(on, "program_rows_grad", device.Rows(chunks, d.width), append(args, d.act.args()...)...)
		}
		d.deviceSources(on, at)
	}

	// By unit: whether the gradient of its weight is overwritten, and its linear steps.
	var refs, pairs []int
	for unit, steps := range p.byUnit {
		refs = append(refs, whole(d.to.Overwrite[unit]), len(pairs)/2, len(pairs)/2+len(steps))
		for _, i := range steps {
			pairs = append(pairs, d.at(p.inputs+i, p.gradSlot), d.place(p.steps[i].A))
		}
	}
	units := device.Int(p.units)
	d.launch(on, "program_unit_grad", d.tiles(d.width, p.units), tables(d.to.Units, weightOf, device.InOut), device.In(d.x), device.In(d.values),
		device.In(d.grads), device.In(refs), device.In(pairs), units, rows, width)
	normalised := append([]Unit[T]{}, d.to.Units...)
	for unit := range normalised {
		if !p.rowsOfUnit[unit] {
			normalised[unit].Gain, normalised[unit].Shift = nil, nil
		}
	}
	d.launch(on, "program_unit_sums", device.Rows(max(1, p.units), d.width), tables(normalised, biasOf, device.InOut), tables(normalised, gainOf, device.InOut),
		tables(normalised, shiftOf, device.InOut), device.InOut(d.to.Slope), device.In(d.grads), device.In(parts), device.In(refs), device.In(pairs),
		units, rows, width, device.Int(chunks))
}

// deviceSources is sourceGrads.
func (d *backward[T]) deviceSources(on *device.Device, at *level) {
	var refs, dy, steps []int
	for j := range at.sources {
		s := &at.sources[j]
		if s.value < d.p.inputs && d.dx == nil {
			continue
		}
		refs = append(refs, d.at(s.value, d.p.gradSlot), whole(s.first), len(steps), len(steps)+len(s.steps))
		steps = append(steps, s.steps...)
	}
	for _, i := range steps {
		dy = append(dy, d.at(d.p.inputs+i, d.p.gradSlot))
	}
	if len(refs) == 0 {
		return
	}
	d.launch(on, "program_source_grad", d.tiles(d.rows, len(refs)/4), device.InOut(d.dx), device.InOut(d.grads),
		tables(d.unitsOf(steps), weightOf, device.In), device.In(refs), device.In(dy), device.Int(len(refs)/4), device.Int(d.rows), device.Int(d.width))
}
