package gemm

import (
	"sync"

	"elegans/tensor/internal/kernel"
)

// scratch is the working memory of one goroutine.
type scratch[T kernel.Float] struct {
	a, b []T // packed operands
	tile kernel.Tile[T]
	sums [16]T // of Dot4x4
	rows [8]T  // weights of AddRows8

	serial single[T] // of RunSerial
}

// grow returns buf with at least n elements; the old content is lost.
func grow[T kernel.Float](buf *[]T, n int) []T {
	if cap(*buf) < n {
		*buf = make([]T, n)
	}
	*buf = (*buf)[:cap(*buf)]
	return (*buf)[:n]
}

// stack is a free list. Unlike a sync.Pool it is not emptied by the garbage collector, so that
// recurring work allocates nothing; it holds no more items than were ever in use together.
type stack[V any] struct {
	mu   sync.Mutex
	free []*V
}

func (s *stack[V]) take() *V {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		v := s.free[n-1]
		s.free = s.free[:n-1]
		return v
	}
	return new(V)
}

func (s *stack[V]) put(v *V) {
	s.mu.Lock()
	s.free = append(s.free, v)
	s.mu.Unlock()
}

var (
	scratch32 stack[scratch[float32]]
	scratch64 stack[scratch[float64]]
)

func scratches[T kernel.Float]() *stack[scratch[T]] {
	var s any = &scratch32
	if _, ok := any(*new(T)).(float64); ok {
		s = &scratch64
	}
	return s.(*stack[scratch[T]])
}

func takeScratch[T kernel.Float]() *scratch[T] { return scratches[T]().take() }

func putScratch[T kernel.Float](w *scratch[T]) {
	w.tile, w.serial = kernel.Tile[T]{}, single[T]{} // keep no reference to the caller's data
	scratches[T]().put(w)
}
