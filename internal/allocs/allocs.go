// Package allocs lets tests ask whether a step allocates once it has run a while.
package allocs

import "testing"

// attempts bounds how often PerStep measures.
const attempts = 8

// PerStep returns the mean number of allocations of a call of step, rounded down, as
// testing.AllocsPerRun does: the least of a few measurements of so many runs. What step borrows
// from a free list is allocated when more goroutines hold it at once than ever before, and the
// scheduler decides when that is; a step that allocates each time does so in every measurement.
func PerStep(runs int, step func()) float64 {
	least := testing.AllocsPerRun(runs, step)
	for i := 1; i < attempts && least > 0; i++ {
		least = min(least, testing.AllocsPerRun(runs, step))
	}
	return least
}
