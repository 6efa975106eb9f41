package kernel

import (
	"unsafe"

	"github.com/klauspost/cpuid/v2"
)

// Tile is one call of a micro-kernel: the product of a few rows of A with a few columns of B, held
// in registers while k runs.
//
//	C[i*CRow+j] = Alpha * sum over p of A[i*ARow+p*ACol] * B[p*BRow+j] + Beta * C[i*CRow+j]
//	0 <= i < M, 0 <= j < N, 0 <= p < K
//
// The sum starts at 0 and takes p in ascending order, whatever M, N and the position of the tile,
// so an element's value does not depend on how a matrix is cut into tiles. With Beta == 0 C is
// written and never read. Rows of B must be readable (their content is ignored) up to the next
// multiple of Lanes.
//
// The assembly finds the fields by the constants below.
type Tile[T Float] struct {
	A, B, C    *T
	M, N, K    int // 1 <= M <= MR, 1 <= N <= NR, K >= 0
	ARow, ACol int // strides, in elements
	BRow       int
	CRow       int
	// If Old is not nil, the sum is added to Beta * Old[i*OldRow+j] and not to what C holds: a bias
	// is a row with OldRow 0.
	Old    *T
	OldRow int
	// If Prefetch is not nil, the elements Prefetch[i*PrefetchStep], 0 <= i < K/PrefetchEvery, will
	// be read soon. They may lie anywhere.
	Prefetch     *T
	PrefetchStep int // in elements
	// If more than 1, so many tiles of NR columns side by side are computed, one after the other; N
	// is NR.
	Panels       int
	BPanel       int // distance of their panels of B, in elements
	PrefetchTile int // distance of what they prefetch, in elements
	Alpha        T
	Beta         T
}

// Offsets of the fields of Tile, for the assembly. They do not depend on the type of the elements,
// except that of Beta.
const (
	tileA            = unsafe.Offsetof(Tile[float32]{}.A)
	tileB            = unsafe.Offsetof(Tile[float32]{}.B)
	tileC            = unsafe.Offsetof(Tile[float32]{}.C)
	tileM            = unsafe.Offsetof(Tile[float32]{}.M)
	tileN            = unsafe.Offsetof(Tile[float32]{}.N)
	tileK            = unsafe.Offsetof(Tile[float32]{}.K)
	tileARow         = unsafe.Offsetof(Tile[float32]{}.ARow)
	tileACol         = unsafe.Offsetof(Tile[float32]{}.ACol)
	tileBRow         = unsafe.Offsetof(Tile[float32]{}.BRow)
	tileCRow         = unsafe.Offsetof(Tile[float32]{}.CRow)
	tileOld          = unsafe.Offsetof(Tile[float32]{}.Old)
	tileOldRow       = unsafe.Offsetof(Tile[float32]{}.OldRow)
	tilePrefetch     = unsafe.Offsetof(Tile[float32]{}.Prefetch)
	tilePrefetchStep = unsafe.Offsetof(Tile[float32]{}.PrefetchStep)
	tilePanels       = unsafe.Offsetof(Tile[float32]{}.Panels)
	tileBPanel       = unsafe.Offsetof(Tile[float32]{}.BPanel)
	tilePrefetchTile = unsafe.Offsetof(Tile[float32]{}.PrefetchTile)
	tileAlpha        = unsafe.Offsetof(Tile[float32]{}.Alpha)
	tileBeta32       = unsafe.Offsetof(Tile[float32]{}.Beta)
	tileBeta64       = unsafe.Offsetof(Tile[float64]{}.Beta)
)

// PrefetchEvery is the number of steps of k after which another element is prefetched. A core waits
// for a few lines of memory at a time only.
const PrefetchEvery = 1

// MicroKernel is the register-blocked heart of the matrix product, with the loops that bring
// operands into the form it likes.
type MicroKernel[T Float] struct {
	MR, NR int // largest tile
	Lanes  int // elements of a vector; NR is a multiple
	KC     int // longest sum in one call: an MR by KC panel of A stays in the L1 cache

	Run func(t *Tile[T])

	// CopyPanels cuts rows into panels: dst[q*panel+p*ld+j] = src[p*stride+q*width+j], 0 <= q <
	// panels, 0 <= p < rows, 0 <= j < width <= NR.
	CopyPanels func(dst []T, panel, ld int, src []T, stride, width, panels, rows int)

	// Interleave transposes a block: dst[p*ld+i] = src[i*stride+p], 0 <= i < width <= NR, 0 <= p <
	// rows.
	Interleave func(dst []T, ld int, src []T, stride, width, rows int)

	// Dot4 computes four dot products: dst[r] = sum over p of a[r*stride+p] * x[p]. The order of
	// the sum depends on len(x) only.
	Dot4 func(dst *[4]T, a []T, stride int, x []T)

	// Dot4x4 computes sixteen: dst[4*s+r] = sum over p < n of a[r*stride+p] * x[s*xStride+p], with
	// the order, and so the bits, of Dot4. Both want at least one term.
	Dot4x4 func(dst *[16]T, a []T, stride int, x []T, xStride, n int)

	// DotRows is the largest number of rows for which a product is better done by Dot4x4 than by
	// Run, when the second operand has to be read from memory.
	DotRows int

	// AddRows8 adds a combination of eight rows: c[j] += sum over r < 8 of w[r] * b[r*stride+j],
	// added one after the other.
	AddRows8 func(c []T, w *[8]T, b []T, stride int)

	// Peak performs n rounds of PeakFLOPs floating-point operations that depend on each other as
	// little as those of Run: timing it gives the rate that Run is measured against.
	Peak      func(n int)
	PeakFLOPs int
}

// L2 returns the bytes of a core's second-level cache, or a cautious guess where the processor does
// not tell. It may guide how work is cut, not its result.
func L2() int {
	if n := cpuid.CPU.Cache.L2; n > 0 {
		return n
	}
	return 512 << 10
}

func goMicroKernel[T Float]() MicroKernel[T] {
	return MicroKernel[T]{
		MR: 4, NR: 4, Lanes: 1, KC: 256,
		Run: tileGo[T], CopyPanels: copyPanelsGo[T], Interleave: interleaveGo[T], Dot4: dot4Go[T], Dot4x4: dot4x4Go[T], DotRows: 4, AddRows8: addRows8Go[T],
		Peak: peakGo[T], PeakFLOPs: 16,
	}
}
