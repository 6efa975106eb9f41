package autograd

import (
	"fmt"

	"elegans/tensor"
)

// PReLU returns x where x > 0, else weight*x, with one weight for all or one for each index of axis
// 1 (He et al. 2015):
//
//	x [batch, channels, ..], weight [1] or [channels]  ->  [batch, channels, ..]
func (tp *Tape[T]) PReLU(x, weight *Var[T]) *Var[T] {
	y := tp.NewResult(Needs(x, weight), x.Shape()...)
	tensor.PReLU(y.Value, x.Value, weight.Value)
	Record(tp, preluOp[T]{x, weight, y})
	return y
}

type preluOp[T tensor.Float] struct{ x, weight, y *Var[T] }

func (o *preluOp[T]) Backward(tp *Tape[T]) {
	var dx, dweight *tensor.Tensor[T]
	if o.x.RequiresGrad() {
		dx = o.x.GradSum()
	}
	if o.weight.RequiresGrad() {
		dweight = o.weight.GradSum()
	}
	tensor.PReLUGrad(dx, dweight, o.y.GradSum(), o.x.Value, o.weight.Value)
}

// GLU returns the gated linear unit a*sigmoid(b) of the halves a, b of x along axis (Dauphin et al.
// 2017):
//
//	x [.., 2n, ..]  ->  [.., n, ..]
func (tp *Tape[T]) GLU(x *Var[T], axis int) *Var[T] {
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	axis = x.Value.Axis("GLU", axis)
	shape[axis] /= 2
	y := tp.NewResult(Needs(x), shape...)
	gate := tp.NewTensor(shape...)
	tensor.GLU(y.Value, gate, x.Value, axis)
	Record(tp, gluOp[T]{x, y, gate, axis})
	return y
}

type gluOp[T tensor.Float] struct {
	x, y *Var[T]
	gate *tensor.Tensor[T]
	axis int
}

func (o *gluOp[T]) Backward(tp *Tape[T]) {
	tensor.GLUGrad(o.x.GradSum(), o.y.GradSum(), o.gate, o.x.Value, o.axis)
}

// Dropout returns x with each element zeroed with probability p and the others divided by 1-p
// (Srivastava et al. 2014) if the tape is in training mode, and x itself otherwise. The mask is
// drawn from the tape's next key.
func (tp *Tape[T]) Dropout(x *Var[T], p float64) *Var[T] {
	if !(p >= 0 && p <= 1) {
		tensor.PanicUsage("autograd.Dropout", fmt.Sprintf("probability %v, expected 0 to 1", p))
	}
	if !tp.Training || p == 0 {
		return x
	}
	if p == 1 {
		return tp.MulScalar(x, 0)
	}
	y := tp.NewResult(Needs(x), x.Shape()...)
	k := tp.NextKey()
	tensor.Dropout(y.Value, x.Value, k, p, 0)
	Record(tp, dropoutOp[T]{x, y, k, p})
	return y
}

type dropoutOp[T tensor.Float] struct {
	x, y *Var[T]
	key  tensor.Key
	p    float64
}

func (o *dropoutOp[T]) Backward(tp *Tape[T]) {
	dx, beta := o.x.GradTarget()
	tensor.Dropout(dx, o.y.GradSum(), o.key, o.p, beta)
}
