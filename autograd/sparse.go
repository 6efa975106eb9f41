package autograd

import "elegans/tensor"

// SpMM returns the product of a sparse matrix and a dense variable:
//
//	s [rows, cols], x [cols, ...]  ->  [rows, ...]
//
// values, one for each entry of s, takes the place of s.Val and may require a gradient; nil leaves
// s.Val, which is a constant.
func (tp *Tape[T]) SpMM(s *tensor.CSR[T], x, values *Var[T]) *Var[T] {
	if x.Value.Dims() < 1 {
		tensor.PanicShape("SpMM", "want x [cols, ...]", x.Shape())
	}
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[0] = s.Rows
	y := tp.NewResult(Needs(x, values), shape...)
	tensor.SpMM(y.Value, s, elements(values), x.Value, 0)
	tp.CountMACs(len(s.Val) * columns(x))
	Record(tp, spMMOp[T]{s, values, x, y, false})
	return y
}

// SpMMT is SpMM with the transpose of s: x [rows, ...] -> [cols, ...].
func (tp *Tape[T]) SpMMT(s *tensor.CSR[T], x, values *Var[T]) *Var[T] {
	if x.Value.Dims() < 1 {
		tensor.PanicShape("SpMMT", "want x [rows, ...]", x.Shape())
	}
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	shape[0] = s.Cols
	y := tp.NewResult(Needs(x, values), shape...)
	tensor.SpMMT(y.Value, s, elements(values), x.Value, 0)
	tp.CountMACs(len(s.Val) * columns(x))
	Record(tp, spMMOp[T]{s, values, x, y, true})
	return y
}

// columns returns the number of elements behind the first axis.
func columns[T tensor.Float](x *Var[T]) int { return x.Value.Len() / max(x.Value.Dim(0), 1) }

// elements returns the elements of an optional variable.
func elements[T tensor.Float](v *Var[T]) []T {
	if v == nil {
		return nil
	}
	return tensor.Operand(v.Value)
}

type spMMOp[T tensor.Float] struct {
	s            *tensor.CSR[T]
	values, x, y *Var[T]
	transposed   bool
}

func (o *spMMOp[T]) Backward(tp *Tape[T]) {
	dy := o.y.GradSum()
	if o.x.RequiresGrad() && o.values != nil && o.values.RequiresGrad() && !o.transposed {
		dx, beta := o.x.GradTarget()
		tensor.SpMMGrad(dx, beta, tensor.Operand(o.values.GradSum()), o.s, elements(o.values), dy, o.x.Value)
		return
	}
	if o.x.RequiresGrad() {
		dx, beta := o.x.GradTarget()
		if o.transposed {
			tensor.SpMM(dx, o.s, elements(o.values), dy, beta)
		} else {
			tensor.SpMMT(dx, o.s, elements(o.values), dy, beta)
		}
	}
	if o.values != nil && o.values.RequiresGrad() {
		rows, cols := dy, o.x.Value
		if o.transposed {
			rows, cols = cols, rows
		}
		tensor.SpMMGradValues(tensor.Operand(o.values.GradSum()), o.s, rows, cols)
	}
}
