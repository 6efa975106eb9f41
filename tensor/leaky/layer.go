package leaky

import (
	"fmt"

	"elegans/tensor"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Layer is what Forward and Backward need of a network besides its input: parameters that may be
// trained, and the lengths of the sequences.
//
//	d[t] = Win x[t] + b
//	s[t] = (1-a) s[t-1] + a f(W s[t-1] + d[t])
type Layer[T tensor.Float] struct {
	W Weights[T] // [N, N]
	// Values, one for each entry of a sparse W, take the place of its own; nil leaves those.
	Values []T
	// Input is Win [N, K] for inputs [B, T, K]. Without it the inputs [B, T, N] are the drive d.
	Input      *tensor.Tensor[T]
	Bias       *tensor.Tensor[T] // b [N] or nil
	Leak       *tensor.Tensor[T] // a: [1], [N] or nil, which stands for 1
	Activation tensor.Activation // f
	Lengths    []int             // of the sequences, [B]; nil if all have T rows
}

// Gradients of Backward; those that are nil are not computed. Backward adds to what they hold.
type Gradients[T tensor.Float] struct {
	X      *tensor.Tensor[T] // of the inputs, [B, T, K], or [B, T, N] of drives
	Start  *tensor.Tensor[T] // [B, N]
	Values *tensor.Tensor[T] // one for each entry of a sparse W
	Dense  *tensor.Tensor[T] // of a dense W, [N, N]
	Input  *tensor.Tensor[T] // [N, K]
	Bias   *tensor.Tensor[T] // [N]
	Leak   *tensor.Tensor[T] // [1] or [N]
}

// Sequences are worked on in blocks of tileColumns, which goroutines share. Within a block the
// states of one step are a tile [N, columns], so that the product with a sparse matrix reads every
// weight once for all of them, and the block stays in the cache from step to step.
const tileColumns = kernel.CSRColumns

// fewSequences is the number below which a tile would be so empty that the sequences are better
// run one by one.
const fewSequences = 4

// mostParts bounds the number of sums of the gradients of parameters that are kept apart, each over
// some blocks, and then added in order: the result does not depend on the number of goroutines.
const mostParts = 8

// pass is a Layer with its operands.
type pass[T tensor.Float] struct {
	l                       Layer[T]
	k                       *kernel.Set[T]
	batch, steps, n, inputs int
	width                   int // columns of a tile
	val                     []T // of a sparse W
	x, states, start        []T
	// colPtr, row and back are the transpose of a sparse W, for the backward pass.
	colPtr, row []int32
	back        []T
}

// newPass checks the shapes. It does not wait for a device.
func newPass[T tensor.Float](op string, l Layer[T], states, start, x *tensor.Tensor[T]) pass[T] {
	bad := func(what string, shapes ...[]int) { tensor.PanicShape(op, what, shapes...) }
	if (l.W.Sparse == nil) == (l.W.Dense == nil) {
		bad("want weights that are either sparse or dense")
	}
	n := l.W.Size()
	if x.Dims() != 3 || states.Dims() != 3 || states.Dim(0) != x.Dim(0) || states.Dim(1) != x.Dim(1) || states.Dim(2) != n {
		bad("want inputs [B, T, K] and states [B, T, N]", x.Shape(), states.Shape(), []int{n})
	}
	p := pass[T]{l: l, k: kernel.Of[T](), batch: x.Dim(0), steps: x.Dim(1), n: n, inputs: x.Dim(2), x: tensor.Operand(x), states: tensor.Operand(states)}
	if s := l.W.Sparse; s != nil {
		if s.Cols != n || l.Values != nil && len(l.Values) != s.NNZ() {
			bad("want square weights and a value for each entry", []int{s.Rows, s.Cols}, []int{s.NNZ()}, []int{len(l.Values)})
		}
		if p.val = l.Values; p.val == nil {
			p.val = s.Val
		}
	} else if d := l.W.Dense; d.Dims() != 2 || d.Dim(1) != n {
		bad("want square weights", d.Shape())
	}
	switch {
	case l.Input == nil && p.inputs != n:
		bad("want drives [B, T, N] where there are no input weights", x.Shape(), []int{n})
	case l.Input != nil && (l.Input.Dims() != 2 || l.Input.Dim(0) != n || l.Input.Dim(1) != p.inputs):
		bad("want input weights [N, K]", l.Input.Shape(), []int{n, p.inputs})
	case l.Bias != nil && l.Bias.Len() != n:
		bad("want a bias [N]", l.Bias.Shape(), []int{n})
	case l.Leak != nil && l.Leak.Len() != 1 && l.Leak.Len() != n:
		bad("want a leak [1] or [N]", l.Leak.Shape(), []int{n})
	case start != nil && start.Len() != p.batch*n:
		bad("want a start [B, N]", start.Shape(), []int{p.batch, n})
	case l.Lengths != nil && len(l.Lengths) != p.batch:
		bad("want a length for each sequence", []int{len(l.Lengths)}, []int{p.batch})
	}
	for b, length := range l.Lengths {
		if length < 0 || length > p.steps {
			bad(fmt.Sprintf("sequence %d has length %d, want 0 to %d", b, length, p.steps), x.Shape())
		}
	}
	p.start = tensor.Operand(start)
	p.width = tileColumns
	if l.W.Dense != nil {
		p.width = min(tileColumns, max(1, p.batch))
	} else if p.batch < fewSequences {
		p.width = 1
	}
	return p
}

// length returns the number of rows of a sequence.
func (p *pass[T]) length(sequence int) int {
	if p.l.Lengths == nil {
		return p.steps
	}
	return p.l.Lengths[sequence]
}

// blocks returns the number of blocks, and how many parts share them.
func (p *pass[T]) blocks() (blocks, parts int) {
	blocks = (p.batch + p.width - 1) / p.width
	return blocks, min(blocks, mostParts)
}

// block is the sequences lo to hi-1, of which the longest has last rows.
type block[T tensor.Float] struct {
	*pass[T]
	lo, hi, last int
}

func (p *pass[T]) block(i int) block[T] {
	b := block[T]{pass: p, lo: i * p.width, hi: min((i+1)*p.width, p.batch)}
	for s := b.lo; s < b.hi; s++ {
		b.last = max(b.last, p.length(s))
	}
	return b
}

// band is the number of rows of a tile whose first-level cache lines are all written before the
// next ones, where rows turn into columns.
const band = 128

// load turns rows, of item number t of every sequence of x [B, steps, n], into the columns of a
// tile. Those of sequences that have ended, and those left over, become 0.
func (b *block[T]) load(tile, x []T, steps, n, t int) {
	w := b.width
	clear(tile)
	for i0 := 0; i0 < n; i0 += band {
		i1 := min(i0+band, n)
		for s := b.lo; s < b.hi; s++ {
			if t >= b.length(s) {
				continue
			}
			row, at := x[(s*steps+t)*n+i0:(s*steps+t)*n+i1], i0*w+s-b.lo
			for _, v := range row {
				tile[at] = v
				at += w
			}
		}
	}
}

// add is load that adds to the tile.
func (b *block[T]) add(tile, x []T, n, t int) {
	w := b.width
	for i0 := 0; i0 < n; i0 += band {
		i1 := min(i0+band, n)
		for s := b.lo; s < b.hi; s++ {
			if t >= b.length(s) {
				continue
			}
			row, at := x[(s*b.steps+t)*n+i0:(s*b.steps+t)*n+i1], i0*w+s-b.lo
			for _, v := range row {
				tile[at] += v
				at += w
			}
		}
	}
}

// store writes the columns of a tile to rows t of the sequences, and 0 to those that have ended.
func (b *block[T]) store(x, tile []T, n, t int) {
	w := b.width
	for i0 := 0; i0 < n; i0 += band {
		i1 := min(i0+band, n)
		for s := b.lo; s < b.hi; s++ {
			row, at := x[(s*b.steps+t)*n+i0:(s*b.steps+t)*n+i1], i0*w+s-b.lo
			if t >= b.length(s) {
				clear(row)
				continue
			}
			for i := range row {
				row[i] = tile[at]
				at += w
			}
		}
	}
}

// accumulate adds the columns of a tile to rows t of the sequences that have not ended.
func (b *block[T]) accumulate(x, tile []T, n, t int) {
	w := b.width
	for i0 := 0; i0 < n; i0 += band {
		i1 := min(i0+band, n)
		for s := b.lo; s < b.hi; s++ {
			if t >= b.length(s) {
				continue
			}
			row, at := x[(s*b.steps+t)*n+i0:(s*b.steps+t)*n+i1], i0*w+s-b.lo
			for i := range row {
				row[i] += tile[at]
				at += w
			}
		}
	}
}

// begin sets a tile to the state before the first row.
func (b *block[T]) begin(tile []T) {
	clear(tile)
	if b.start == nil {
		return
	}
	for s := b.lo; s < b.hi; s++ {
		for i, v := range b.start[s*b.n : (s+1)*b.n] {
			tile[i*b.width+s-b.lo] = v
		}
	}
}

// inputsOf copies row t of the inputs of every sequence, [columns, K], with 0 for those that have
// ended, whose padding may hold anything.
func (b *block[T]) inputsOf(u []T, t int) {
	clear(u)
	for s := b.lo; s < b.hi; s++ {
		if t < b.length(s) {
			copy(u[(s-b.lo)*b.inputs:(s-b.lo+1)*b.inputs], b.x[(s*b.steps+t)*b.inputs:])
		}
	}
}

// drive sets a tile to Win x[t] + b, given the inputs of inputsOf.
func (b *block[T]) drive(tile, u []T, t int) {
	var bias []T
	if b.l.Bias != nil {
		bias = b.l.Bias.Data()
	}
	if b.l.Input == nil {
		b.load(tile, b.x, b.steps, b.n, t)
		for i, v := range bias {
			row := tile[i*b.width : (i+1)*b.width]
			b.k.BinaryVS[kernel.Add](row, row, v)
		}
		return
	}
	gemm.Run(gemm.Product[T]{
		M: b.n, N: b.width, K: b.inputs, A: gemm.Operand[T]{Data: b.l.Input.Data(), Row: b.inputs, Col: 1},
		B: gemm.Operand[T]{Data: u, Row: 1, Col: b.inputs}, C: tile, CRow: b.width, Alpha: 1,
		Epilogue: gemm.Epilogue[T]{RowBias: bias},
	})
}

// multiply adds W x to a tile.
func (b *block[T]) multiply(tile, x []T) {
	if d := b.l.W.Dense; d != nil {
		b.dense(tile, gemm.Operand[T]{Data: d.Data(), Row: b.n, Col: 1}, x)
		return
	}
	b.sparse(tile, b.l.W.Sparse.RowPtr, b.l.W.Sparse.Col, b.val, x)
}

// multiplyBack adds the product of the transpose of W with x to a tile.
func (b *block[T]) multiplyBack(tile, x []T) {
	if d := b.l.W.Dense; d != nil {
		b.dense(tile, gemm.Operand[T]{Data: d.Data(), Row: 1, Col: b.n}, x)
		return
	}
	b.sparse(tile, b.colPtr, b.row, b.back, x)
}

func (b *block[T]) dense(tile []T, w gemm.Operand[T], x []T) {
	gemm.Run(gemm.Product[T]{
		M: b.n, N: b.width, K: b.n, A: w, B: gemm.Operand[T]{Data: x, Row: b.width, Col: 1},
		C: tile, CRow: b.width, Alpha: 1, Beta: 1,
	})
}

// callEntries is the number of entries of one call of a kernel, which cannot be interrupted.
const callEntries = 1 << 16

// tileWork is the number of multiply-adds with a sparse matrix that are worth another goroutine. It
// counts only where there are too few blocks to share.
const tileWork = 1 << 17

func (b *block[T]) sparse(tile []T, ptr, col []int32, val, x []T) {
	grain := max(1, b.n*tileWork/max(1, len(col)*b.width))
	parallel.For(b.n, grain, rows[T]{b.k, b.width, tile, ptr, col, val, x})
}

// rows is the product of rows of a sparse matrix with a tile.
type rows[T tensor.Float] struct {
	k        *kernel.Set[T]
	width    int
	tile     []T
	ptr, col []int32
	val, x   []T
}

func (r *rows[T]) Do(from, end int) {
	for lo, hi := from, 0; lo < end; lo = hi {
		hi = min(rowsOfCall(r.ptr, lo), end)
		if r.width == 1 {
			r.k.CSRVec(r.tile[lo:hi], r.ptr[lo:hi+1], r.col, r.val, r.x, 1, 1)
		} else {
			r.k.CSRTile(r.tile[lo*r.width:], r.width, r.ptr[lo:hi+1], r.col, r.val, r.x, 1)
		}
	}
}

// rowsOfCall returns the end of the rows from lo on that a kernel takes in one call.
func rowsOfCall(ptr []int32, lo int) int {
	hi := lo + 1
	for hi < len(ptr)-1 && ptr[hi+1]-ptr[lo] <= callEntries {
		hi++
	}
	return hi
}

// leaks fills tiles with the leaks and the reciprocals of them, and reports whether there is any
// that is not 1. A leak of 0 has a reciprocal of 0: its neuron keeps its state.
func (p *pass[T]) leaks(leak, inverse []T) bool {
	if p.l.Leak == nil {
		return false
	}
	all, any := p.l.Leak.Data(), false
	for i := range p.n {
		a := all[min(i, len(all)-1)]
		any = any || a != 1
		p.k.Fill(leak[i*p.width:(i+1)*p.width], a)
		if inverse != nil {
			r := T(0)
			if a != 0 {
				r = 1 / a
			}
			p.k.Fill(inverse[i*p.width:(i+1)*p.width], r)
		}
	}
	return any
}

// activate applies f.
func (p *pass[T]) activate(tile []T) {
	if a := p.l.Activation; !a.Identity {
		p.k.Map[a.Op](tile, tile, T(a.A), T(a.B))
	}
}
