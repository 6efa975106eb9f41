// Package autograd differentiates programs of tensor operations in reverse mode.
//
// A Tape records the operations of one step. Its methods are the operations: each computes its
// result at once and remembers, in a small struct, what its backward pass needs; the Backward
// method of that struct stands right below the operation. Backward walks the record in reverse and
// sums into every variable's gradient.
//
//	tape := autograd.NewTape[float32]()
//	for step := range steps {
//		tape.Reset()
//		y := tape.Linear(tape.Input(x), weight, bias)
//		loss := tape.CrossEntropy(y, labels, autograd.CrossEntropyOptions{})
//		tape.Backward(loss)
//		optimizer.Step()
//	}
//
// # Ownership
//
// Variables are either parameters (NewParam), which live as long as the program wants and own their
// gradient, or results and inputs of a tape, which are valid until the next Reset. The tape owns
// all memory of a step: results, gradients, scratch and the records themselves. Reset takes
// everything back, so after the first step a step of the same shapes allocates nothing. Values of
// variables are always contiguous.
//
// # Gradients
//
// Gradients accumulate: a backward pass adds to what is there. Parameters keep their gradient
// across steps until ZeroGrad. A variable that no gradient reached has none (Grad returns nil).
// Gradients of intermediate results are recycled during the backward pass unless RetainGrad is set.
//
// # Errors
//
// Wrong shapes panic with a *tensor.ShapeError, as in package tensor.
//
// # Goroutines
//
// A Tape must be used by one goroutine at a time. Tapes share nothing but the parameters that they
// are given, so what several of them may do at once depends on what is done to these:
//
//   - Inference may run on any number of tapes over one model, each tape in its own goroutine: with
//     SetNoGrad(true) and Training false nothing is written to the model. The results are bit for
//     bit those of one goroutine.
//   - Backward, and a forward pass in training mode, may not: a backward pass adds to the gradients
//     of the parameters, and some layers keep running statistics. Two of them over one model are a
//     data race. Give each goroutine a model of its own, as lab/experiment does.
//
// # Own operations
//
// Other packages add operations in the same way as the built-in ones. Make the result with
// NewResult, compute it with functions of package tensor, and Record a struct with a Backward
// method; then compare its gradient with differences by gradcheck.Check. The example of Record
// shows all of it.
package autograd
