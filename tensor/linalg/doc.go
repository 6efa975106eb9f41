// Package linalg solves symmetric systems of equations on the matrix products of package tensor:
// what ridge regression and recursive least squares need, in float64.
//
// Matrices are contiguous tensors [N, N]. A symmetric matrix is given by its lower triangle, the
// diagonal included; what lies above is neither read nor written unless a comment says so.
// Functions that may fail for numerical reasons report it by a bool, wrong shapes panic with a
// tensor.ShapeError. Results do not depend on the number of goroutines. All stays on the
// processor, whatever device is active.
package linalg
