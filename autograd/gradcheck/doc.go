// Package gradcheck compares the gradients of package autograd with central differences in float64.
//
// Check does so for any function. CheckOperation holds cases for every exported operation of
// autograd.Tape and every layer of package nn: a test fails when one has none, and another proves
// that a wrong backward pass is found.
package gradcheck
