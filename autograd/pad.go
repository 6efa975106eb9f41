package autograd

import "elegans/tensor"

// Pad adds elements at both ends of the last len(pad)/2 axes; pad lists the last axis first, and
// negative numbers remove elements. value fills in for tensor.PadConstant and is ignored by the
// other modes.
func (tp *Tape[T]) Pad(x *Var[T], pad []int, mode tensor.PadMode, value float64) *Var[T] {
	var buf [tensor.MaxDims]int
	y := tp.NewResult(Needs(x), tensor.PadShape(buf[:0], x.Shape(), pad)...)
	tensor.Pad(y.Value, x.Value, pad, mode, T(value))
	kept := tp.NewInts(len(pad))
	copy(kept, pad)
	Record(tp, padOp[T]{x, y, kept, mode})
	return y
}

type padOp[T tensor.Float] struct {
	x, y *Var[T]
	pad  []int
	mode tensor.PadMode
}

func (p *padOp[T]) Backward(tp *Tape[T]) {
	tensor.PadGrad(p.x.GradSum(), p.y.GradSum(), p.pad, p.mode)
}
