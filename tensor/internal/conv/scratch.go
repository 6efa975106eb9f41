package conv

import (
	"sync"

	"elegans/tensor/internal/kernel"
)

// scratch is the memory of one worker, and the argument of its micro-kernel calls.
type scratch[T kernel.Float] struct {
	buf  []T
	tile kernel.Tile[T]
}

// pool recycles scratch memory. All of its records have the size of the largest request so far, so
// that it does not matter who takes which.
type pool[T kernel.Float] struct {
	mu      sync.Mutex
	free    []*scratch[T]
	largest int
}

// pools holds the memory of calls (packed weights, partial sums: one record a call) apart from that
// of their workers.
type pools[T kernel.Float] struct{ calls, workers pool[T] }

var (
	pools32 pools[float32]
	pools64 pools[float64]
)

func poolsOf[T kernel.Float]() *pools[T] {
	var p any = &pools32
	if _, ok := any(*new(T)).(float64); ok {
		p = &pools64
	}
	return p.(*pools[T])
}

// reserve makes sure that the next count calls of take with up to n elements allocate nothing,
// however the work is then divided.
func (p *pool[T]) reserve(n, count int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.largest = max(p.largest, n)
	for len(p.free) < count {
		p.free = append(p.free, &scratch[T]{})
	}
	for _, s := range p.free {
		s.grow(p.largest)
	}
}

// take returns scratch of at least n elements, of undefined content.
func (p *pool[T]) take(n int) *scratch[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.largest = max(p.largest, n)
	last := len(p.free) - 1
	if last < 0 {
		return &scratch[T]{buf: make([]T, p.largest)}
	}
	s := p.free[last]
	p.free = p.free[:last]
	s.grow(n)
	return s
}

func (p *pool[T]) put(s *scratch[T]) {
	s.tile = kernel.Tile[T]{} // keep no reference to the caller's data
	p.mu.Lock()
	p.free = append(p.free, s)
	p.mu.Unlock()
}

func (s *scratch[T]) grow(n int) {
	if len(s.buf) < n {
		s.buf = make([]T, n)
	}
}

// split cuts the next n elements off a buffer.
func split[T kernel.Float](buf *[]T, n int) []T {
	s := (*buf)[:n:n]
	*buf = (*buf)[n:]
	return s
}
