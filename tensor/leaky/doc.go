// Package leaky runs the state update of leaky integrator neurons with fixed weights, row after row
// of a sequence, in place:
//
//	x[t] = (1-a) x[t-1] + a f(W x[t-1] + d[t]) + noise[t]
//	states [T, N]: d on entry, x on return
//
// (H. Jaeger, M. Lukoševičius, D. Popovici and U. Siewert, Optimization and applications of echo
// state networks with leaky-integrator neurons, Neural Networks 20, 2007, equation 2, with the step
// length in a). A step reads the row before, so that a whole sequence costs no memory beside its
// states, and no allocation.
//
// Forward does the same for a batch of sequences, with the inputs and their weights, and Backward
// is its backward pass: what a layer of a trained network needs.
package leaky
