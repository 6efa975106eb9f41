package program

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Grads are the gradients to which Backward adds. Nil members, of the units too, are
// not wanted.
type Grads[T tensor.Float] struct {
	X     *tensor.Tensor[T] // [inputs, rows, width]
	Units []Unit[T]         // one for each unit of the program
	// Overwrite says for each unit that Weight is to be written and not added to, whatever it
	// holds.
	Overwrite []bool
	Slope     []T // of PReLU
}

// backward is a program on its way back.
type backward[T tensor.Float] struct {
	run[T]
	to    Grads[T]
	dx    []T // nil if not wanted
	grads []T // [gradSlots, rows, width]
	// [chunks, units*2*width + 1]: sums for gains, shifts and the slope; nil if not wanted
	parts  []T
	stride int // of parts
}

// Backward is the backward pass of Run, which has kept its values in m: it adds to the
// gradients, given that of the outputs, dout. grads is scratch [p.GradSlots(), rows, width].
func Backward[T tensor.Float](p *Program, to Grads[T], dout, x *tensor.Tensor[T], units []Unit[T], act Activation[T], eps T, m Memory[T], grads *tensor.Tensor[T]) {
	const op = "program.Backward"
	d := backward[T]{run: newRun(op, p, x, units, act, eps, m), to: to, grads: tensor.Operand(grads)}
	checkOutput(op, &d.run, dout)
	if !d.keep || len(d.grads) != p.gradSlots*d.rows*d.width || len(to.Units) != p.units || len(to.Overwrite) != p.units {
		tensor.PanicShape(op, "want the memory of a run, gradients [slots, rows, width] and a list of all units", grads.Shape(), []int{p.gradSlots, d.rows, d.width}, []int{len(to.Units)}, []int{p.units})
	}
	if to.X != nil {
		if !tensor.SameShape(to.X, x) {
			tensor.PanicShape(op, "the gradient of the inputs has another shape than they", to.X.Shape(), x.Shape())
		}
		d.dx = tensor.Operand(to.X)
	}
	if on := device.Active(); on != nil && act.onDevice() {
		d.deviceBackward(on, tensor.Operand(dout), dout.Dim(2))
		return
	}
	device.Stay(op)
	n, chunk, block := d.chunks()
	d.stride = p.units*2*d.width + 1
	parts := scratch.Take[T](n * d.stride)
	defer parts.Release()
	clear(parts.Data)
	d.parts = parts.Data

	parallel.For(d.rows, d.rowsGrain(len(p.outputs), 1), scatter[T]{d, dout.Data(), dout.Dim(2)})
	for l := len(p.levels) - 1; l >= 0; l-- {
		at := &p.levels[l]
		parallel.For(n, d.rowsGrain(4*len(at.rows), chunk), rowsBackward[T]{d, at.rows, chunk, block})
		d.sourceGrads(at)
	}
	parallel.For(p.units, d.productGrain(), unitBackward[T]{d, n})
	if to.Slope != nil {
		for c := range n {
			to.Slope[0] += d.parts[(c+1)*d.stride-1]
		}
	}
}

// grad returns rows lo to hi-1 of the gradient of a value; of an input only if it is wanted.
func (d *backward[T]) grad(v, lo, hi int) []T {
	from := d.dx
	if v >= d.p.inputs {
		v, from = d.p.gradSlot[v-d.p.inputs], d.grads
	} else if d.dx == nil {
		return nil
	}
	return from[(v*d.rows+lo)*d.width : (v*d.rows+hi)*d.width]
}

// scatter starts the gradients of the output values.
type scatter[T tensor.Float] struct {
	backward[T]
	dout  []T
	group int
}

func (b *scatter[T]) Do(lo, hi int) {
	for j, v := range b.p.outputs {
		if b.grad(v, lo, hi) == nil {
			continue
		}
		for r := lo; r < hi; r++ {
			g, dy := b.grad(v, r, r+1), b.outputRow(b.dout, b.group, j, r)
			if b.p.firstOut[j] {
				copy(g, dy)
			} else {
				b.k.Binary[kernel.Add](g, g, dy)
			}
		}
	}
}

// rowsBackward is the backward pass of rowSteps.
type rowsBackward[T tensor.Float] struct {
	backward[T]
	steps        []int
	chunk, block int
}

func (b *rowsBackward[T]) Do(lo, hi int) {
	work := scratch.Take[T](2 * b.block * b.width)
	defer work.Release()
	for c := lo; c < hi; c++ {
		part := b.parts[c*b.stride : (c+1)*b.stride]
		end := min((c+1)*b.chunk, b.rows)
		for r := c * b.chunk; r < end; r += b.block {
			last := min(r+b.block, end)
			z, g := work.Data[:(last-r)*b.width], work.Data[b.block*b.width:][:(last-r)*b.width]
			for j := len(b.steps) - 1; j >= 0; j-- {
				b.stepGrad(b.steps[j], r, last, z, g, part)
			}
		}
	}
}

// stepGrad adds to the gradients of the operands of step i, rows lo to hi-1, and to the sums of the
// chunk. z and g are scratch of as many rows.
func (d *backward[T]) stepGrad(i, lo, hi int, z, g, part []T) {
	s := &d.p.steps[i]
	dy, a, da := d.grad(d.p.inputs+i, lo, hi), d.value(s.A, lo, hi), d.grad(s.A, lo, hi)
	if s.Kind == Act {
		d.actGrad(i, lo, dy, a, da, d.value(d.p.inputs+i, lo, hi), z, g, part)
		return
	}
	b, db := d.value(s.B, lo, hi), d.grad(s.B, lo, hi)
	if s.Norm {
		if s.Kind == Mul {
			d.k.Binary[kernel.Mul](z, a, b)
		} else {
			d.k.Binary[kernel.Add](z, a, b)
		}
		clear(g)
		d.normGrad(g, dy, z, i, lo, part)
		dy = g
	}
	if s.Kind == Mul {
		d.addProduct(da, dy, b, d.p.firstA[i])
		d.addProduct(db, dy, a, d.p.firstB[i])
	} else {
		d.addSum(da, dy, d.p.firstA[i])
		d.addSum(db, dy, d.p.firstB[i])
	}
}

func (d *backward[T]) addProduct(dst, a, b []T, first bool) {
	switch {
	case dst == nil:
	case first:
		d.k.Binary[kernel.Mul](dst, a, b)
	default:
		d.k.MulAdd(dst, a, b)
	}
}

func (d *backward[T]) addSum(dst, a []T, first bool) {
	switch {
	case dst == nil:
	case first:
		copy(dst, a)
	default:
		d.k.Binary[kernel.Add](dst, dst, a)
	}
}

// actGrad is stepGrad of an activation y = act(norm(a)).
func (d *backward[T]) actGrad(i, lo int, dy, a, da, y, z, g, part []T) {
	s, at := &d.p.steps[i], (i*d.rows+lo)*d.width
	slope := &part[len(part)-1]
	if !s.Norm {
		beta := T(1)
		if da == nil {
			da = g // for the gradient of the slope
		}
		if d.p.firstA[i] {
			beta = 0
		}
		*slope += T(d.act.grad(d.k, da, dy, a, y, d.width, at, beta))
		return
	}
	d.normalize(z, a, i, lo, false)
	*slope += T(d.act.grad(d.k, g, dy, z, y, d.width, at, 0))
	if da == nil {
		da = z
	}
	if d.p.firstA[i] {
		clear(da)
	}
	d.normGrad(da, g, a, i, lo, part)
}

// normGrad adds to dx the gradient of the normalisation of step i of the rows x from number lo on,
// given that of its result, dy, and to the sums of the chunk those of gain and shift. With xhat =
// (x - mean)*rstd and g = dy*gain: dx += rstd * (g - mean(g) - xhat*mean(g*xhat)).
func (d *backward[T]) normGrad(dx, dy, x []T, i, lo int, part []T) {
	n, unit := d.width, d.p.steps[i].Unit
	gain := d.units[unit].Gain
	rows := len(x) / n
	mean, rstd := d.mean[i*d.rows+lo:][:rows], d.rstd[i*d.rows+lo:][:rows]
	var slope, offset [normRows]T
	for first := 0; first < rows; first += normRows {
		// some rows take each pass together, as in normalize
		last := min(first+normRows, rows)
		for r := first; r < last; r++ {
			sum, dot := d.k.NormDotsAffine(dy[r*n:(r+1)*n], x[r*n:(r+1)*n], gain, mean[r])
			rs := rstd[r]
			slope[r-first], offset[r-first] = -rs*rs*rs*dot/T(n), -rs*sum/T(n)
		}
		for r := first; r < last; r++ {
			d.k.NormGradAffine(dx[r*n:(r+1)*n], dy[r*n:(r+1)*n], x[r*n:(r+1)*n], gain, mean[r], rstd[r], slope[r-first], offset[r-first])
		}
	}
	if to := &d.to.Units[unit]; to.Gain != nil || to.Shift != nil {
		d.k.NormGradParams(part[unit*2*n:][:n], part[(unit*2+1)*n:][:n], dy, x, mean, rstd, n)
	}
}

// sourceGrads adds to the gradients of the operands of a level's linear steps. Steps with the same
// operand are added one after the other; the loop is over pieces of the operands.
func (d *backward[T]) sourceGrads(at *level) {
	for j := range at.sources {
		s := &at.sources[j]
		if d.grad(s.value, 0, d.rows) == nil {
			continue
		}
		b := sourceBackward[T]{backward: *d, source: s, cols: min(d.width, 64), block: min(d.rows, 64)}
		if d.width < 128 {
			b.cols = (d.width + 1) / 2
		}
		b.across = ceilDiv(d.width, b.cols)
		work := len(s.steps) * b.block * b.cols * d.width
		parallel.For(b.across*ceilDiv(d.rows, b.block), 1+grainProduct/max(1, work), b)
	}
}

// sourceBackward is the loop body of sourceGrads: iteration number i*across + j is columns
// j*cols and following of rows i*block and following.
type sourceBackward[T tensor.Float] struct {
	backward[T]
	source              *source
	block, cols, across int
}

func (b *sourceBackward[T]) Do(lo, hi int) {
	w := b.width
	for ; lo < hi; lo++ {
		r, c := lo/b.across*b.block, lo%b.across*b.cols
		rows, cols := min(b.block, b.rows-r), min(b.cols, w-c)
		p := gemm.Product[T]{M: rows, N: cols, K: w, Alpha: 1, Beta: 1, C: b.grad(b.source.value, r, r+rows)[c:], CRow: w}
		for j, i := range b.source.steps {
			p.Beta = 1
			if j == 0 && b.source.first {
				p.Beta = 0
			}
			p.A = gemm.Operand[T]{Data: b.grad(b.p.inputs+i, r, r+rows), Row: w, Col: 1}
			p.B = gemm.Operand[T]{Data: b.units[b.p.steps[i].Unit].Weight[c:], Row: w, Col: 1}
			gemm.Run(p)
		}
	}
}

// unitBackward adds to the gradients of units: those of the linear steps from all rows at once,
// one step after the other, and the sums of the chunks.
type unitBackward[T tensor.Float] struct {
	backward[T]
	chunks int
}

func (b *unitBackward[T]) Do(lo, hi int) {
	w := b.width
	for unit := lo; unit < hi; unit++ {
		to := &b.to.Units[unit]
		beta := T(1)
		if b.to.Overwrite[unit] {
			beta = 0
		}
		for _, i := range b.p.byUnit[unit] {
			dz := b.grad(b.p.inputs+i, 0, b.rows)
			if to.Weight != nil {
				gemm.Run(gemm.Product[T]{
					M: w, N: w, K: b.rows, Alpha: 1, Beta: beta, C: to.Weight, CRow: w,
					A: gemm.Operand[T]{Data: dz, Row: 1, Col: w},
					B: gemm.Operand[T]{Data: b.value(b.p.steps[i].A, 0, b.rows), Row: w, Col: 1},
				})
				beta = 1
			}
			if to.Bias != nil {
				b.k.AddRows(to.Bias, dz, b.rows, w)
			}
		}
		if to.Weight != nil && beta == 0 { // no linear step uses it
			clear(to.Weight)
		}
		if b.p.rowsOfUnit[unit] && to.Gain != nil {
			b.k.AddRows(to.Gain, b.parts[unit*2*w:], b.chunks, b.stride)
		}
		if b.p.rowsOfUnit[unit] && to.Shift != nil {
			b.k.AddRows(to.Shift, b.parts[(unit*2+1)*w:], b.chunks, b.stride)
		}
	}
}
