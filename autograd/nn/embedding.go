package nn

import (
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

// Embedding is a table of learned vectors, one for each of V symbols.
type Embedding[T tensor.Float] struct {
	Weight  *autograd.Var[T] // [V, D]
	Padding int              // the symbol whose vector is not trained, or autograd.NoPadding
}

// NewEmbedding returns a table of standard normal numbers, with zeros for the symbol padding.
func NewEmbedding[T tensor.Float](k tensor.Key, symbols, features, padding int) *Embedding[T] {
	w := tensor.Normal[T](k.Sub("weight"), 0, 1, symbols, features)
	if padding != autograd.NoPadding {
		if padding < 0 || padding >= symbols {
			tensor.PanicUsage("nn.NewEmbedding", fmt.Sprintf("padding %d, expected a symbol below %d or NoPadding", padding, symbols))
		}
		w.Slice(0, padding, padding+1, 1).Zero()
	}
	return &Embedding[T]{autograd.NewParam("weight", w), padding}
}

// Lookup returns the vectors of ids, which have the given shape in row-major order: [shape..., D].
func (e *Embedding[T]) Lookup(tp *autograd.Tape[T], ids []int, shape ...int) *autograd.Var[T] {
	return tp.Embedding(e.Weight, ids, e.Padding, shape...)
}
