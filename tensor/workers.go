package tensor

import "elegans/tensor/internal/parallel"

// Workers returns the number of goroutines that share the work of one operation.
func Workers() int { return parallel.Workers() }

// SetWorkers sets the number of goroutines that share the work of one operation (1 to 256). The default is GOMAXPROCS or the environment variable
// ELEGANS_WORKERS. Results do not depend on it.
func SetWorkers(n int) { parallel.SetWorkers(n) }
