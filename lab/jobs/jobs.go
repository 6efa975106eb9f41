// Package jobs runs independent pieces of work side by side.
package jobs

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"elegans/tensor"
)

// Run calls do for 0 to n-1 in goroutines, at most jobs at a time, the operations within each
// undivided unless there is one job only, and returns the first error, after which nothing new is
// begun and the context of what runs is cancelled. locked, which do receives, calls a function
// while no other goroutine is in one. A panic of do ends the others in the same way, and is raised
// again as a *PanicError.
func Run(
	ctx context.Context, n, jobs int, do func(ctx context.Context, i int, locked func(func())) error,
) error {
	jobs = max(1, min(jobs, n))
	if jobs > 1 {
		defer tensor.SetWorkers(tensor.Workers())
		tensor.SetWorkers(1)
	}
	parent := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan int)
	go func() {
		defer close(queue)
		for i := range n {
			select {
			case queue <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	var mu sync.Mutex
	locked := func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
	}
	var failed error
	var panicked atomic.Pointer[PanicError]
	one := func(i int) {
		defer func() {
			if p := recover(); p != nil {
				panicked.CompareAndSwap(nil, &PanicError{p, debug.Stack()})
				cancel()
			}
		}()
		if err := do(ctx, i, locked); err != nil {
			locked(func() {
				if failed == nil {
					failed = err
				}
			})
			cancel()
		}
	}
	var group sync.WaitGroup
	for range jobs {
		group.Go(func() {
			for i := range queue {
				if ctx.Err() != nil { // the queue may have handed out one more
					return
				}
				one(i)
			}
		})
	}
	group.Wait()
	if p := panicked.Load(); p != nil {
		panic(p)
	}
	if failed == nil {
		failed = parent.Err()
	}
	return failed
}
