package autograd

import "elegans/tensor"

// MatMul returns the matrix product of a and b under the rules of tensor.MatMul: leading axes
// broadcast, vectors act as a row (a) or a column (b).
func (tp *Tape[T]) MatMul(a, b *Var[T]) *Var[T] {
	var buf [tensor.MaxDims + 2]int
	y := tp.NewResult(Needs(a, b), tensor.MatMulShape("MatMul", buf[:0], a.Shape(), b.Shape())...)
	tensor.MatMul(y.Value, a.Value, b.Value)
	tp.CountMACs(y.Value.Len() * a.Value.Dim(-1))
	Record(tp, matMulOp[T]{a, b, y})
	return y
}

type matMulOp[T tensor.Float] struct{ a, b, y *Var[T] }

func (o *matMulOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.a.RequiresGrad() {
		da, beta := o.a.GradTarget()
		tensor.MatMulGradA(da, dy, o.b.Value, beta)
	}
	if o.b.RequiresGrad() {
		db, beta := o.b.GradTarget()
		tensor.MatMulGradB(db, o.a.Value, dy, beta)
	}
}

// Linear returns x weightᵀ + bias:
//
//	x [.., in], weight [out, in], bias [out] or nil  ->  [.., out]
func (tp *Tape[T]) Linear(x, weight, bias *Var[T]) *Var[T] {
	if weight.Value.Dims() != 2 || x.Value.Dims() < 1 {
		tensor.PanicShape("Linear", "want x [.., in] and weight [out, in]", x.Shape(), weight.Shape())
	}
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[len(shape)-1] = weight.Value.Dim(0)
	y := tp.NewResult(Needs(x, weight, bias), shape...)
	tensor.Linear(y.Value, x.Value, weight.Value, valueOf(bias))
	tp.CountMACs(y.Value.Len() * x.Value.Dim(-1))
	Record(tp, linearOp[T]{x, weight, bias, y})
	return y
}

// valueOf returns the value of an optional variable.
func valueOf[T tensor.Float](v *Var[T]) *tensor.Tensor[T] {
	if v == nil {
		return nil
	}
	return v.Value
}

type linearOp[T tensor.Float] struct{ x, weight, bias, y *Var[T] }

func (o *linearOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	// Queries under a one-hot softmax have a gradient of 0. Its products with finite numbers add
	// exactly nothing.
	zero := tensor.IsZero(dy)
	if o.x.RequiresGrad() {
		if dx, beta := o.x.GradTarget(); !zero {
			tensor.Gemm(dx, dy, o.weight.Value, 1, beta)
		} else if beta == 0 {
			dx.Zero()
		}
	}
	if o.weight.RequiresGrad() {
		if dw, beta := o.weight.GradTarget(); !zero {
			tensor.LinearGradWeight(dw, dy, o.x.Value, beta)
		} else if beta == 0 {
			dw.Zero()
		}
	}
	if o.bias != nil && o.bias.RequiresGrad() {
		tensor.SumRows(o.bias.GradSum(), dy)
	}
}

// GroupedLinear is a Linear of its own for each group, as one parallel operation:
//
//	x [groups, m, in], weight [groups, out, in], bias [groups, out] or nil  ->  [groups, m, out]
func (tp *Tape[T]) GroupedLinear(x, weight, bias *Var[T]) *Var[T] {
	if weight.Value.Dims() != 3 || x.Value.Dims() != 3 {
		tensor.PanicShape("GroupedLinear", "want x [groups, m, in] and weight [groups, out, in]", x.Shape(), weight.Shape())
	}
	y := tp.NewResult(Needs(x, weight, bias), x.Value.Dim(0), x.Value.Dim(1), weight.Value.Dim(1))
	tensor.GroupedLinear(y.Value, x.Value, weight.Value, valueOf(bias), tensor.OpNone)
	tp.CountMACs(y.Value.Len() * x.Value.Dim(2))
	Record(tp, groupedLinearOp[T]{x, weight, bias, y})
	return y
}

type groupedLinearOp[T tensor.Float] struct{ x, weight, bias, y *Var[T] }

func (o *groupedLinearOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	nonzero := tp.NewInts(dy.Dim(0))
	tensor.NonzeroGroups(nonzero, dy)
	var dx, dw *tensor.Tensor[T]
	var betaX, betaW T
	if o.x.RequiresGrad() {
		dx, betaX = o.x.GradTarget()
	}
	if o.weight.RequiresGrad() {
		dw, betaW = o.weight.GradTarget()
	}
	for g := 0; g < len(nonzero); {
		end := g + 1
		for end < len(nonzero) && nonzero[end] == nonzero[g] {
			end++
		}
		o.groups(dx, dw, dy, g, end, betaX, betaW, nonzero[g] != 0)
		g = end
	}
	if o.bias != nil && o.bias.RequiresGrad() {
		tensor.SumRows(o.bias.GradSum(), dy)
	}
}

// groups computes the gradients of the groups g to end-1. Where dy is 0 they are, too, as products
// with what is finite add exactly nothing.
func (o *groupedLinearOp[T]) groups(dx, dw, dy *tensor.Tensor[T], g, end int, betaX, betaW T, nonzero bool) {
	dy = dy.Slice(0, g, end, 1)
	if dx != nil {
		if dx = dx.Slice(0, g, end, 1); nonzero {
			tensor.GroupedMatMul(dx, dy, o.weight.Value.Slice(0, g, end, 1), 1, betaX)
		} else if betaX == 0 {
			tensor.Fill(dx, 0)
		}
	}
	if dw != nil {
		if dw = dw.Slice(0, g, end, 1); nonzero {
			tensor.LinearGradWeight(dw, dy, o.x.Value.Slice(0, g, end, 1), betaW)
		} else if betaW == 0 {
			tensor.Fill(dw, 0)
		}
	}
}
