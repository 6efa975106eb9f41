package gemm

import (
	"unsafe"

	"elegans/tensor/internal/kernel"
)

// grid is how a product is cut: rows by cols blocks of at most mb by nb elements of C.
type grid struct {
	rows, cols int
	mb, nb     int
	grain      int     // blocks that one goroutine takes at a time
	cost       float64 // multiply-adds in a block
}

const (
	// stripBytes bounds the packed columns of B that a block keeps in the L2 cache.
	stripBytes = 640 << 10

	// blockWork is the number of multiply-adds below which a block is not cut further for the sake of more goroutines.
	blockWork = 1 << 26

	// grainWork is the number of multiply-adds worth handing to another goroutine: some 10 to 50 microseconds.
	grainWork = 1 << 20
)

// plan cuts C: by columns while a strip of B overflows the cache, then the longer side of a block until there are enough blocks.
func plan[T kernel.Float](p *Product[T], k *kernel.MicroKernel[T]) grid {
	var zero T
	kc, _ := pieces(p.K, k.KC)
	maxCols := max(stripBytes/int(unsafe.Sizeof(zero))/max(kc, 1)/k.NR, 1) * k.NR
	g := grid{rows: 1, cols: ceil(p.N, maxCols)}
	work := float64(p.M) * float64(p.N) * float64(max(p.K, 1))
	for float64(g.rows*g.cols)*blockWork < work {
		mb, nb := ceil(p.M, g.rows), ceil(p.N, g.cols)
		switch {
		case nb > mb && nb > 4*k.NR:
			g.cols *= 2
			continue
		case mb > 4*k.MR:
			g.rows *= 2
			continue
		}
		break
	}
	g.mb = ceil(ceil(p.M, g.rows), k.MR) * k.MR
	g.nb = ceil(ceil(p.N, g.cols), k.NR) * k.NR
	g.rows, g.cols = ceil(p.M, g.mb), ceil(p.N, g.nb)
	g.cost = work / float64(max(g.rows*g.cols, 1))
	g.grain = grainOf(g.cost)
	return g
}

func grainOf(cost float64) int { return int(max(1, grainWork/max(cost, 1))) }

// pieces cuts K into count pieces of size or fewer, as even as possible and at most limit long. The size is a multiple of 8 where it can be.
func pieces(k, limit int) (size, count int) {
	if k == 0 {
		return 0, 1
	}
	count = ceil(k, limit)
	size = min(ceil(ceil(k, count), 8)*8, limit)
	return size, ceil(k, size)
}

func ceil(a, b int) int { return (a + b - 1) / b }
