package leaky

import "elegans/tensor"

// Weights is a square matrix [N, N] of the connections among N neurons, from the neuron of the
// column to that of the row. Exactly one of its forms is set.
type Weights[T tensor.Float] struct {
	Sparse *tensor.CSR[T]
	Dense  *tensor.Tensor[T] // contiguous
}

// Size returns the number of neurons.
func (w Weights[T]) Size() int {
	if w.Sparse != nil {
		return w.Sparse.Rows
	}
	return w.Dense.Dim(0)
}

// Run turns the drive of every step into the state after it:
//
//	states [T, N]: W x[t-1] is added to row t on the way from drive to state
//	start [N] or nil: the state before the first row, by default 0
//	leak [1] or [N]: of all neurons or of each, in (0, 1]; nil stands for 1
//	noise [T, N] or nil: added to each state
//
// Tensors are contiguous. The rows depend on each other, so only large matrices are shared among
// goroutines, row by row. Whoever makes steps or runs again and again keeps a Runner.
func Run[T tensor.Float](
	states, start *tensor.Tensor[T], w Weights[T], leak *tensor.Tensor[T], act tensor.UnaryOp, a T, noise *tensor.Tensor[T],
) {
	NewRunner(w, leak, act, a).Run(states, start, noise)
}
