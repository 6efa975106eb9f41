package autograd

import "elegans/tensor"

// RaggedLinear is a Linear of its own for each group of rows of x, as one parallel operation,
// however unequal the groups are: rows offsets[g] to offsets[g+1]-1 belong to group g, which may be
// empty. offsets must stay unchanged until Backward has run.
//
//	x [R, in], G+1 offsets from 0 to R, weight [G, out, in], bias [G, out] or nil  ->  [R, out]
func (tp *Tape[T]) RaggedLinear(x *Var[T], offsets []int, weight, bias *Var[T]) *Var[T] {
	if weight.Value.Dims() != 3 || x.Value.Dims() != 2 {
		tensor.PanicShape("RaggedLinear", "want x [R, in] and weight [G, out, in]", x.Shape(), weight.Shape())
	}
	y := tp.NewResult(Needs(x, weight, bias), x.Value.Dim(0), weight.Value.Dim(1))
	tensor.RaggedLinear(y.Value, x.Value, offsets, weight.Value, valueOf(bias))
	tp.CountMACs(y.Value.Len() * x.Value.Dim(1))
	Record(tp, raggedLinearOp[T]{x, weight, bias, y, offsets})
	return y
}

type raggedLinearOp[T tensor.Float] struct {
	x, weight, bias, y *Var[T]
	offsets            []int
}

func (o *raggedLinearOp[T]) Backward(*Tape[T]) {
	var d tensor.RaggedLinearGrads[T]
	if o.x.RequiresGrad() {
		d.X, d.BetaX = o.x.GradTarget()
	}
	if o.weight.RequiresGrad() {
		d.Weight, d.BetaW = o.weight.GradTarget()
	}
	if o.bias != nil && o.bias.RequiresGrad() {
		d.Bias, d.BetaB = o.bias.GradTarget()
	}
	tensor.RaggedLinearGrad(d, o.y.GradSum(), o.x.Value, o.offsets, o.weight.Value)
}

// DispatchRows copies each row of x to k places of the result, which are all different:
//
//	x [R, n], R*k places below R*k  ->  y [R*k, n],   y[places[r*k+j]] = x[r]
//
// CombineRows is the way back. places must stay unchanged until Backward has run.
func (tp *Tape[T]) DispatchRows(x *Var[T], places []int) *Var[T] {
	if x.Value.Dims() != 2 {
		tensor.PanicShape("DispatchRows", "want x [R, n]", x.Shape())
	}
	y := tp.NewResult(Needs(x), len(places), x.Value.Dim(1))
	tensor.CombineRowsGrad(y.Value, nil, x.Value, y.Value, nil, places)
	Record(tp, dispatchRowsOp[T]{x, y, places})
	return y
}

type dispatchRowsOp[T tensor.Float] struct {
	x, y   *Var[T]
	places []int
}

func (o *dispatchRowsOp[T]) Backward(*Tape[T]) {
	dx, beta := o.x.GradTarget()
	tensor.CombineRows(dx, o.y.GradSum(), nil, o.places, beta)
}

// CombineRows returns weighted sums of the rows of y, each of which belongs to one sum:
//
//	y [R*k, n], weights [R, k], R*k places below R*k, all different  ->  [R, n]
//	result[r] = sum over j < k of weights[r, j] y[places[r*k+j]],  in ascending order of j
//
// places must stay unchanged until Backward has run.
func (tp *Tape[T]) CombineRows(y, weights *Var[T], places []int) *Var[T] {
	if y.Value.Dims() != 2 || weights.Value.Dims() != 2 || weights.Value.Len() != y.Value.Dim(0) {
		tensor.PanicShape("CombineRows", "want y [R*k, n] and weights [R, k]", y.Shape(), weights.Shape())
	}
	s := tp.NewResult(Needs(y, weights), weights.Value.Dim(0), y.Value.Dim(1))
	tensor.CombineRows(s.Value, y.Value, weights.Value, places, 0)
	tp.CountMACs(y.Value.Len())
	Record(tp, combineRowsOp[T]{y, weights, s, places})
	return s
}

type combineRowsOp[T tensor.Float] struct {
	y, weights, s *Var[T]
	places        []int
}

func (o *combineRowsOp[T]) Backward(tp *Tape[T]) {
	var dy, dw *tensor.Tensor[T]
	beta := T(0)
	if o.y.RequiresGrad() {
		if dy, beta = o.y.GradTarget(); beta != 0 { // somebody else has used y, too
			dy = tp.NewTensor(o.y.Shape()...)
		}
	}
	if o.weights.RequiresGrad() {
		dw = o.weights.GradSum()
	}
	tensor.CombineRowsGrad(dy, dw, o.s.GradSum(), o.y.Value, o.weights.Value, o.places)
	if beta != 0 {
		tp.addGrad(o.y, dy, 1)
		tp.Free(dy)
	}
}
