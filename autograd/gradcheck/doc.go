// Package gradcheck compares the gradients of package autograd with central differences in float64.
//
// The tests of this package hold one row for every exported operation and layer; a test fails when a row is missing, and another proves that a wrong backward pass is found.
package gradcheck
