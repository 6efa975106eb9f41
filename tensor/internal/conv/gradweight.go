package conv

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Sizes of the sums over images.
const (
	maxChunks   = 16      // of images, each with its own sum
	partialsLen = 1 << 22 // elements that all these sums may take
	lastLeast   = 4       // channels from which on they lie next to each other in the padded image
)

// GradWeight computes dw = beta*dw + the gradient with respect to the weights, given that with
// respect to y.
func GradWeight[T kernel.Float](s *Shape, dw, x, dy []T, beta T) {
	if s.O < s.C && s.mirrors() {
		// The weights of the mirror image, in which x and dy have exchanged their roles: fewer
		// columns are gathered, for more rows.
		m := s.mirrored()
		gradWeight(&m, dw, dy, x, true, beta)
		return
	}
	gradWeight(s, dw, x, dy, false, beta)
}

func gradWeight[T kernel.Float](s *Shape, dw, x, dy []T, mirrored bool, beta T) {
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
	g.tileM = evenly(p.rows, k.Gemm.MR)
	// A few chunks of a large weight are divided further, by rows.
	tiles := (p.rows + g.tileM - 1) / g.tileM
	g.block = evenly(tiles, max(2, tiles*g.chunks*s.Groups/wantUnits)) * g.tileM
	g.blocks = (p.rows + g.block - 1) / g.block
	g.blockP = evenly(len(p.pixels), k.Gemm.KC)

	mem := poolsOf[T]()
	shared := mem.calls.take(g.chunks * g.partLen)
	g.parts = shared.buf
	tasks := g.chunks * s.Groups * g.blocks
	work := 2 * float64(g.partLen) * float64(s.N) * float64(s.outLen()) / float64(tasks)
	grain := max(1, int(leastWork/work))
	mem.workers.reserve(g.scratchLen(), min(parallel.Workers(), (tasks+grain-1)/grain))
	parallel.For(tasks, grain, g)
	sums := partialSums[T]{set: k, dw: dw, parts: g.parts, chunks: g.chunks, partLen: g.partLen, columns: len(p.offsets), channels: p.channels, taps: len(p.taps), last: p.last, beta: beta}
	if mirrored {
		sums.mirroredRows = p.rows
	}
	parallel.For(s.O, max(1, 1<<15/(len(p.offsets)*g.chunks)), sums)
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

// partialSums adds the sums of the chunks, in order, a row of all of them at a time, and brings the
// results to their places.
type partialSums[T kernel.Float] struct {
	set             *kernel.Set[T]
	dw, parts       []T
	chunks, partLen int
	columns         int
	channels, taps  int
	// columns run through the channels of each tap, not through the taps of each channel
	last bool
	// not 0: the rows and channels of dw have exchanged their roles, and its taps are mirrored
	mirroredRows int
	beta         T
}

func (b *partialSums[T]) Do(lo, hi int) {
	for row := lo; row < hi; row++ {
		sum := b.parts[row*b.columns:][:b.columns]
		for c := 1; c < b.chunks; c++ {
			b.set.AddScaled(sum, b.parts[c*b.partLen+row*b.columns:][:b.columns], 1)
		}
		at, channel, tap := row*b.columns, b.taps, 1
		if b.mirroredRows > 0 {
			at, channel, tap = row*b.taps+b.taps-1, b.mirroredRows*b.taps, -1
		}
		from, step := b.taps, 1 // between channels and taps of the sum
		if b.last {
			from, step = 1, b.channels
		}
		for c := range b.channels {
			for t := range b.taps {
				d, v := &b.dw[at+c*channel+t*tap], sum[c*from+t*step]
				if b.beta != 0 {
					v += b.beta * *d
				}
				*d = v
			}
		}
	}
}

// weightGradient is the parallel loop over chunks of units, groups and blocks of rows.
type weightGradient[T kernel.Float] struct {
	plan          *plan
	set           *kernel.Set[T]
	n, groups     int
	units, chunks int
	x, dy         []T
	dyLen         int // of a plane of dy
	parts         []T
	partLen       int

	block, blocks int // rows that a task takes, and tasks that share them
	tileM, blockP int // rows of a tile; pixels summed in one call
}

func (g *weightGradient[T]) scratchLen() int {
	p := g.plan
	n := p.images*p.imageLen + p.plainLen + 2*g.set.Conv.Width + g.blockP*g.set.Gemm.NR
	if p.images > 1 {
		n += g.block * len(p.pixels)
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

// unit adds the contribution of one unit to the weights of a group's rows from row on.
func (g *weightGradient[T]) unit(s *scratch[T], u, group, row int, part []T) {
	p, gemm, width := g.plan, &g.set.Gemm, g.set.Conv.Width
	band, first := u%p.bands()*p.band, u/p.bands()*p.images
	rows, images := min(p.band, p.h.results-band), min(p.images, g.n-first)
	height := min(g.block, p.rows-row)
	pixels := ((images-1)*p.band + rows) * p.w.results

	buf := s.buf
	copied := split(&buf, p.images*p.imageLen+width)
	plain := split(&buf, p.plainLen)
	panel := split(&buf, g.blockP*gemm.NR+width)
	for i := range images {
		g.prepare(copied[i*p.imageLen:], plain, g.x[((first+i)*g.groups+group)*p.channels*p.h.source*p.w.source:], band, rows)
	}
	a, stride := g.dy[((first*g.groups+group)*p.rows+row)*g.dyLen+band*p.w.results:], g.dyLen
	if images > 1 {
		a, stride = buf, pixels
		for i := range images {
			for m := range height {
				copy(a[m*pixels+i*g.dyLen:][:g.dyLen], g.dy[(((first+i)*g.groups+group)*p.rows+row+m)*g.dyLen:])
			}
		}
	}

	columns := len(p.offsets)
	part = part[(group*p.rows+row)*columns:]
	t := &s.tile
	t.B, t.BRow, t.CRow, t.Alpha = &panel[0], gemm.NR, columns, 1
	t.ARow, t.ACol = stride, 1
	for p0 := 0; p0 < pixels; p0 += g.blockP {
		t.K = min(g.blockP, pixels-p0)
		for j := 0; j < columns; j += gemm.NR {
			t.N = min(gemm.NR, columns-j)
			g.set.Conv.Gather(panel, gemm.NR, copied, p.pixels[p0:p0+t.K], p.tapPanels[j/gemm.NR])
			for i := 0; i < height; i += g.tileM {
				t.M = min(g.tileM, height-i)
				t.A, t.C = &a[i*stride+p0], &part[i*columns+j]
				gemm.Run(t)
			}
		}
		t.Beta = 1
	}
}

// prepare makes the padded copy of an image of a unit.
func (g *weightGradient[T]) prepare(dst, plain, src []T, band, rows int) {
	p := g.plan
	if !p.last {
		prepare(p, dst, src, p.channels, band)
		return
	}
	c := lastCopy[T]{set: g.set, h: &p.lastH, w: &p.lastW, channels: p.channels, rows: p.lastH.span(rows), width: p.width}
	c.write(dst, plain, src, p.h.source*p.w.source, band*p.lastH.stride)
}
