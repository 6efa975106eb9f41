package train

import (
	"elegans/autograd"
	"elegans/tensor"
)

// Batch is a part of a data set: the inputs X, of any shape with the batch as first axis, and what
// belongs to them.
type Batch[T tensor.Float] struct {
	X      *tensor.Tensor[T]
	Labels []int             // [batch], of classification; nil otherwise
	Target *tensor.Tensor[T] // of regression and reconstruction; nil otherwise
}

// Len returns the number of examples.
func (b Batch[T]) Len() int { return b.X.Dim(0) }

// Source serves the batches of an epoch. Which batches, and in which order, must be a function of
// the epoch alone, so that a run can be resumed.
type Source[T tensor.Float] interface {
	// Steps returns the number of batches of an epoch.
	Steps() int
	// Start makes Next return the batches of an epoch from a step on; epochs and steps that are
	// done by then are given.
	Start(epochs, steps int)
	// Next returns a batch, valid until the next call; ok is false at the end of the epoch.
	Next() (b Batch[T], ok bool)
}

// Objective is what training minimises and what is measured on the way.
type Objective[T tensor.Float] interface {
	// Loss records the loss of a batch, a variable of one element, and adds the batch's share to
	// the metrics.
	Loss(tp *autograd.Tape[T], b Batch[T], m *Metrics) *autograd.Var[T]
}
