package parallel

import (
	"runtime"
	"sync/atomic"
	"testing"

	"elegans/internal/allocs"
)

type square struct{ dst, src []float64 }

func (s *square) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		s.dst[i] = s.src[i] * s.src[i]
	}
}

func withWorkers(t *testing.T, n int) {
	old := Workers()
	SetWorkers(n)
	t.Cleanup(func() { SetWorkers(old) })
}

func TestEveryIterationOnce(t *testing.T) {
	for _, w := range []int{1, 2, 3, 8} {
		withWorkers(t, w)
		for _, n := range []int{0, 1, 7, 64, 1000} {
			for _, grain := range []int{0, 1, 3, 64, 5000} {
				c := counts{make([]atomic.Int32, n)}
				For(n, grain, c)
				for i := range c.hits {
					if h := c.hits[i].Load(); h != 1 {
						t.Fatalf("workers %d, n %d, grain %d: iteration %d ran %d times", w, n, grain, i, h)
					}
				}
			}
		}
	}
}

type counts struct{ hits []atomic.Int32 }

func (c *counts) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		c.hits[i].Add(1)
	}
}

func TestManyLoopsInARow(t *testing.T) {
	withWorkers(t, 3)
	dst, src := make([]float64, 300), make([]float64, 300)
	for round := range 5000 {
		for i := range src {
			src[i] = float64(round + i)
		}
		For(len(dst), 10, square{dst, src})
		for i := range src {
			if dst[i] != src[i]*src[i] {
				t.Fatalf("round %d: dst[%d] = %v", round, i, dst[i])
			}
		}
		if round%1000 == 999 {
			runtime.Gosched()
		}
	}
}

type nested struct{ c *counts }

func (b *nested) Do(lo, hi int) {
	for range hi - lo {
		For(len(b.c.hits), 1, *b.c)
	}
}

func TestNestedLoopRunsInline(t *testing.T) {
	withWorkers(t, 4)
	c := &counts{make([]atomic.Int32, 5)}
	For(8, 1, nested{c})
	for i := range c.hits {
		if h := c.hits[i].Load(); h != 8 {
			t.Fatalf("iteration %d ran %d times, want 8", i, h)
		}
	}
}

type failing struct{ at int }

func (f *failing) Do(lo, hi int) {
	if lo <= f.at && f.at < hi {
		panic("boom")
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	for _, w := range []int{1, 2, 8} {
		withWorkers(t, w)
		for at := range 64 {
			func() {
				defer func() {
					if r := recover(); r != "boom" {
						t.Fatalf("workers %d: recovered %v", w, r)
					}
				}()
				For(64, 1, failing{at})
			}()
		}
		c := counts{make([]atomic.Int32, 10)} // the pool still works
		For(10, 1, c)
		if c.hits[9].Load() != 1 {
			t.Fatal("the pool is broken after a panic")
		}
	}
}

func TestForAllocatesNothing(t *testing.T) {
	withWorkers(t, 2)
	dst, src := make([]float64, 1000), make([]float64, 1000)
	if n := allocs.PerStep(200, func() { For(len(dst), 100, square{dst, src}) }); n != 0 {
		t.Fatalf("%v allocations a call", n)
	}
}

func BenchmarkFanOut(b *testing.B) {
	dst, src := make([]float64, 1000), make([]float64, 1000)
	b.ReportAllocs()
	for b.Loop() {
		For(len(dst), 500, square{dst, src})
	}
}
