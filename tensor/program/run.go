package program

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Unit holds the parameters of a unit, or their gradients: Weight [width, width] and Bias
// [width] for linear steps, Gain [width] and Shift [width] for normalisation. What no step uses may
// be nil.
type Unit[T tensor.Float] struct{ Weight, Bias, Gain, Shift []T }

// Memory holds what a run leaves for the backward pass: values [slots, rows, width], and the
// statistics of the normalisations, [steps, rows] each. Without a backward pass (Mean and Rstd nil)
// values have p.Slots(false) slots.
type Memory[T tensor.Float] struct{ Values, Mean, Rstd *tensor.Tensor[T] }

func (m *Memory[T]) keep() bool { return m.Mean != nil }

// run is a program with its operands.
type run[T tensor.Float] struct {
	p           *Program
	k           *kernel.Set[T]
	rows, width int
	units       []Unit[T]
	act         Activation[T]
	eps         T

	x, values  []T
	keep       bool
	mean, rstd []T // nil unless kept
}

// newRun checks the shapes. It does not wait for a device.
func newRun[T tensor.Float](op string, p *Program, x *tensor.Tensor[T], units []Unit[T], act Activation[T], eps T, m Memory[T]) run[T] {
	if x.Dims() != 3 || x.Dim(0) != p.inputs || x.Dim(1) < 1 || x.Dim(2) < 1 || len(units) != p.units {
		tensor.PanicShape(op, "want inputs [inputs, rows, width] of at least one row and column and a list of all units", x.Shape(), []int{p.inputs}, []int{len(units)}, []int{p.units})
	}
	d := run[T]{p: p, k: kernel.Of[T](), rows: x.Dim(1), width: x.Dim(2), units: units, act: act, eps: eps, x: tensor.Operand(x), values: tensor.Operand(m.Values), keep: m.keep()}
	if m.keep() {
		d.mean, d.rstd = tensor.Operand(m.Mean), tensor.Operand(m.Rstd)
		if len(d.mean) != len(p.steps)*d.rows || len(d.rstd) != len(d.mean) {
			tensor.PanicShape(op, "want statistics [steps, rows]", m.Mean.Shape(), m.Rstd.Shape(), []int{len(p.steps), d.rows})
		}
	}
	if len(d.values) != p.Slots(d.keep)*d.rows*d.width {
		tensor.PanicShape(op, "want values [slots, rows, width]", m.Values.Shape(), []int{p.Slots(d.keep), d.rows, d.width})
	}
	for i, s := range p.steps {
		u := &units[s.Unit]
		if s.Kind == Linear && (len(u.Weight) != d.width*d.width || len(u.Bias) != d.width) || s.Norm && (len(u.Gain) != d.width || len(u.Shift) != d.width) {
			tensor.PanicShape(op, "a unit has other parameters than its steps need", []int{i, s.Unit}, []int{len(u.Weight)}, []int{len(u.Bias)}, []int{len(u.Gain)}, []int{len(u.Shift)}, []int{d.width})
		}
	}
	return d
}

// value returns rows lo to hi-1 of a value.
func (d *run[T]) value(v, lo, hi int) []T {
	from := d.x
	if v >= d.p.inputs {
		v -= d.p.inputs
		if !d.keep {
			v = d.p.slot[v]
		}
		from = d.values
	}
	return from[(v*d.rows+lo)*d.width : (v*d.rows+hi)*d.width]
}

// blockBytes bounds the values in use of one block of rows, so that they stay in the L2 cache.
const blockBytes = 512 << 10

// chunks returns how rows are cut: into chunks of at most chunk rows, the unit of parallel work,
// which are passed through in blocks of at most block rows. Sums over rows depend on both, so they
// come from the shape alone.
func (d *run[T]) chunks() (n, chunk, block int) {
	size := 4
	if _, ok := any(*new(T)).(float64); ok {
		size = 8
	}
	block = min(max(1, blockBytes/(size*d.width*max(1, d.p.slots))), d.rows)
	chunk = ceilDiv(ceilDiv(d.rows, maxChunks), block) * block
	return ceilDiv(d.rows, chunk), chunk, block
}

// maxChunks bounds the partial sums of the gradients of gains and shifts.
const maxChunks = 16

// What is worth handing to another goroutine.
const (
	grainProduct = 1 << 20 // multiply-adds
	grainRows    = 1 << 15 // elements of steps on rows
)

// normRows is the number of rows that take each pass of a normalisation together. A row's passes
// wait for each other; those of several rows overlap.
const normRows = 16

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// Run runs p on the inputs x [inputs, rows, width] and writes its outputs to out [groups,
// rows, outputs/groups, width]: output number g*(outputs/groups) + j is out[g, :, j, :].
func Run[T tensor.Float](p *Program, out, x *tensor.Tensor[T], units []Unit[T], act Activation[T], eps T, m Memory[T]) {
	const op = "program.Run"
	d := newRun(op, p, x, units, act, eps, m)
	checkOutput(op, &d, out)
	if on := device.Active(); on != nil && act.onDevice() {
		d.deviceRun(on, tensor.Operand(out), out.Dim(2))
		return
	}
	device.Stay(op) // random slopes are drawn on the processor
	n, chunk, block := d.chunks()
	for l := range p.levels {
		at := &p.levels[l]
		d.linear(at.linear)
		parallel.For(n, d.rowsGrain(len(at.rows), chunk), rowSteps[T]{d, at.rows, chunk, block})
	}
	parallel.For(d.rows, d.rowsGrain(len(p.outputs), 1), gather[T]{d, out.Data(), out.Dim(2)})
}

func checkOutput[T tensor.Float](op string, d *run[T], out *tensor.Tensor[T]) {
	if out.Dims() != 4 || out.Dim(0)*out.Dim(2) != len(d.p.outputs) || out.Dim(1) != d.rows || out.Dim(3) != d.width {
		tensor.PanicShape(op, "want [groups, rows, outputs/groups, width]", out.Shape(), []int{len(d.p.outputs), d.rows, d.width})
	}
}

// rowsGrain returns the number of chunks worth handing to another goroutine if each row of each has
// so many steps.
func (d *run[T]) rowsGrain(steps, chunk int) int {
	return 1 + grainRows/max(1, steps*chunk*d.width)
}

// linear computes linear steps that do not depend on each other.
func (d *run[T]) linear(steps []int) {
	if len(steps) < 4 { // let each product be parallel in itself
		for _, i := range steps {
			d.runLinear(i)
		}
		return
	}
	parallel.For(len(steps), d.productGrain(), linearSteps[T]{*d, steps})
}

// productGrain returns the number of products of a linear step worth handing to another goroutine.
// With few rows they are bound by the reading of the weights.
func (d *run[T]) productGrain() int {
	return 1 + grainProduct/(max(8, d.rows)*d.width*d.width)
}

type linearSteps[T tensor.Float] struct {
	d     run[T]
	steps []int
}

func (b *linearSteps[T]) Do(lo, hi int) {
	for _, i := range b.steps[lo:hi] {
		b.d.runLinear(i)
	}
}

// fewRows is the number of rows up to which a linear step multiplies each row by itself, as dot
// products with the rows of the weight as it lies: for so few the weight is not worth packing.
const fewRows = 4

// runLinear computes linear step i.
func (d *run[T]) runLinear(i int) {
	p := d.product(i)
	if d.rows > fewRows {
		gemm.Run(p)
		return
	}
	a, c := p.A.Data, p.C
	p.M = 1
	for r := 0; r < d.rows*d.width; r += d.width {
		p.A.Data, p.C = a[r:r+d.width], c[r:r+d.width]
		gemm.Run(p)
	}
}

// product is linear step i.
func (d *run[T]) product(i int) gemm.Product[T] {
	s, w := &d.p.steps[i], d.width
	u := &d.units[s.Unit]
	return gemm.Product[T]{
		M: d.rows, N: w, K: w, Alpha: 1,
		A:        gemm.Operand[T]{Data: d.value(s.A, 0, d.rows), Row: w, Col: 1},
		B:        gemm.Operand[T]{Data: u.Weight, Row: 1, Col: w},
		C:        d.value(d.p.inputs+i, 0, d.rows),
		CRow:     w,
		Epilogue: gemm.Epilogue[T]{ColBias: u.Bias},
	}
}

// rowSteps runs steps on chunks of rows.
type rowSteps[T tensor.Float] struct {
	d            run[T]
	steps        []int
	chunk, block int
}

func (b *rowSteps[T]) Do(lo, hi int) {
	end := min(hi*b.chunk, b.d.rows)
	for r := lo * b.chunk; r < end; r += b.block {
		for _, i := range b.steps {
			b.d.step(i, r, min(r+b.block, end))
		}
	}
}

// step computes rows lo to hi-1 of the value of step i, which is not linear.
func (d *run[T]) step(i, lo, hi int) {
	s := &d.p.steps[i]
	y, a := d.value(d.p.inputs+i, lo, hi), d.value(s.A, lo, hi)
	switch s.Kind {
	case Act:
		if s.Norm {
			d.normalize(y, a, i, lo, true)
			a = y
		}
		d.act.apply(d.k, y, a, d.width, (i*d.rows+lo)*d.width)
		return
	case Add:
		d.k.Binary[kernel.Add](y, a, d.value(s.B, lo, hi))
	case Mul:
		d.k.Binary[kernel.Mul](y, a, d.value(s.B, lo, hi))
	}
	if s.Norm {
		d.normalize(y, y, i, lo, true)
	}
}

// normalize computes the normalisation of step i for the rows from number lo on. It computes the
// statistics, or takes those that an earlier call has kept.
func (d *run[T]) normalize(y, x []T, i, lo int, compute bool) {
	n := d.width
	u := &d.units[d.p.steps[i].Unit]
	var local [2][normRows]T
	for row := i*d.rows + lo; len(x) > 0; row += normRows {
		size := min(len(x), normRows*n)
		mean, rstd := local[0][:size/n], local[1][:size/n]
		if d.keep {
			mean, rstd = d.mean[row:row+size/n], d.rstd[row:row+size/n]
		}
		if compute {
			for r := range mean {
				mean[r] = d.k.RowSum(x[r*n:(r+1)*n]) / T(n)
			}
			for r, m := range mean {
				rstd[r] = d.k.SumSquaresAbout(x[r*n:(r+1)*n], m) / T(n)
			}
			for r, variance := range rstd {
				rstd[r] = kernel.InverseRoot(variance, d.eps)
			}
		}
		for r, m := range mean {
			d.k.NormalizeAffine(y[r*n:(r+1)*n], x[r*n:(r+1)*n], u.Gain, u.Shift, m, rstd[r])
		}
		x, y = x[size:], y[size:]
	}
}

// gather copies outputs to their places, row by row.
type gather[T tensor.Float] struct {
	d     run[T]
	out   []T
	group int // outputs
}

func (b *gather[T]) Do(lo, hi int) {
	for j, v := range b.d.p.outputs {
		for r := lo; r < hi; r++ {
			copy(b.d.outputRow(b.out, b.group, j, r), b.d.value(v, r, r+1))
		}
	}
}

// outputRow returns row r of output j in the storage of a tensor [groups, rows, group, width].
func (d *run[T]) outputRow(out []T, group, j, r int) []T {
	at := ((j/group*d.rows+r)*group + j%group) * d.width
	return out[at : at+d.width]
}
