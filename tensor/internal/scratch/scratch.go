// Package scratch lends working memory to eager operations, so that they allocate nothing once they
// have run at a size.
package scratch

import (
	"sync"

	"elegans/tensor/internal/kernel"
)

// Buffer is a borrowed slice of undefined content. Tile is the argument of a micro-kernel;
// elsewhere it would be allocated at each call.
type Buffer[T kernel.Float] struct {
	Data []T
	Tile kernel.Tile[T]
}

// pool is a free list. Unlike a sync.Pool it is not emptied by the garbage collector.
type pool[T kernel.Float] struct {
	mu   sync.Mutex
	free []*Buffer[T]
}

var (
	pool32 pool[float32]
	pool64 pool[float64]
)

func poolOf[T kernel.Float]() *pool[T] {
	var p any = &pool32
	if _, ok := any(*new(T)).(float64); ok {
		p = &pool64
	}
	return p.(*pool[T])
}

// Take borrows n elements; give them back with Release.
func Take[T kernel.Float](n int) *Buffer[T] {
	p := poolOf[T]()
	p.mu.Lock()
	defer p.mu.Unlock()
	var b *Buffer[T]
	if last := len(p.free) - 1; last >= 0 {
		b, p.free = p.free[last], p.free[:last]
	} else {
		b = new(Buffer[T])
	}
	if cap(b.Data) < n {
		b.Data = make([]T, n)
	}
	b.Data = b.Data[:n]
	return b
}

// Release gives the buffer back.
func (b *Buffer[T]) Release() {
	b.Tile = kernel.Tile[T]{} // keep no reference to the caller's data
	p := poolOf[T]()
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
}
