package leaky

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Backward is the backward pass of Forward, by backpropagation through time (P. Werbos, Proc. IEEE
// 78, 1990): dy [B, T, N] is the gradient of the states. With g[t] the gradient of s[t] through
// all later steps too,
//
//	z[t]   = W s[t-1] + Win x[t] + b
//	e[t]   = a g[t] f'(z[t])
//	g[t-1] = dy[t-1] + (1-a) g[t] + Wᵀ e[t]
//	dx[t]  = Winᵀ e[t],  dWin += e[t] x[t]ᵀ,  dW += e[t] s[t-1]ᵀ,  db += e[t]
//	da    += g[t] (s[t]-s[t-1])/a
//
// It needs nothing of the forward pass but the states. f(z[t]) is s[t-1] + (s[t]-s[t-1])/a, which
// is all that the derivative of the usual activations asks for; the others compute z[t] once more.
// That value has an absolute error of the rounding error over a.
func Backward[T tensor.Float](g Gradients[T], dy, states, start, x *tensor.Tensor[T], l Layer[T]) {
	p := newPass("leaky.Backward", l, states, start, x)
	g.check(&p, dy, x)
	if p.batch == 0 || p.steps == 0 {
		return
	}
	if d := device.Active(); d != nil {
		p.deviceBackward(d, g, dy, x)
		return
	}
	if s := l.W.Sparse; s != nil {
		var place []int32
		p.colPtr, p.row, place = s.Transposed()
		back := scratch.Take[T](len(place))
		defer back.Release()
		p.back = back.Data
		for i, k := range place {
			p.back[i] = p.val[k]
		}
	}
	_, parts := p.blocks()
	b := backward[T]{pass: p, parts: parts, g: g, dy: dy.Data()}
	b.layout()
	sums := scratch.Take[T](parts * b.sumSize)
	clear(sums.Data)
	b.sums = sums.Data
	parallel.For(parts, 1, b)
	for i := range parts {
		b.collect(sums.Data[i*b.sumSize : (i+1)*b.sumSize])
	}
	sums.Release()
}

// check panics unless the gradients have the shapes of what they belong to.
func (g *Gradients[T]) check(p *pass[T], dy, x *tensor.Tensor[T]) {
	l := p.l
	fit := func(what string, g *tensor.Tensor[T], n int) {
		if g != nil && g.Len() != n {
			tensor.PanicShape("leaky.Backward", "the gradient of the "+what+" has another size", g.Shape(), []int{n})
		}
	}
	sizeOf := func(t *tensor.Tensor[T]) int {
		if t == nil {
			return -1
		}
		return t.Len()
	}
	fit("states", dy, len(p.states))
	fit("inputs", g.X, x.Len())
	fit("start", g.Start, p.batch*p.n)
	fit("input weights", g.Input, sizeOf(l.Input))
	fit("bias", g.Bias, p.n)
	fit("leak", g.Leak, sizeOf(l.Leak))
	fit("dense weights", g.Dense, sizeOf(l.W.Dense))
	entries := -1
	if l.W.Sparse != nil {
		entries = l.W.Sparse.NNZ()
	}
	fit("values", g.Values, entries)
}

// backward is the loop of Backward over parts of the blocks. Each part sums the gradients of the
// parameters for itself.
type backward[T tensor.Float] struct {
	pass[T]
	parts   int
	g       Gradients[T]
	dy      []T
	sums    []T // [parts, sumSize]
	sumSize int
	// Where the gradients of W, Win, b and a begin in a part's sums. Those of b and a are tiles,
	// whose columns are added up at the end: shorter sums round less.
	atW, atInput, atBias, atLeak int
	wide                         int // steps whose products make one with a dense W
}

// wideColumns is the number of columns of a product that makes a gradient of dense weights: one
// step alone would read and write them all for a tile's worth of columns.
const wideColumns = 256

func (b *backward[T]) layout() {
	at := 0
	take := func(n int, wanted bool) int {
		from := at
		if wanted {
			at += n
		}
		return from
	}
	b.wide = 1
	switch {
	case b.g.Values != nil:
		b.atW = take(len(b.val), true)
	case b.g.Dense != nil:
		b.atW = take(b.n*b.n, true)
		b.wide = max(1, wideColumns/b.width)
	}
	b.atInput = take(b.n*b.inputs, b.g.Input != nil)
	b.atBias = take(b.n*b.width, b.g.Bias != nil)
	b.atLeak = take(b.n*b.width, b.g.Leak != nil)
	b.sumSize = at
}

// Do runs parts lo to hi-1.
func (b *backward[T]) Do(lo, hi int) {
	size := b.n * b.width
	wide := 0
	if b.g.Dense != nil {
		wide = size * b.wide
	}
	s := scratch.Take[T](9*size + 2*wide + b.width*b.inputs)
	defer s.Release()
	w := worker[T]{backward: b}
	rest := s.Data
	cut := func(n int) []T {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	w.grad, w.state, w.before, w.e, w.f, w.z = cut(size), cut(size), cut(size), cut(size), cut(size), cut(size)
	w.leak, w.inverse, w.keep = cut(size), cut(size), cut(size)
	w.wideE, w.wideS, w.u = cut(wide), cut(wide), cut(b.width*b.inputs)
	if w.leaky = b.leaks(w.leak, w.inverse); w.leaky {
		b.k.BinarySV[kernel.Sub](w.keep, 1, w.leak)
	}
	blocks, _ := b.blocks()
	for part := lo; part < hi; part++ {
		w.sums = b.sums[part*b.sumSize : (part+1)*b.sumSize]
		for i := part * blocks / b.parts; i < (part+1)*blocks/b.parts; i++ {
			w.block = b.block(i)
			w.run()
		}
	}
}

// worker goes backward through one block after the other.
type worker[T tensor.Float] struct {
	*backward[T]
	block block[T]
	leaky bool
	sums  []T
	// Tiles: the gradient of the state, this and the state before, e, f(z) and z of the comment of
	// Backward, a, 1/a and 1-a.
	grad, state, before, e, f, z, leak, inverse, keep []T
	// wideE and wideS collect e and the state before for some steps.
	wideE, wideS []T
	filled       int
	u            []T // inputs of a step
}

func (w *worker[T]) run() {
	k, b := w.k, &w.block
	clear(w.grad)
	if b.last > 0 {
		b.load(w.state, w.states, w.steps, w.n, b.last-1)
	}
	for t := b.last - 1; t >= 0; t-- {
		b.add(w.grad, w.dy, w.n, t)
		if t > 0 {
			b.load(w.before, w.states, w.steps, w.n, t-1)
		} else {
			b.begin(w.before)
		}
		w.inner()
		if w.l.Input != nil {
			b.inputsOf(w.u, t)
		}
		w.slope(t)
		w.parameters()
		w.input(t)
		if w.leaky {
			k.Binary[kernel.Mul](w.grad, w.grad, w.keep)
		} else {
			clear(w.grad)
		}
		b.multiplyBack(w.grad, w.e)
		w.state, w.before = w.before, w.state
	}
	w.flush()
	if w.g.Start != nil {
		start := w.g.Start.Data()
		for s := b.lo; s < b.hi; s++ {
			for i := range w.n {
				start[s*w.n+i] += w.grad[i*w.width+s-b.lo]
			}
		}
	}
}

// inner finds f(z) from the states, and the gradient of the leak.
func (w *worker[T]) inner() {
	k := w.k
	if w.l.Leak == nil {
		copy(w.f, w.state)
		return
	}
	k.Binary[kernel.Sub](w.f, w.state, w.before)
	k.Binary[kernel.Mul](w.f, w.f, w.inverse)
	if w.g.Leak != nil {
		k.MulAdd(w.sums[w.atLeak:w.atLeak+len(w.f)], w.f, w.grad)
	}
	if w.leaky {
		k.Binary[kernel.Add](w.f, w.f, w.before)
	} else {
		copy(w.f, w.state)
	}
}

// slope sets e = a grad f'(z).
func (w *worker[T]) slope(t int) {
	k, a := w.k, w.l.Activation
	e := w.grad
	if w.leaky {
		k.Binary[kernel.Mul](w.e, w.grad, w.leak)
		e = w.e
	}
	switch {
	case a.Identity:
		if !w.leaky {
			copy(w.e, w.grad)
		}
	case a.FromResult:
		k.MapGrad[a.Op](w.e, e, w.f, w.f, T(a.A), T(a.B), 0)
	default:
		w.block.drive(w.z, w.u, t)
		w.block.multiply(w.z, w.before)
		k.MapGrad[a.Op](w.e, e, w.z, w.f, T(a.A), T(a.B), 0)
	}
}

// parameters adds what a step contributes to the gradients of W, Win and b.
func (w *worker[T]) parameters() {
	switch {
	case w.g.Values != nil:
		w.values(w.sums[w.atW : w.atW+len(w.val)])
	case w.g.Dense != nil:
		if w.filled == w.wide {
			w.flush()
		}
		widen(w.wideE, w.e, w.width, w.wide, w.filled)
		widen(w.wideS, w.before, w.width, w.wide, w.filled)
		w.filled++
	}
	if w.g.Input != nil {
		gemm.Run(gemm.Product[T]{
			M: w.n, N: w.inputs, K: w.width, A: gemm.Operand[T]{Data: w.e, Row: w.width, Col: 1},
			B: gemm.Operand[T]{Data: w.u, Row: w.inputs, Col: 1}, C: w.sums[w.atInput : w.atInput+w.n*w.inputs], CRow: w.inputs,
			Alpha: 1, Beta: 1,
		})
	}
	if w.g.Bias != nil {
		sum := w.sums[w.atBias : w.atBias+len(w.e)]
		w.k.Binary[kernel.Add](sum, sum, w.e)
	}
}

// values adds to the gradient of the values of a sparse W.
func (w *worker[T]) values(sum []T) {
	ptr, col := w.l.W.Sparse.RowPtr, w.l.W.Sparse.Col
	if w.width == 1 {
		for r, e := range w.e {
			for k := ptr[r]; k < ptr[r+1]; k++ {
				sum[k] += e * w.before[col[k]]
			}
		}
		return
	}
	for lo, hi := 0, 0; lo < w.n; lo = hi {
		hi = rowsOfCall(ptr, lo)
		w.k.CSRDots(sum, ptr[lo:hi+1], col, w.e[lo*w.width:], w.width, w.before, len(w.before), 1)
	}
}

// widen copies a tile to place number i among so many side by side.
func widen[T tensor.Float](dst, tile []T, width, places, i int) {
	for r := range len(tile) / width {
		copy(dst[(r*places+i)*width:(r*places+i+1)*width], tile[r*width:])
	}
}

// flush adds the collected steps to the gradient of a dense W.
func (w *worker[T]) flush() {
	if w.filled == 0 {
		return
	}
	row := w.wide * w.width
	gemm.Run(gemm.Product[T]{
		M: w.n, N: w.n, K: w.filled * w.width, A: gemm.Operand[T]{Data: w.wideE, Row: row, Col: 1},
		B: gemm.Operand[T]{Data: w.wideS, Row: 1, Col: row}, C: w.sums[w.atW : w.atW+w.n*w.n], CRow: w.n, Alpha: 1, Beta: 1,
	})
	w.filled = 0
}

// input adds to the gradient of the inputs of step t. Sequences share no rows of it.
func (w *worker[T]) input(t int) {
	switch b := &w.block; {
	case w.g.X == nil:
	case w.l.Input == nil:
		b.accumulate(w.g.X.Data(), w.e, w.n, t)
	default:
		// The e of sequences that have ended is 0.
		first := (b.lo*w.steps + t) * w.inputs
		gemm.Run(gemm.Product[T]{
			M: b.hi - b.lo, N: w.inputs, K: w.n, A: gemm.Operand[T]{Data: w.e, Row: 1, Col: w.width},
			B: gemm.Operand[T]{Data: w.l.Input.Data(), Row: w.inputs, Col: 1}, C: w.g.X.Data()[first:], CRow: w.steps * w.inputs,
			Alpha: 1, Beta: 1,
		})
	}
}

// collect adds the sums of a part to the gradients.
func (b *backward[T]) collect(sums []T) {
	addTo := func(g *tensor.Tensor[T], at int) {
		if g != nil {
			b.k.Binary[kernel.Add](g.Data(), g.Data(), sums[at:at+g.Len()])
		}
	}
	addTo(b.g.Values, b.atW)
	addTo(b.g.Dense, b.atW)
	addTo(b.g.Input, b.atInput)
	rows := func(g *tensor.Tensor[T], at int) {
		if g == nil {
			return
		}
		d := g.Data()
		if len(d) == 1 {
			d[0] += T(b.k.Sum(sums[at : at+b.n*b.width]))
			return
		}
		for i := range d {
			d[i] += T(b.k.Sum(sums[at+i*b.width : at+(i+1)*b.width]))
		}
	}
	rows(b.g.Bias, b.atBias)
	rows(b.g.Leak, b.atLeak)
}
