package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/gemm"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// GroupedLinearGrads are what GroupedLinearGrad computes; nil members are left out.
type GroupedLinearGrads[T Float] struct {
	X, Weight, Bias     *Tensor[T] // the gradients, of the shapes of x, weight and bias
	BetaX, BetaW, BetaB T          // factors for what they hold already: with 0 it is overwritten
}

// GroupedLinearGrad is the backward pass of GroupedLinear with an activation whose derivative the
// result y tells (tanh, sigmoid, ReLU):
//
//	dz = dy f'(z)
//	dx = dz weight + BetaX dx
//	dweight = dzᵀ x + BetaW dweight
//	dbias = sum of dz over the rows + BetaB dbias
//
// in each group. All operands are contiguous. One worker does all of a group at once, so that
// everything but the results stays in its caches: done one after the other over all groups, the
// same operations are bound by memory.
func GroupedLinearGrad[T Float](act UnaryOp, d GroupedLinearGrads[T], dy, y, x, weight *Tensor[T]) {
	const op = "GroupedLinearGrad"
	if weight.ndim != 3 || x.ndim != 3 || x.shape[0] != weight.shape[0] || x.shape[2] != weight.shape[2] {
		PanicShape(op, "want x [groups, m, in] and weight [groups, out, in]", x.Shape(), weight.Shape())
	}
	groups, m, out, in := x.shape[0], x.shape[1], weight.shape[1], weight.shape[2]
	if y.ndim != 3 || y.shape[0] != groups || y.shape[1] != m || y.shape[2] != out {
		PanicShape(op, "want a result [groups, m, out]", y.Shape(), x.Shape(), weight.Shape())
	}
	checkSame(op, y, dy)
	if d.X != nil {
		checkSame(op, x, d.X)
	}
	if d.Weight != nil {
		checkSame(op, weight, d.Weight)
	}
	if d.Bias != nil && d.Bias.Len() != groups*out {
		PanicShape(op, "want a bias [groups, out]", d.Bias.Shape(), weight.Shape())
	}
	if device.Active() != nil {
		deviceGroupedGrad(act, d, dy, y, x, weight)
		return
	}
	b := groupedGrad[T]{
		k: kernel.Of[T](), act: act, m: m, out: out, in: in, grain: max(1, chunkElems/max(1, m*out*in)),
		dy: dy.Data(), y: y.Data(), x: x.Data(), w: weight.Data(), dx: dataOf(d.X), dw: dataOf(d.Weight), db: dataOf(d.Bias),
		betaX: d.BetaX, betaW: d.BetaW, betaB: d.BetaB,
	}
	parallel.For(groups, b.grain, b)
}

type groupedGrad[T Float] struct {
	k                   *kernel.Set[T]
	act                 UnaryOp
	m, out, in          int
	grain               int // groups of a chunk
	dy, y, x, w         []T
	dx, dw, db          []T
	betaX, betaW, betaB T
}

func (b *groupedGrad[T]) Do(lo, hi int) {
	m, out, in := b.m, b.out, b.in
	s := scratch.Take[T](m * out)
	// soon returns the elements of a group that will be prefetched, if there is such a group.
	soon := func(v []T, g, n int) []T {
		if len(v) < (g+1)*n {
			return nil
		}
		return v[g*n:][:n]
	}
	for g := lo; g < hi; g++ {
		dz, x, w := s.Data, b.x[g*m*in:][:m*in], b.w[g*out*in:][:out*in]
		y := b.y[g*m*out:][:m*out]
		// The next group of this worker is one of a later chunk if the others take as many.
		next := g + 1
		if next == hi {
			next += (parallel.Workers() - 1) * b.grain
		}
		// Each product has the time to prefetch about half of its operands. The last of a list is
		// first.
		nextX := soon(b.x, next, m*in)
		head, tail := nextX[:len(nextX)/2], nextX[len(nextX)/2:]
		b.k.MapGrad[b.act](dz, b.dy[g*m*out:][:m*out], y, y, 1, 0, 0)
		if b.db != nil {
			db := b.db[g*out:][:out]
			if b.betaB == 0 {
				clear(db)
			}
			b.k.AddRows(db, dz, m, out)
		}
		if b.dw != nil {
			gemm.Run(gemm.Product[T]{M: out, N: in, K: m, A: gemm.Operand[T]{Data: dz, Row: 1, Col: out}, B: gemm.Operand[T]{Data: x, Row: in, Col: 1},
				C: b.dw[g*out*in:][:out*in], CRow: in, Alpha: 1, Beta: b.betaW,
				Soon: [4][]T{head, soon(b.y, next, m*out), soon(b.dy, next, m*out)}})
		}
		if b.dx != nil {
			gemm.Run(gemm.Product[T]{M: m, N: in, K: out, A: gemm.Operand[T]{Data: dz, Row: out, Col: 1}, B: gemm.Operand[T]{Data: w, Row: in, Col: 1},
				C: b.dx[g*m*in:][:m*in], CRow: in, Alpha: 1, Beta: b.betaX,
				Soon: [4][]T{soon(b.dx, next, m*in), soon(b.w, next, out*in), soon(b.dw, next, out*in), tail}})
		}
	}
	s.Release()
}
