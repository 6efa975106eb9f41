package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// reduceOp says how a reduction combines elements.
type reduceOp uint8

const (
	opSum     reduceOp = iota
	opSquares          // sum of (x-shift)^2, with one shift for every result
	opMax
	opMin
	// Of the device alone, where these take one launch.
	opVariance // sum of (x-mean)^2
	opPowers   // sum of |x|^p
	opProduct
)

// axisReduction computes dst[k] = combination over r of x[k, r], where k stands for the kept and r
// for the reduced axes of x. Neighbouring axes are merged where strides allow, so a reduction over
// any axes of a contiguous tensor comes down to few loops around one of two kernels:
//
//   - rows: the innermost axis is reduced. Pieces of rows give partial results, which are added up
//     in float64;
//   - columns: the innermost axis is kept. Whole lines are added to a line of results, a few
//     hundred at a time before partial lines are added up.
//
// The pieces depend on the shape alone, and are combined in order.
type axisReduction[T Float] struct {
	k          *kernel.Set[T]
	name       string
	op         reduceOp
	accumulate bool // dst += instead of dst =, for sums
	divided    bool // sums are divided by divisor
	divisor    float64
	p, root    float64 // of opPowers; of the device, which takes roots along the way: 0 for none
	dst, x     []T
	shift      []T // of opSquares, or nil

	nk, nr int
	kn, ks [MaxDims]int // kept axes: lengths, strides in x
	rn, rs [MaxDims]int // reduced axes

	columns   bool
	n, stride int // the innermost axis, which is taken out of kn or rn
	block     int // length of its pieces
	blocks    int
	outer     int // results (rows) or lines of results (columns)
	lines     int // lines along the innermost axis that are combined
	perPiece  int // (line, block) pairs (rows) or lines (columns) of a piece
	pieces    int
	partRow   []float64
	partCol   []T
}

// reduceGrain is the number of elements that one goroutine reduces at a time.
const reduceGrain = 1 << 15

// axesMask returns the axes as a set, all of them if there are none.
func axesMask[T Float](op string, x *Tensor[T], axes []int) (mask uint) {
	if len(axes) == 0 {
		return 1<<x.ndim - 1
	}
	for _, a := range axes {
		bit := uint(1) << x.Axis(op, a)
		if mask&bit != 0 {
			PanicShape(op, "an axis is named twice", x.Shape())
		}
		mask |= bit
	}
	return mask
}

// checkReduced panics unless dst has the shape of x without the axes of the mask, or with length 1
// in their place.
func checkReduced[T Float](op string, dst, x *Tensor[T], mask uint) {
	if !reducedShape(dst.Shape(), x.Shape(), mask, false) && !reducedShape(dst.Shape(), x.Shape(), mask, true) {
		PanicShape(op, "the destination does not have the reduced shape", dst.Shape(), x.Shape())
	}
}

func reducedShape(dst, x []int, mask uint, keep bool) bool {
	j := 0
	for i, n := range x {
		if mask>>i&1 != 0 {
			if !keep {
				continue
			}
			n = 1
		}
		if j == len(dst) || dst[j] != n {
			return false
		}
		j++
	}
	return j == len(dst)
}

// reduce runs a reduction over the axes of the mask.
func (r *axisReduction[T]) reduce(dst, x *Tensor[T], mask uint) {
	r.k, r.dst, r.x = kernel.Of[T](), dst.elements(), x.data
	count := 1
	for i, n := range x.Shape() {
		if mask>>i&1 != 0 {
			count *= n
			r.nr = addAxis(r.rn[:], r.rs[:], r.nr, n, x.strides[i])
		} else {
			r.nk = addAxis(r.kn[:], r.ks[:], r.nk, n, x.strides[i])
		}
	}
	if len(r.dst) == 0 {
		return
	}
	if count == 0 && (r.op == opMax || r.op == opMin) {
		PanicShape(r.name, "no elements to choose from")
	}
	if d := device.Active(); d != nil {
		deviceReduce(d, r, count)
		return
	}
	if count == 0 {
		r.identity()
		return
	}
	r.columns = r.nk > 0 && r.ks[r.nk-1] == 1 && r.nr > 0
	switch {
	case r.columns:
		r.nk--
		r.n, r.stride = r.kn[r.nk], 1
	case r.nr > 0:
		r.nr--
		r.n, r.stride = r.rn[r.nr], r.rs[r.nr]
	default:
		r.n, r.stride = 1, 1
	}
	r.outer, r.lines = 1, 1
	for _, n := range r.kn[:r.nk] {
		r.outer *= n
	}
	for _, n := range r.rn[:r.nr] {
		r.lines *= n
	}
	if r.columns {
		r.runColumns()
	} else {
		r.runRows()
	}
}

// identity fills the results of a reduction of nothing.
func (r *axisReduction[T]) identity() {
	for i := range r.dst {
		if !r.accumulate {
			r.dst[i] = 0
		}
		r.store(i, 0)
	}
}

// addAxis appends an axis to a list of lengths and strides, or merges it with the last one.
func addAxis(lengths, strides []int, count, n, stride int) int {
	switch {
	case n == 1:
	case count > 0 && strides[count-1] == stride*n:
		lengths[count-1] *= n
		strides[count-1] = stride
	default:
		lengths[count], strides[count] = n, stride
		count++
	}
	return count
}

// at returns the position in x of the i-th combination of the given axes.
func at(i int, lengths, strides []int) int {
	o := 0
	for a := len(lengths) - 1; a >= 0; a-- {
		o += i % lengths[a] * strides[a]
		i /= lengths[a]
	}
	return o
}

func (r *axisReduction[T]) runRows() {
	r.block = min(r.n, 1<<13)
	r.blocks = (r.n + r.block - 1) / r.block
	units := r.lines * r.blocks
	r.perPiece, r.pieces = units, 1
	if r.lines*r.n >= 2*reduceGrain && r.outer < 16 {
		r.perPiece = max(1, reduceGrain/r.block)
		r.pieces = (units + r.perPiece - 1) / r.perPiece
	}
	if r.pieces > 1 {
		part := scratch.Take[float64](r.outer * r.pieces)
		defer part.Release()
		r.partRow = part.Data
	}
	r.do(r.outer*r.pieces, max(1, reduceGrain/(r.perPiece*r.block)))
	for k := range r.partRow {
		if k%r.pieces != 0 {
			r.partRow[k] = r.combine(r.partRow[k-1], r.partRow[k])
		}
		if k%r.pieces == r.pieces-1 {
			r.store(k/r.pieces, r.partRow[k])
		}
	}
}

func (r *axisReduction[T]) do(units, grain int) {
	if units <= grain {
		r.Do(0, units)
		return
	}
	parallel.For(units, grain, *r)
}

// shortRow is the length up to which rows are summed by a plain loop: a call of a kernel would cost
// more.
const shortRow = 24

// shortRows reduces the rows lo to hi-1 of a matrix without gaps.
func (r *axisReduction[T]) shortRows(lo, hi int) {
	for k := lo; k < hi; k++ {
		row := r.x[k*r.n:][:r.n]
		acc := float64(row[0])
		switch r.op {
		case opSum:
			for _, v := range row[1:] {
				acc += float64(v)
			}
		case opMax:
			for _, v := range row[1:] {
				acc = max(acc, float64(v))
			}
		case opMin:
			for _, v := range row[1:] {
				acc = min(acc, float64(v))
			}
		case opSquares:
			var shift T
			if r.shift != nil {
				shift = r.shift[k]
			}
			acc = 0
			for _, v := range row {
				acc += float64((v - shift) * (v - shift))
			}
		}
		r.store(k, acc)
	}
}

// Do computes the pieces lo to hi-1.
func (r *axisReduction[T]) Do(lo, hi int) {
	if !r.columns && r.n <= shortRow && r.stride == 1 && r.lines == 1 && r.nk == 1 && r.ks[0] == r.n {
		r.shortRows(lo, hi)
		return
	}
	for u := lo; u < hi; u++ {
		if r.columns {
			r.columnPiece(u)
			continue
		}
		k, piece := u/r.pieces, u%r.pieces
		v := r.rowPiece(k, piece)
		if r.pieces == 1 {
			r.store(k, v)
		} else {
			r.partRow[u] = v
		}
	}
}

// rowPiece combines the (line, block) pairs of one piece of result k.
func (r *axisReduction[T]) rowPiece(k, piece int) float64 {
	base := at(k, r.kn[:r.nk], r.ks[:r.nk])
	first := piece * r.perPiece
	last := min(first+r.perPiece, r.lines*r.blocks)
	var shift T
	if r.shift != nil {
		shift = r.shift[k]
	}
	acc := 0.0
	for u := first; u < last; u++ {
		o := base + at(u/r.blocks, r.rn[:r.nr], r.rs[:r.nr])
		begin := u % r.blocks * r.block
		n := min(r.block, r.n-begin)
		o += begin * r.stride
		var v float64
		if r.stride == 1 {
			v = r.row(r.x[o:o+n], shift)
		} else {
			v = r.strided(o, n, shift)
		}
		if u == first {
			acc = v
		} else {
			acc = r.combine(acc, v)
		}
	}
	return acc
}

// row reduces a contiguous piece of a line.
func (r *axisReduction[T]) row(x []T, shift T) float64 {
	switch r.op {
	case opSum:
		return r.k.Sum(x)
	case opSquares:
		if r.shift == nil {
			return r.k.SumSq(x)
		}
		return float64(kernel.RowSumSquares(x, shift))
	case opMax:
		return float64(r.k.Max(x))
	default:
		return float64(r.k.Min(x))
	}
}

// strided reduces a piece of a line with gaps.
func (r *axisReduction[T]) strided(o, n int, shift T) float64 {
	acc := float64(r.x[o])
	if r.op == opSquares {
		acc = float64((r.x[o] - shift) * (r.x[o] - shift))
	}
	for range n - 1 {
		o += r.stride
		v := r.x[o]
		if r.op == opSquares {
			v = (v - shift) * (v - shift)
		}
		acc = r.combine(acc, float64(v))
	}
	return acc
}

func (r *axisReduction[T]) combine(a, b float64) float64 {
	switch r.op {
	case opMax:
		return max(a, b) // NaN if either is
	case opMin:
		return min(a, b)
	default:
		return a + b
	}
}

func (r *axisReduction[T]) store(k int, v float64) {
	if r.divided {
		v /= r.divisor
	}
	if r.accumulate {
		r.dst[k] += T(v)
	} else {
		r.dst[k] = T(v)
	}
}
