package gemm

import (
	"math"
	"unsafe"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// grid is how a product is cut: rows by cols blocks of at most mb by nb elements of C.
type grid struct {
	rows, cols int
	mb, nb     int
	grain      int     // blocks that one goroutine takes at a time
	cost       float64 // multiply-adds in a block
}

// stripBytes bounds the packed columns of B that a block keeps in the L2 cache: most of it, for A
// and C only pass through.
var stripBytes = min(max(kernel.L2()/8*5, 256<<10), 5<<18)

const (
	// blockWork is the number of multiply-adds, about a millisecond, above which every goroutine
	// gets several blocks, in case one is interrupted.
	blockWork = 1 << 27

	// leastWork is the number of multiply-adds below which a block is not cut for the sake of more
	// goroutines.
	leastWork = 1 << 22

	// nearPanels is the number of panels of B that a block takes at a time when all of A stays
	// near.
	nearPanels = 3

	// packWork is the number of multiply-adds that take as long as packing an element.
	packWork = 16

	// grainWork is the number of multiply-adds worth handing to another goroutine: some 10 to 50
	// microseconds.
	grainWork = 1 << 20
)

// plan cuts C for the given number of goroutines. Each row of blocks packs all of B again and each
// column of blocks all of A, if they are packed at all; of the grids with enough blocks plan takes
// the one for which packing, and waiting for the goroutine with most blocks, cost least. The number
// of goroutines may decide about the grid because no element depends on it.
func plan[T kernel.Float](p *Product[T], k *kernel.MicroKernel[T], workers int) grid {
	var zero T
	kc, _ := pieces(p.K, k.KC)
	maxCols := max(stripBytes/int(unsafe.Sizeof(zero))/max(kc, 1)/k.NR, 1) * k.NR
	near := p.staysNear() && !p.isDots(k)
	if near {
		maxCols = min(maxCols, nearPanels*k.NR)
	}
	work := float64(p.M) * float64(p.N) * float64(max(p.K, 1))
	want := 1
	products := p.Batch.Len()
	if workers > 1 && products < 4*workers {
		w := float64(workers)
		all := work * float64(products)
		least := float64(leastWork)
		if p.M == 1 || p.isDots(k) {
			least /= 16 // bound by memory, not by arithmetic
		}
		// As many for each goroutine: five blocks take two goroutines as long as six.
		each := math.Floor(min(max(all/w/blockWork, 1), 4))
		want = int(min(w*each, all/least)+0.5) / products
	}
	packA, packB := p.M, p.N
	if p.readsA(k, p.N) {
		packA = p.M / 4 // read again, but not packed
	}
	var best grid
	var bestCost float64
	maxRows := ceil(p.M, 4*k.MR)
	for rows := 1; rows <= min(maxRows, max(want, 1)); rows++ {
		g := grid{mb: ceil(ceil(p.M, rows), k.MR) * k.MR}
		g.nb = min(ceil(p.N, max(ceil(want, rows), 1)), maxCols)
		g.nb = ceil(max(g.nb, min(4*k.NR, maxCols)), k.NR) * k.NR
		g.nb = ceil(ceil(p.N, ceil(p.N, g.nb)), k.NR) * k.NR // even
		g.rows, g.cols = ceil(p.M, g.mb), ceil(p.N, g.nb)
		blocks := g.rows * g.cols
		turns := ceil(blocks*products, workers) // of the goroutine that takes most blocks
		cost := work*float64(turns*workers)/float64(blocks*products) + packWork*float64(p.K*(g.cols*packA+g.rows*packB))
		if few := best.rows * best.cols; rows == 1 || blocks > few && few < want || cost < bestCost && blocks >= want {
			best, bestCost = g, cost
		}
	}
	best.cost = work / float64(max(best.rows*best.cols, 1))
	best.grain = grainOf(best.cost)
	if near && products >= 4*workers {
		// whole products, whose blocks prefetch each other
		best.grain = max(best.grain, best.rows*best.cols)
	}
	return best
}

// after guesses the number of the block that a goroutine computes after block i of a chunk that
// ends at hi: the next of the chunk or, as the other goroutines take as many, one of a later chunk.
func (g *grid) after(i, hi int) int {
	if i+1 < hi {
		return i + 1
	}
	return hi + (parallel.Workers()-1)*g.grain
}

func grainOf(cost float64) int { return int(max(1, grainWork/max(cost, 1))) }

// pieces cuts K into count pieces of size or fewer, as even as possible and at most limit long. The
// size is a multiple of 8 where it can be.
func pieces(k, limit int) (size, count int) {
	if k == 0 {
		return 0, 1
	}
	count = ceil(k, limit)
	size = min(ceil(ceil(k, count), 8)*8, limit)
	return size, ceil(k, size)
}

func ceil(a, b int) int { return (a + b - 1) / b }
