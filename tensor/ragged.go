package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// raggedRows and raggedColumns bound the rows and columns of a result that one goroutine computes
// at a time: enough for the operand that a product packs, few enough that all goroutines have work
// however unequal the groups are.
const raggedRows, raggedColumns = 256, 128

// RaggedLinear is a Linear layer of its own for each group of rows, where groups differ in length,
// as one parallel loop: rows offsets[g] to offsets[g+1]-1 of x belong to group g.
//
//	x [R, in], G+1 offsets from 0 to R, weight [G, out, in], bias [G, out] or nil -> dst [R, out]
//	dst[r] = weight[g] x[r] + bias[g]
//
// Groups may be empty. All operands are contiguous. (PyTorch calls the product torch._grouped_mm,
// JAX ragged_dot.)
func RaggedLinear[T Float](dst, x *Tensor[T], offsets []int, weight, bias *Tensor[T]) {
	const op = "RaggedLinear"
	r := newRagged(op, dst, x, offsets, weight)
	if bias != nil && (bias.ndim != 2 || bias.shape[0] != r.groups || bias.shape[1] != r.out) {
		PanicShape(op, "want a bias [G, out] for a weight [G, out, in]", bias.Shape(), weight.Shape())
	}
	if device.Active() != nil {
		deviceRagged(&r, dst, x, weight, bias)
		return
	}
	b := raggedForward[T]{r, dst.Data(), x.Data(), weight.Data(), dataOf(bias)}
	parallel.For(b.pieces(), 1, b)
}

// ragged is the shape of the operation.
type ragged struct {
	offsets         []int
	groups, out, in int
}

// newRagged checks the shapes of an operation y = RaggedLinear(x).
func newRagged[T Float](op string, y, x *Tensor[T], offsets []int, weight *Tensor[T]) ragged {
	if weight.ndim != 3 || x.ndim != 2 || y.ndim != 2 || x.shape[1] != weight.shape[2] || y.shape[1] != weight.shape[1] || x.shape[0] != y.shape[0] {
		PanicShape(op, "want x [R, in], weight [G, out, in] and a result [R, out]", x.Shape(), weight.Shape(), y.Shape())
	}
	r := ragged{offsets, weight.shape[0], weight.shape[1], weight.shape[2]}
	bad := len(offsets) != r.groups+1 || offsets[0] != 0 || offsets[r.groups] != x.shape[0]
	for g := 0; !bad && g < r.groups; g++ {
		bad = offsets[g] > offsets[g+1]
	}
	if bad {
		PanicShape(op, fmt.Sprintf("want %d ascending offsets from 0 to the number of rows, found %v", r.groups+1, offsets), x.Shape(), weight.Shape())
	}
	return r
}

// pieces returns the number of pieces of at most raggedRows rows of one group, over all groups.
func (r *ragged) pieces() int {
	n := 0
	for g := range r.groups {
		n += ceilDiv(r.offsets[g+1]-r.offsets[g], raggedRows)
	}
	return n
}

// piece returns the group and the rows of piece i.
func (r *ragged) piece(i int) (g, lo, hi int) {
	for g := range r.groups {
		n := ceilDiv(r.offsets[g+1]-r.offsets[g], raggedRows)
		if i < n {
			lo := r.offsets[g] + i*raggedRows
			return g, lo, min(lo+raggedRows, r.offsets[g+1])
		}
		i -= n
	}
	panic("tensor: no such piece of the rows")
}

type raggedForward[T Float] struct {
	ragged
	dst, x, w, bias []T
}

func (b *raggedForward[T]) Do(first, last int) {
	in, out := b.in, b.out
	for i := first; i < last; i++ {
		g, lo, hi := b.piece(i)
		p := gemm.Product[T]{M: hi - lo, N: out, K: in, Alpha: 1,
			A: gemm.Operand[T]{Data: b.x[lo*in : hi*in], Row: in, Col: 1},
			B: gemm.Operand[T]{Data: b.w[g*out*in:][:out*in], Row: 1, Col: in},
			C: b.dst[lo*out : hi*out], CRow: out}
		if b.bias != nil {
			p.Epilogue.ColBias = b.bias[g*out:][:out]
		}
		gemm.RunSerial(p)
	}
}

// RaggedLinearGrads are what RaggedLinearGrad computes; nil members are left out.
type RaggedLinearGrads[T Float] struct {
	X, Weight, Bias *Tensor[T] // the gradients, of the shapes of x, weight and bias
	// Factors for what they hold already: with 0 it is overwritten. BetaB is 0 or 1.
	BetaX, BetaW, BetaB T
}

// RaggedLinearGrad is the backward pass of RaggedLinear, as one parallel loop. In each group
//
//	dx = dy weight + BetaX dx
//	dweight = dyᵀ x + BetaW dweight
//	dbias = sum of dy over the rows + BetaB dbias
//
// where BetaB is 0 or 1. A group without rows adds nothing.
func RaggedLinearGrad[T Float](d RaggedLinearGrads[T], dy, x *Tensor[T], offsets []int, weight *Tensor[T]) {
	const op = "RaggedLinearGrad"
	r := newRagged(op, dy, x, offsets, weight)
	if d.X != nil {
		checkSame(op, x, d.X)
	}
	if d.Weight != nil {
		checkSame(op, weight, d.Weight)
	}
	if d.Bias != nil && d.Bias.Len() != r.groups*r.out {
		PanicShape(op, "want a bias [G, out]", d.Bias.Shape(), weight.Shape())
	}
	if device.Active() != nil {
		deviceRaggedGrad(&r, d, dy, x, weight)
		return
	}
	b := raggedBackward[T]{
		ragged: r, k: kernel.Of[T](), betaX: d.BetaX, betaW: d.BetaW, betaB: d.BetaB,
		dy: dy.Data(), x: x.Data(), w: weight.Data(), dx: dataOf(d.X), dw: dataOf(d.Weight), db: dataOf(d.Bias),
	}
	if d.X != nil {
		b.rowPieces = b.pieces()
	}
	if d.Weight != nil || d.Bias != nil {
		b.columns = ceilDiv(b.out, raggedColumns)
	}
	parallel.For(b.groups*b.columns+b.rowPieces, 1, b)
}

type raggedBackward[T Float] struct {
	ragged
	k                   *kernel.Set[T]
	dy, x, w            []T
	dx, dw, db          []T
	betaX, betaW, betaB T
	columns             int // pieces of the columns of dy, for the parameters of a group
	rowPieces           int // pieces of the rows, for dx
}

// Do computes pieces of the gradients of the parameters, which may be long, then of x.
func (b *raggedBackward[T]) Do(first, last int) {
	in, out := b.in, b.out
	for i := first; i < last; i++ {
		if j := i - b.groups*b.columns; j >= 0 {
			g, lo, hi := b.piece(j)
			gemm.RunSerial(gemm.Product[T]{M: hi - lo, N: in, K: out, Alpha: 1, Beta: b.betaX,
				A: gemm.Operand[T]{Data: b.dy[lo*out : hi*out], Row: out, Col: 1},
				B: gemm.Operand[T]{Data: b.w[g*out*in:][:out*in], Row: in, Col: 1},
				C: b.dx[lo*in : hi*in], CRow: in})
			continue
		}
		g, from := i/b.columns, i%b.columns*raggedColumns
		n := min(raggedColumns, out-from)
		rows := b.offsets[g+1] - b.offsets[g]
		x, dy := b.x[b.offsets[g]*in:][:rows*in], b.dy[b.offsets[g]*out:][:rows*out]
		if rows > 0 {
			dy = dy[from:]
		}
		if b.dw != nil {
			gemm.RunSerial(gemm.Product[T]{M: n, N: in, K: rows, Alpha: 1, Beta: b.betaW,
				A: gemm.Operand[T]{Data: dy, Row: 1, Col: out},
				B: gemm.Operand[T]{Data: x, Row: in, Col: 1},
				C: b.dw[(g*out+from)*in:][:n*in], CRow: in})
		}
		if b.db != nil {
			db := b.db[g*out+from:][:n]
			if b.betaB == 0 {
				clear(db)
			}
			if rows > 0 {
				b.k.AddRows(db, dy, rows, out)
			}
		}
	}
}
