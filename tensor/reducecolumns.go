package tensor

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/scratch"
)

// wideLine is the length to which short lines are put together.
const wideLine = 128

// runColumns reduces with the innermost axis kept.
func (r *axisReduction[T]) runColumns() {
	r.block = min(r.n, 1<<11)
	r.blocks = (r.n + r.block - 1) / r.block
	r.perPiece = 256 * max(1, wideLine/r.block)
	r.pieces = (r.lines + r.perPiece - 1) / r.perPiece
	if r.pieces > 1 {
		part := scratch.Take[T](r.outer * r.pieces * r.n)
		defer part.Release()
		r.partCol = part.Data
	}
	r.do(r.outer*r.pieces*r.blocks, max(1, reduceGrain/(min(r.perPiece, r.lines)*r.block)))
	for k := range r.outer {
		r.finishColumns(k, r.dst[k*r.n:][:r.n])
	}
}

// finishColumns adds up the partial lines of line k of the results, and divides.
func (r *axisReduction[T]) finishColumns(k int, dst []T) {
	if r.pieces > 1 {
		for p := range r.pieces {
			line := r.partCol[(k*r.pieces+p)*r.n:][:r.n]
			if p == 0 && !r.accumulate {
				copy(dst, line)
				continue
			}
			r.k.Binary[r.op.binary()](dst, dst, line)
		}
	}
	if r.divided {
		for i := range dst {
			dst[i] = T(float64(dst[i]) / r.divisor)
		}
	}
}

// columnPiece combines the lines of a piece, within one block of columns.
func (r *axisReduction[T]) columnPiece(u int) {
	b := u % r.blocks * r.block
	kp := u / r.blocks
	k, piece := kp/r.pieces, kp%r.pieces
	n := min(r.block, r.n-b)
	first := piece * r.perPiece
	last := min(first+r.perPiece, r.lines)
	base := at(k, r.kn[:r.nk], r.ks[:r.nk]) + b
	var dst, shift []T
	if r.pieces == 1 {
		dst = r.dst[k*r.n+b:][:n]
	} else {
		dst = r.partCol[kp*r.n+b:][:n]
	}
	if r.shift != nil {
		shift = r.shift[k*r.n+b:][:n]
	}
	if r.op == opSum || r.op == opSquares {
		if r.pieces > 1 || !r.accumulate {
			clear(dst)
		}
	} else {
		o := base + at(first, r.rn[:r.nr], r.rs[:r.nr])
		copy(dst, r.x[o:o+n])
	}
	if r.op != opSquares && r.nr == 1 && r.rs[0] == n && n <= 32 {
		r.narrow(dst, r.x[base+first*n:base+last*n])
		return
	}
	if r.op == opSum && r.nr == 1 {
		r.k.AddRows(dst, r.x[base+first*r.rs[0]:], last-first, r.rs[0])
		return
	}
	for l := first; l < last; l++ {
		o := base + at(l, r.rn[:r.nr], r.rs[:r.nr])
		r.lineTo(dst, r.x[o:o+n], shift)
	}
}

// lineTo combines one line with the results.
func (r *axisReduction[T]) lineTo(dst, x, shift []T) {
	if r.op == opSquares {
		kernel.AddSquares(dst, x, shift)
		return
	}
	r.k.Binary[r.op.binary()](dst, dst, x)
}

// binary returns the kernel that combines partial results.
func (op reduceOp) binary() kernel.Binary {
	switch op {
	case opMax:
		return kernel.Max
	case opMin:
		return kernel.Min
	default:
		return kernel.Add
	}
}

// narrow combines short lines that follow each other: several at once, as one long line, whose
// parts are combined at the end.
func (r *axisReduction[T]) narrow(dst, x []T) {
	n := len(dst)
	w := wideLine / n * n
	if len(x) < 2*w {
		for ; len(x) > 0; x = x[n:] {
			r.lineTo(dst, x[:n], nil)
		}
		return
	}
	s := scratch.Take[T](w)
	defer s.Release()
	wide := s.Data
	copy(wide, x)
	for x = x[w:]; len(x) >= w; x = x[w:] {
		r.lineTo(wide, x[:w], nil)
	}
	for ; len(x) > 0; x = x[n:] {
		r.lineTo(dst, x[:n], nil)
	}
	for ; len(wide) > 0; wide = wide[n:] {
		r.lineTo(dst, wide[:n], nil)
	}
}
