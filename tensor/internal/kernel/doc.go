// Package kernel holds the innermost loops of the tensor operations: slices in, slices out, one
// goroutine, no allocation.
//
// Every kernel exists as a short generic Go function, which is its definition and the reference of
// its tests, and some also in assembly for amd64 (AVX2 with FMA, and AVX-512). A Set collects one
// implementation of each kernel for one element type; sets are named "go", "avx2" and "avx512", and
// the best one that the processor supports is chosen when the program starts. ELEGANS_KERNEL forces
// another, and the build tag purego leaves only "go".
//
// Kernels check nothing: the caller guarantees the lengths that their comments state. No kernel
// reads or writes outside its slices.
//
// # Subnormal numbers
//
// Elementwise kernels compute subnormal operands and results exactly: none changes the processor's
// rounding or flush-to-zero mode, so a value does not depend on the set that computed it beyond the
// accuracy stated. The price is that of the processor: where it needs microcode for a subnormal
// product, a vector takes a few tens of times as long (BenchmarkSubnormal); additions, comparisons
// and the sums in float64 cost nothing extra.
//
// The assembly of matrix products (MicroKernel) and optimiser steps (Adam, SGD) takes subnormal
// operands for 0 and flushes subnormal results, in float32 and float64: computed exactly, a product
// of subnormal numbers was 200 times and a step of Adam whose moments have faded away 30 times
// slower (BenchmarkSubnormalProduct). The control word is restored before these routines return.
package kernel
