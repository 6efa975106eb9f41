package nn

import (
	"elegans/autograd"
	"elegans/tensor"
)

// foldTaps returns the weights [4*out, in, 2, 2] with which UpsampleConv2d convolves the small
// image, from those of the large one, w [out, in, 3, 3]: see tensor.FoldTaps.
func foldTaps[T tensor.Float](tp *autograd.Tape[T], w *autograd.Var[T]) *autograd.Var[T] {
	s := w.Shape()
	y := tp.NewResult(w.RequiresGrad(), 4*s[0], s[1], 2, 2)
	tensor.FoldTaps(y.Value, w.Value)
	autograd.Record(tp, foldOp[T]{w, y})
	return y
}

type foldOp[T tensor.Float] struct{ w, y *autograd.Var[T] }

func (o *foldOp[T]) Backward(*autograd.Tape[T]) { tensor.FoldTapsGrad(o.w.GradSum(), o.y.GradSum()) }
