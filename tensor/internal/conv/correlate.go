package conv

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Forward computes y = beta*y + x*weight + bias; bias may be nil.
func Forward[T kernel.Float](s *Shape, y, x, weight, bias []T, beta T) {
	if channelsLast(s.C/s.Groups, s.O/s.Groups, s.Kernel[1], s.Out[1]) {
		forwardDirect(s, y, x, weight, bias, beta)
		return
	}
	if fewOutputs(s) {
		forwardColumns(s, y, x, weight, bias, beta)
		return
	}
	k := kernel.Of[T]()
	c := correlation[T]{
		plan: planOf(planKey{shape: *s, kind: forwardPlan, nr: k.Gemm.NR, width: k.Conv.Width}), set: k,
		n: s.N, groups: s.Groups, dst: y, src: x, dstLen: s.outLen(), beta: beta,
	}
	per := s.C / s.Groups * s.taps()
	c.run(weights[T]{weight: weight, bias: bias, group: s.O / s.Groups * per, row: per, channel: s.taps()})
}

// GradInput computes dx = beta*dx + the gradient with respect to x, given that with respect to y,
// plus bias[c] in channel c; bias may be nil. With a bias it is the transposed convolution.
func GradInput[T kernel.Float](s *Shape, dx, dy, weight, bias []T, beta T) {
	if s.Stride == [2]int{1, 1} && channelsLast(s.O/s.Groups, s.C/s.Groups, s.Kernel[1], s.In[1]) && 10*s.inLen() <= 11*s.outLen() {
		inputDirect(s, dx, dy, weight, bias, beta)
		return
	}
	if s.Stride != [2]int{1, 1} || s.C < s.O {
		gradColumns(s, dx, dy, weight, bias, beta)
		return
	}
	k := kernel.Of[T]()
	c := correlation[T]{
		plan: planOf(planKey{shape: *s, kind: inputPlan, nr: k.Gemm.NR, width: k.Conv.Width}), set: k,
		n: s.N, groups: s.Groups, dst: dx, src: dy, dstLen: s.inLen(), beta: beta,
	}
	c.run(weights[T]{weight: weight, bias: bias, group: s.O / s.Groups * s.C / s.Groups * s.taps(), row: s.taps(), channel: s.C / s.Groups * s.taps()})
}

// correlation is the parallel loop over the units and groups of a plan.
type correlation[T kernel.Float] struct {
	plan      *plan
	set       *kernel.Set[T]
	n, groups int
	dst, src  []T
	dstLen    int // of a plane of dst
	beta      T

	// the weights: for each group, block of k and tile of rows, the tile's columns one after the
	// other
	packed []T
	k      int // columns of the weights
	bias   bool
	blockK int // columns of a block, and of the last at most
	tileM  int // rows of a tile, and of the last at most
}

// run packs the weights and computes everything.
func (c *correlation[T]) run(w weights[T]) {
	p, gemm := c.plan, &c.set.Gemm
	c.bias = w.bias != nil
	c.k = len(p.offsets)
	if c.bias {
		c.k++
	}
	c.blockK = evenly(c.k, min(gemm.KC, panelK))
	c.tileM = evenly(p.rows, gemm.MR)
	units := (c.n + p.images - 1) / p.images * p.bands() * c.groups
	if units == 0 || p.rows == 0 || len(p.pixels) == 0 {
		return
	}
	mem := poolsOf[T]()
	shared := mem.calls.take(c.groups * p.rows * c.k)
	c.packed = shared.buf
	c.pack(w)
	work := 2*float64(p.rows)*float64(c.k)*float64(len(p.pixels)) + 16*float64(p.images*p.imageLen)
	grain := max(1, int(leastWork/work))
	mem.workers.reserve(c.scratchLen(), min(parallel.Workers(), (units+grain-1)/grain))
	parallel.For(units, grain, *c)
	mem.calls.put(shared)
}

// evenly returns the size of the blocks if n is cut into as few of at most limit as possible, of
// about the same size.
func evenly(n, limit int) int {
	blocks := max(1, (n+limit-1)/limit)
	return (n + blocks - 1) / blocks
}

// inPlace reports whether the results of a unit lie in the destination as in the product: rows of
// neighbouring pixels.
func (c *correlation[T]) inPlace() bool { return c.plan.images == 1 }

func (c *correlation[T]) scratchLen() int {
	n := c.plan.images*c.plan.imageLen + 2*c.set.Conv.Width + c.blockK*c.set.Gemm.NR
	if !c.inPlace() {
		n += c.plan.rows * len(c.plan.pixels)
	}
	return n
}

// Do computes units lo to hi-1.
func (c *correlation[T]) Do(lo, hi int) {
	workers := &poolsOf[T]().workers
	s := workers.take(c.scratchLen())
	p := c.plan
	for u := lo; u < hi; u++ {
		g, band := u%c.groups, u/c.groups
		band, first := band%p.bands()*p.band, band/p.bands()*p.images
		c.unit(s, g, band, min(p.band, p.h.results-band), first, min(p.images, c.n-first))
	}
	workers.put(s)
}

// unit computes result rows band to band+rows-1 of a group of images first to first+images-1.
func (c *correlation[T]) unit(s *scratch[T], g, band, rows, first, images int) {
	p, gemm, width := c.plan, &c.set.Gemm, c.set.Conv.Width
	buf := s.buf
	copied := split(&buf, p.images*p.imageLen+width)
	panel := split(&buf, c.blockK*gemm.NR+width)
	plane := p.h.source * p.w.source
	for i := range images {
		prepare(p, copied[i*p.imageLen:], c.src[((first+i)*c.groups+g)*p.channels*plane:], p.channels, band)
	}

	pixels := ((images-1)*p.band + rows) * p.w.results
	out, stride, beta := buf, pixels, T(0)
	if c.inPlace() {
		out, stride, beta = c.dst[(first*c.groups+g)*p.rows*c.dstLen+band*p.w.results:], c.dstLen, c.beta
	}
	t := &s.tile
	t.B, t.BRow, t.CRow, t.Alpha, t.Beta = &panel[0], gemm.NR, stride, 1, beta
	packed := c.packed[g*p.rows*c.k:]
	for k0 := 0; k0 < c.k || k0 == 0; k0 += max(c.blockK, 1) {
		t.K = min(c.blockK, c.k-k0)
		for j := 0; j < pixels; j += gemm.NR {
			t.N = min(gemm.NR, pixels-j)
			c.gather(panel, copied, k0, t.K, j/gemm.NR)
			for i := 0; i < p.rows; i += c.tileM {
				t.M = min(c.tileM, p.rows-i)
				t.A, t.ARow, t.ACol = nil, 1, t.M
				if t.K > 0 {
					t.A = &packed[k0*p.rows+i*t.K]
				}
				t.C = &out[i*stride+j]
				gemm.Run(t)
			}
		}
		t.Beta = 1
	}
	if !c.inPlace() {
		c.distribute(out, pixels, g, first, images)
	}
}

// gather fills the panel with rows k0 to k0+k-1 of the patches of one panel of pixels, and with the
// ones that the bias is multiplied by.
func (c *correlation[T]) gather(panel, copied []T, k0, k, number int) {
	nr := c.set.Gemm.NR
	offsets := c.plan.offsets[k0:min(k0+k, len(c.plan.offsets))]
	c.set.Conv.Gather(panel, nr, copied, offsets, c.plan.panels[number])
	if len(offsets) < k {
		ones := panel[len(offsets)*nr : k*nr]
		for i := range ones {
			ones[i] = 1
		}
	}
}

// distribute brings the product of a unit of several images to their places in the destination.
func (c *correlation[T]) distribute(out []T, pixels, g, first, images int) {
	p := c.plan
	for m := range p.rows {
		for i := range images {
			dst := c.dst[(((first+i)*c.groups+g)*p.rows+m)*c.dstLen:][:c.dstLen]
			src := out[m*pixels+i*c.dstLen:]
			if c.beta == 0 {
				copy(dst, src)
				continue
			}
			for q, v := range src[:c.dstLen] {
				dst[q] = c.beta*dst[q] + v
			}
		}
	}
}
