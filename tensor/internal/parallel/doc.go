// Package parallel runs loops on several cores. It is the only place of the module that starts
// goroutines for arithmetic.
//
// A loop of n iterations is cut into chunks of a fixed length, the grain, which the caller derives
// from the shape of its data. Chunks are claimed by whichever worker is free, so their order and
// place vary, but their boundaries do not depend on the number of workers: a body whose chunks
// write to disjoint places gives bit-identical results for every number of workers.
//
// The workers are goroutines that spin for a few tens of microseconds after a loop, in case the
// next one follows at once (as in a training step), and then park. A loop started inside another,
// or while another goroutine's loop is running, runs on the calling goroutine alone.
//
// A call allocates nothing after the first of its kind: the loop body is a struct, copied into a
// recycled record, instead of a closure.
package parallel
