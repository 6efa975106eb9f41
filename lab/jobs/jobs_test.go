package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"

	"elegans/tensor"
)

// TestRunWorkers counts what an operation may divide into: nothing beside other jobs,
// everything for a job alone, and as before afterwards.
func TestRunWorkers(t *testing.T) {
	old := tensor.Workers()
	defer tensor.SetWorkers(old)
	tensor.SetWorkers(3)
	for _, c := range []struct{ n, jobs, want int }{{4, 2, 1}, {4, 1, 3}, {1, 5, 3}} {
		done := make([]int, c.n)
		err := Run(context.Background(), c.n, c.jobs, func(_ context.Context, i int, locked func(func())) error {
			locked(func() { done[i] += tensor.Workers() })
			return nil
		})
		for i, workers := range done {
			if err != nil || workers != c.want {
				t.Errorf("%d jobs at a time: job %d of %d ran with %d workers, want once with %d (%v)",
					c.jobs, i, c.n, workers, c.want, err)
			}
		}
		if tensor.Workers() != 3 {
			t.Errorf("%d workers afterwards, want 3", tensor.Workers())
		}
	}
}

// TestRunStops fails in the first job: the others are told, those that wait are not begun,
// and the first error is what is returned.
func TestRunStops(t *testing.T) {
	broken := errors.New("broken")
	begun := 0
	err := Run(context.Background(), 100, 2, func(ctx context.Context, i int, locked func(func())) error {
		locked(func() { begun++ })
		if i == 0 {
			return broken
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if err != broken || begun > 2 {
		t.Errorf("error %v after %d jobs", err, begun)
	}
}

// TestRunPanics lets a job panic: the others are told, and the caller gets the value with
// the stack of the goroutine.
func TestRunPanics(t *testing.T) {
	broken := errors.New("broken")
	defer func() {
		p, ok := recover().(*PanicError)
		if !ok || !errors.Is(p, broken) || p.Error() != "broken" || !strings.Contains(string(p.Stack), "TestRunPanics") {
			t.Errorf("recovered %+v", p)
		}
	}()
	err := Run(context.Background(), 100, 2, func(ctx context.Context, i int, locked func(func())) error {
		if i == 1 {
			panic(broken)
		}
		<-ctx.Done()
		return ctx.Err()
	})
	t.Errorf("returned %v", err)
}
