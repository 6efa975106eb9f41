package autograd

import (
	"fmt"

	"elegans/tensor"
)

// NoPadding as the padding of Embedding means that there is none.
const NoPadding = -1

// Embedding looks up rows of weight [V, D]: the result has the shape given, followed by D, and its
// row i is weight[ids[i]]. Without a shape it is [len(ids), D]. The row number padding gets no
// gradient.
func (tp *Tape[T]) Embedding(weight *Var[T], ids []int, padding int, shape ...int) *Var[T] {
	if weight.Value.Dims() != 2 {
		tensor.PanicShape("Embedding", "want a weight [V, D]", weight.Shape())
	}
	v, d := weight.Value.Dim(0), weight.Value.Dim(1)
	if padding != NoPadding && (padding < 0 || padding >= v) {
		tensor.PanicShape("Embedding", fmt.Sprintf("padding %d is no row", padding), weight.Shape())
	}
	var buf [tensor.MaxDims + 1]int
	full := append(buf[:0], shape...)
	if len(shape) == 0 {
		full = append(full, len(ids))
	}
	full = append(full, d)
	y := tp.NewResult(Needs(weight), full...)
	if y.Value.Len() != len(ids)*d {
		tensor.PanicShape("Embedding", fmt.Sprintf("%d ids", len(ids)), full)
	}
	kept := tp.NewInts(len(ids))
	for i, id := range ids {
		if id < 0 || id >= v {
			tensor.PanicShape("Embedding", fmt.Sprintf("id %d of item %d", id, i), weight.Shape())
		}
		kept[i] = id
	}
	var rows tensor.Tensor[T]
	rows.ViewOf(y.Value, len(ids), d)
	tensor.IndexSelect(&rows, weight.Value, 0, kept)
	for i, id := range kept {
		if id == padding {
			kept[i] = -1 // gets no gradient
		}
	}
	Record(tp, embeddingOp[T]{weight, y, kept})
	return y
}

type embeddingOp[T tensor.Float] struct {
	weight, y *Var[T]
	ids       []int
}

func (o *embeddingOp[T]) Backward(*Tape[T]) {
	tensor.EmbeddingGrad(o.weight.GradSum(), o.y.GradSum(), o.ids)
}
