package m2

import (
	"elegans/autograd"
	"elegans/tensor"
	"elegans/tensor/powers"
)

// mulPowers multiplies each row by a power of the code: see package powers.
//
//	y[u] = e[u] * x^power[u],   e [units, B, d], x [B, d]  ->  [units, B, d]
func mulPowers[T tensor.Float](tp *autograd.Tape[T], e, x *autograd.Var[T], power []int) *autograd.Var[T] {
	y := tp.NewResult(autograd.Needs(e, x), e.Shape()...)
	powers.Mul(y.Value, e.Value, x.Value, power)
	for _, n := range power {
		// The recorded sizes of the published model count these products, although they are element
		// by element.
		tp.CountMACs(n * x.Value.Len())
	}
	autograd.Record(tp, mulPowersOp[T]{e, x, y, power})
	return y
}

type mulPowersOp[T tensor.Float] struct {
	e, x, y *autograd.Var[T]
	power   []int
}

func (o *mulPowersOp[T]) Backward(tp *autograd.Tape[T]) {
	row := tp.NewTensor(o.x.Shape()...)
	powers.MulGrad(autograd.Wanted(o.e), autograd.Wanted(o.x), o.y.GradSum(), o.e.Value, o.x.Value, o.power, row)
	tp.Free(row)
}
