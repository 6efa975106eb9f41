package tensor

import (
	"sync"

	"elegans/tensor/internal/kernel"
)

// scratchPool recycles working memory of eager operations, so that they allocate nothing once they
// have run at a size.
type scratchPool[T Float] struct {
	mu   sync.Mutex
	free []*scratch[T]
}

// scratch is a borrowed slice of undefined content, and the argument of a micro-kernel, which would
// be allocated at each call elsewhere.
type scratch[T Float] struct {
	data []T
	tile kernel.Tile[T]
}

var (
	scratch32 scratchPool[float32]
	scratch64 scratchPool[float64]
)

func scratchOf[T Float]() *scratchPool[T] {
	var p any = &scratch32
	if _, ok := any(*new(T)).(float64); ok {
		p = &scratch64
	}
	return p.(*scratchPool[T])
}

// takeScratch borrows n elements; give them back with release.
func takeScratch[T Float](n int) *scratch[T] {
	p := scratchOf[T]()
	p.mu.Lock()
	defer p.mu.Unlock()
	var s *scratch[T]
	if last := len(p.free) - 1; last >= 0 {
		s, p.free = p.free[last], p.free[:last]
	} else {
		s = new(scratch[T])
	}
	if cap(s.data) < n {
		s.data = make([]T, n)
	}
	s.data = s.data[:n]
	return s
}

func (s *scratch[T]) release() {
	s.tile = kernel.Tile[T]{} // keep no reference to the caller's data
	p := scratchOf[T]()
	p.mu.Lock()
	p.free = append(p.free, s)
	p.mu.Unlock()
}
