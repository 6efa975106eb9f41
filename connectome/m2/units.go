package m2

import (
	"elegans/autograd"
	"elegans/tensor"
)

// eluUnits computes an affine map with elu for each unit u, on what source names: a row of h, or
// the code x where source is -1.
//
//	y[u] = elu(h[source[u]] weight[u]ᵀ + bias[u])
//	x [B, d], h [sources, B, d], weight [units, d, d], bias [units, d]  ->  [units, B, d]
//
// h is nil if all units read x. It is one operation, so that inputs are read where they are instead
// of being gathered, and so that units without gradient cost nothing in the backward pass.
func eluUnits[T tensor.Float](tp *autograd.Tape[T], x, h, weight, bias *autograd.Var[T], source []int) *autograd.Var[T] {
	units, d := weight.Value.Dim(0), weight.Value.Dim(1)
	y := tp.NewResult(autograd.Needs(x, h, weight, bias), units, x.Value.Dim(0), d)
	tensor.Parallel(units, max(1, chunk/(x.Value.Len()*d+1)), eluUnitsBody[T]{x, h, weight, bias, y, source})
	tp.CountMACs(y.Value.Len() * d)
	autograd.Record(tp, eluUnitsOp[T]{x, h, weight, bias, y, source})
	return y
}

// eluUnitsBody is the parallel loop over units: with few images, the product of a single one is too
// small to be shared.
type eluUnitsBody[T tensor.Float] struct {
	x, h, weight, bias, y *autograd.Var[T]
	source                []int
}

// Do computes units lo to hi-1.
func (b *eluUnitsBody[T]) Do(lo, hi int) {
	for u := lo; u < hi; u++ {
		in, out, w, bias := unitInput(b.x, b.h, b.source[u]), tensor.Entry(b.y.Value, u), tensor.Entry(b.weight.Value, u), tensor.Entry(b.bias.Value, u)
		tensor.LinearAct(&out, &in, &w, &bias, tensor.OpELU)
	}
}

// unitInput returns what a unit with the given source reads.
func unitInput[T tensor.Float](x, h *autograd.Var[T], source int) tensor.Tensor[T] {
	if source < 0 {
		return *x.Value
	}
	return tensor.Entry(h.Value, source)
}

type eluUnitsOp[T tensor.Float] struct {
	x, h, weight, bias, y *autograd.Var[T]
	source                []int
}

func (o *eluUnitsOp[T]) Backward(tp *autograd.Tape[T]) {
	dy := o.y.GradSum()
	batch, d := dy.Dim(1), dy.Dim(2)
	var dw, db, dx, dh *tensor.Tensor[T]
	var beta T
	if o.weight.RequiresGrad() {
		dw, beta = o.weight.GradTarget()
	}
	if o.bias.RequiresGrad() {
		db = o.bias.GradSum()
	}
	if o.x.RequiresGrad() {
		dx = o.x.GradSum()
	}
	if o.h != nil && o.h.RequiresGrad() {
		dh = o.h.GradSum()
	}
	dz := tp.NewTensor(batch, d)
	columns := tensor.Transposed(dz)
	for u, s := range o.source {
		g, y := tensor.Entry(dy, u), tensor.Entry(o.y.Value, u)
		dead := tensor.IsZero(&g) // an exact zero adds nothing
		if !dead {
			// elu(z) has the sign of z, which is all that is asked of z
			tensor.MapGrad(tensor.OpELU, dz, &g, &y, &y, 1, 0, 0)
		}
		if dw != nil {
			w, in := tensor.Entry(dw, u), unitInput(o.x, o.h, s)
			if !dead {
				tensor.Gemm(&w, &columns, &in, 1, beta)
			} else if beta == 0 {
				tensor.Fill(&w, 0)
			}
		}
		if dead {
			continue
		}
		if db != nil {
			b := tensor.Entry(db, u)
			tensor.SumRows(&b, dz)
		}
		if w := tensor.Entry(o.weight.Value, u); s < 0 && dx != nil {
			tensor.Gemm(dx, dz, &w, 1, 1)
		} else if s >= 0 && dh != nil {
			in := tensor.Entry(dh, s)
			tensor.Gemm(&in, dz, &w, 1, 1)
		}
	}
	tp.Free(dz)
}

// chunk is the number of elements of these loops that take about 25 us.
const chunk = 1 << 15
