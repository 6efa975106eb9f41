package tensor

import "elegans/tensor/internal/parallel"

// Workers returns the number of goroutines that share the work of one operation.
func Workers() int { return parallel.Workers() }

// SetWorkers sets the number of goroutines that share the work of one operation (1 to 256). The
// default is GOMAXPROCS or the environment variable ELEGANS_WORKERS. Results do not depend on it.
func SetWorkers(n int) { parallel.SetWorkers(n) }

// Parallel calls body.Do on the chunks [0, grain), [grain, 2 grain), ... of [0, n), on several
// goroutines, and returns when all are done. It is how other packages add operations that are
// parallel, deterministic and free of allocation: body is a struct of the operands, the grain
// depends on the shape of the data only (and holds some 25 us of work), and a chunk writes only
// what is its own.
func Parallel[B any, P interface {
	*B
	Do(lo, hi int)
}](n, grain int, body B) {
	parallel.For[B, P](n, grain, body)
}
