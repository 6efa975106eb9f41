// Package powers multiplies rows by powers of another row, element by element, forward and
// backward:
//
//	y[u] = e[u] * x^power[u],   e, y [units, rows, d],   x [rows, d]
//
// The power is a chain of products x * (.. x * (x * e)), in this order, which is one operation
// because only its ends are wanted. The interneurons of the published autoencoder need it: see
// package m2.
//
// Powers of small numbers soon fall below the smallest normal number, and a product with such a
// number takes many processors a hundred times as long as another. They count as 0 here, as in the
// framework of the published program, which tells the processor to.
package powers
