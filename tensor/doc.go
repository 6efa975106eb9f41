// Package tensor holds dense, strided, row-major arrays of float32 or float64 and the operations on
// them, without gradients (package autograd adds those).
//
// # Layout
//
// A Tensor is a window on a slice: a shape, a stride for each axis (in elements, never negative)
// and the storage that starts at the tensor's first element. New tensors are contiguous: the last
// axis has stride 1. Slice, Transpose, Permute, Expand and (when it can) Reshape return views,
// which share storage with the original; Contiguous and Clone copy. Reshape copies only when the
// wanted shape cannot be expressed with strides, and its documentation says when that is. Expand
// makes axes of stride 0: such a view may be read but not written.
//
// # Calling convention
//
// Package-level functions write into their first argument, whose shape they check: Add(dst, a, b).
// Methods allocate their result: a.Add(b). A destination may be the same tensor as an operand when
// the function's documentation says so; it must not overlap an operand in any other way.
//
// The backward pass of Op is OpGrad. It adds to its first arguments, the gradients of the operands,
// and leaves out those that are nil where its documentation says so. A factor beta for what a
// gradient holds already is 0 (it is overwritten, whatever it holds) or 1.
//
// # All arithmetic is here
//
// The packages above this one (autograd and its layers, optimisers and trainer, the networks)
// compute by calling functions of this package. They do not loop over elements: Data and Storage
// are for input, output and tests. So one place decides how and where a computation runs.
//
// # Errors
//
// A wrong shape or index is a mistake of the program, not of its input, so these functions panic
// with a *ShapeError that names the operation and the shapes. They return no error values, never
// print and never exit.
//
// # Subnormal numbers
//
// Numbers other than 0 below 1.2e-38 (2.2e-308 in float64) make some processors more than a hundred
// times slower in products. High powers of a state, nearly one-hot attention and the fading moments
// of Adam produce them. So the assembly of matrix products, convolutions and optimiser steps takes
// them for 0, as operands and as results, like the frameworks do. The processor's mode is changed
// inside these routines only. All other operations, and the plain Go kernels, compute with them
// exactly.
//
// # Determinism
//
// Work is divided among goroutines by shape, never by their number, and every reduction has one
// fixed order. So results are bit-identical for every number of workers (SetWorkers, or the
// environment variable ELEGANS_WORKERS). They may differ in the last bits between kernel sets
// (Kernels; ELEGANS_KERNEL=go, avx2 or avx512 forces one), and between programs built for other
// levels of the instruction set: with GOAMD64=v3 or above, as on arm64, the compiler contracts
// x*y+z in plain Go loops into one instruction with one rounding. Random numbers are counter-based:
// see Key.
package tensor
