package conv

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Sizes of the sums over images.
const (
	maxChunks   = 16      // of images, each with its own sum
	partialsLen = 1 << 22 // elements that all these sums may take
)

// GradWeight computes dw = beta*dw + the gradient with respect to the weights, given that with respect to y.
func GradWeight[T kernel.Float](s *Shape, dw, x, dy []T, beta T) {
	k := kernel.Of[T]()
	p := planOf(planKey{shape: *s, kind: weightPlan, nr: k.Gemm.NR, width: k.Conv.Width})
	g := weightGradient[T]{plan: p, set: k, n: s.N, groups: s.Groups, x: x, dy: dy, dyLen: s.outLen(), partLen: s.weights()}
	g.units = (s.N + p.images - 1) / p.images * p.bands()
	if len(p.pixels) == 0 || p.w.results == 0 || p.h.results == 0 {
		g.units = 0
	}
	g.chunks = min(maxChunks, g.units, max(2, partialsLen/max(g.partLen, 1)))
	if g.chunks == 0 || g.partLen == 0 {
		scale(dw, beta)
		return
	}
	// A few chunks of a large weight are divided further, by channel.
	g.blocks = max(1, min(p.channels, wantUnits/(g.chunks*s.Groups), len(p.offsets)/(4*k.Gemm.NR)))
	g.block = (p.channels + g.blocks - 1) / g.blocks
	g.blocks = (p.channels + g.block - 1) / g.block
	g.tileM = evenly(p.rows, k.Gemm.MR)
	g.blockP = evenly(len(p.pixels), k.Gemm.KC)

	mem := poolsOf[T]()
	shared := mem.calls.take(g.chunks * g.partLen)
	g.parts = shared.buf
	tasks := g.chunks * s.Groups * g.blocks
	work := 2 * float64(g.partLen) * float64(s.N) * float64(s.outLen()) / float64(tasks)
	grain := max(1, int(leastWork/work))
	mem.workers.reserve(g.scratchLen(), min(parallel.Workers(), (tasks+grain-1)/grain))
	parallel.For(tasks, grain, g)
	parallel.For(g.partLen, 1<<15, partialSums[T]{dw, g.parts, g.chunks, g.partLen, beta})
	mem.calls.put(shared)
}

func scale[T kernel.Float](dst []T, beta T) {
	if beta == 0 {
		clear(dst)
		return
	}
	for i := range dst {
		dst[i] *= beta
	}
}

// partialSums adds the sums of the chunks, in order.
type partialSums[T kernel.Float] struct {
	dw, parts       []T
	chunks, partLen int
	beta            T
}

func (b *partialSums[T]) Do(lo, hi int) {
	dw := b.dw[lo:hi]
	if b.beta != 0 {
		scale(dw, b.beta)
	} else {
		clear(dw)
	}
	for c := range b.chunks {
		part := b.parts[c*b.partLen+lo:][:len(dw)]
		for i, v := range part {
			dw[i] += v
		}
	}
}

// weightGradient is the parallel loop over chunks of units, groups and blocks of channels.
type weightGradient[T kernel.Float] struct {
	plan          *plan
	set           *kernel.Set[T]
	n, groups     int
	units, chunks int
	x, dy         []T
	dyLen         int // of a plane of dy
	parts         []T
	partLen       int

	block, blocks int // channels of x that a task takes, and tasks that share them
	tileM, blockP int // rows of a tile; pixels summed in one call
}

func (g *weightGradient[T]) scratchLen() int {
	n := g.plan.images*g.plan.imageLen + 2*g.set.Conv.Width + g.blockP*g.set.Gemm.NR
	if g.plan.images > 1 {
		n += g.plan.rows * len(g.plan.pixels)
	}
	return n
}

// Do computes tasks lo to hi-1.
func (g *weightGradient[T]) Do(lo, hi int) {
	workers := &poolsOf[T]().workers
	s := workers.take(g.scratchLen())
	for task := lo; task < hi; task++ {
		block, rest := task%g.blocks, task/g.blocks
		group, chunk := rest%g.groups, rest/g.groups
		s.tile.Beta = 0
		for u := chunk * g.units / g.chunks; u < (chunk+1)*g.units/g.chunks; u++ {
			g.unit(s, u, group, block*g.block, g.parts[chunk*g.partLen:])
			s.tile.Beta = 1
		}
	}
	workers.put(s)
}

// unit adds the contribution of one unit to the weights of a group's channels from channel on.
func (g *weightGradient[T]) unit(s *scratch[T], u, group, channel int, part []T) {
	p, gemm, width := g.plan, &g.set.Gemm, g.set.Conv.Width
	band, first := u%p.bands()*p.band, u/p.bands()*p.images
	rows, images := min(p.band, p.h.results-band), min(p.images, g.n-first)
	channels := min(g.block, p.channels-channel)
	pixels := ((images-1)*p.band + rows) * p.w.results

	buf := s.buf
	copied := split(&buf, p.images*p.imageLen+width)
	panel := split(&buf, g.blockP*gemm.NR+width)
	plane := p.h.source * p.w.source
	for i := range images {
		prepare(p, copied[i*p.imageLen:], g.x[(((first+i)*g.groups+group)*p.channels+channel)*plane:], channels, band)
	}
	a, stride := g.dy[(first*g.groups+group)*p.rows*g.dyLen+band*p.w.results:], g.dyLen
	if images > 1 {
		a, stride = buf, pixels
		for i := range images {
			for m := range p.rows {
				copy(a[m*pixels+i*g.dyLen:][:g.dyLen], g.dy[(((first+i)*g.groups+group)*p.rows+m)*g.dyLen:])
			}
		}
	}

	columns, taps := len(p.offsets), len(p.taps)
	part = part[group*p.rows*columns+channel*taps:]
	t := &s.tile
	t.B, t.BRow, t.CRow, t.Alpha = &panel[0], gemm.NR, columns, 1
	t.ARow, t.ACol = stride, 1
	for p0 := 0; p0 < pixels; p0 += g.blockP {
		t.K = min(g.blockP, pixels-p0)
		for j := 0; j < channels*taps; j += gemm.NR {
			t.N = min(gemm.NR, channels*taps-j)
			g.set.Conv.Gather(panel, gemm.NR, copied, p.pixels[p0:p0+t.K], p.tapPanels[j/gemm.NR])
			for i := 0; i < p.rows; i += g.tileM {
				t.M = min(g.tileM, p.rows-i)
				t.A, t.C = &a[i*stride+p0], &part[i*columns+j]
				gemm.Run(t)
			}
		}
		t.Beta = 1
	}
}
