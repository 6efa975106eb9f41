package conv

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// gradColumns computes the gradient of the input the other way round: tiles of the product of the
// transposed weights, [C*taps, O], and dy, [O, pixels], which says what each result gives to each
// element that it has read, are added to a padded image where a forward pass would gather them. It
// wastes no products on borders, treats every stride alike, and moves less than the correlation
// when there are fewer input than output channels.
func gradColumns[T kernel.Float](s *Shape, dx, dy, weight, bias []T, beta T) {
	taps := s.taps()
	runColumns(s, dx, dy, bias, columnWeights[T]{weight: weight, output: s.C / s.Groups * taps, channel: taps}, beta)
}

// forwardColumns computes a convolution of stride 1 with few outputs as the gradient of the input
// of its mirror image, in which input and output have exchanged their roles. Each element of x is
// then read once, where a forward pass gathers it for every tap.
func forwardColumns[T kernel.Float](s *Shape, y, x, weight, bias []T, beta T) {
	m := s.mirrored()
	taps := s.taps()
	runColumns(&m, y, x, bias, columnWeights[T]{weight: weight, output: taps, channel: s.C * taps, mirrored: true}, beta)
}

// fewOutputs reports whether forwardColumns pays, and can be used.
func fewOutputs(s *Shape) bool {
	return s.O <= 6 && s.C >= 4*s.O && s.mirrors()
}

// mirrors reports whether a convolution is the gradient of the input of another, mirrored.
func (s *Shape) mirrors() bool {
	span := func(d int) int { return s.Dilation[d] * (s.Kernel[d] - 1) }
	return s.Groups == 1 && s.Stride == [2]int{1, 1} && s.Padding[0] <= span(0) && s.Padding[1] <= span(1)
}

// mirrored is that other convolution.
func (s *Shape) mirrored() Shape {
	m := *s
	m.C, m.O, m.In, m.Out = s.O, s.C, s.Out, s.In
	for d := range m.Padding {
		m.Padding[d] = s.Dilation[d]*(s.Kernel[d]-1) - s.Padding[d]
	}
	return m
}

// columnWeights says where the weights of gradColumns lie: that of output k (of all groups),
// channel c (of its group) and tap t is weight[k*output+c*channel+t], or with mirrored
// weight[k*output+c*channel+taps-1-t].
type columnWeights[T kernel.Float] struct {
	weight          []T
	output, channel int
	mirrored        bool
}

func runColumns[T kernel.Float](s *Shape, dx, dy, bias []T, weights columnWeights[T], beta T) {
	k := kernel.Of[T]()
	p := planOf(planKey{shape: *s, kind: columnsPlan, nr: k.Gemm.NR, width: k.Conv.Width})
	if p.block == 0 || s.N == 0 {
		return
	}
	c := columns[T]{
		plan: p, set: k, groups: s.Groups, outputs: s.O / s.Groups, dx: dx, dy: dy, bias: bias, dyLen: s.outLen(), beta: beta,
		blocks: (p.channels + p.block - 1) / p.block, blockK: evenly(s.O/s.Groups, k.Gemm.KC), tileM: evenly(len(p.offsets), k.Gemm.MR),
	}
	mem := poolsOf[T]()
	shared := mem.calls.take(s.weights())
	c.packed = shared.buf
	c.pack(weights)
	tasks := s.N * s.Groups * c.blocks
	work := 2*float64(len(p.offsets))*float64(c.outputs)*float64(c.dyLen) + 16*float64(len(p.offsets)*c.dyLen)
	grain := max(1, int(leastWork/work))
	mem.workers.reserve(c.scratchLen(), min(parallel.Workers(), (tasks+grain-1)/grain))
	parallel.For(tasks, grain, c)
	mem.calls.put(shared)
}

// chooseBlock sets the number of channels whose padded image a task of gradColumns adds to.
func (p *plan) chooseBlock(s *Shape) {
	p.images, p.band = 1, p.h.results
	p.layout()
	p.block = max(1, min(p.channels, unitLen/max(p.channelLen, 1)))
	work := 2 * float64(len(p.taps)) * float64(s.O/s.Groups) * float64(s.outLen())
	for p.block > 1 && s.N*s.Groups*((p.channels+p.block-1)/p.block) < wantUnits && work*float64(p.block) > 2*leastWork {
		p.block = (p.block + 1) / 2
	}
}

// tapMajor returns the places of the taps of the first channels, those of neighbouring channels
// next to each other: neighbouring taps of a channel touch the same elements, and a load that
// overlaps a store just made has to wait for it.
func (p *plan) tapMajor(channels int) []int32 {
	first := p.appendTaps(nil, 0)
	var all []int32
	for _, t := range first {
		for c := range channels {
			all = append(all, t+int32(c*p.channelLen))
		}
	}
	return all
}

// columns is the parallel loop over images, groups and blocks of channels.
type columns[T kernel.Float] struct {
	plan            *plan
	set             *kernel.Set[T]
	groups, outputs int // outputs of a group
	dx, dy, bias    []T
	dyLen           int
	beta            T
	blocks          int // of channels, in a group
	blockK, tileM   int
	// the weights: for each group, block of channels, block of outputs and tile of rows, the tile's
	// columns one after the other
	packed []T
}

func (c *columns[T]) scratchLen() int {
	width, nr := c.set.Conv.Width, c.set.Gemm.NR
	return c.plan.block*c.plan.channelLen + width + c.blockK*nr + c.tileM*nr + width
}

// rows returns the places of the taps of a block of channels.
func (c *columns[T]) rows(block int) []int32 {
	if block == c.blocks-1 {
		return c.plan.lastOffsets
	}
	return c.plan.offsets
}

// pack brings the weights into the order in which they are read.
func (c *columns[T]) pack(w columnWeights[T]) {
	p, dst := c.plan, c.packed
	taps := len(p.taps)
	for g := range c.groups {
		for b := range c.blocks {
			rows := len(c.rows(b))
			channels := rows / taps
			for k0 := 0; k0 < c.outputs; k0 += c.blockK {
				k1 := min(k0+c.blockK, c.outputs)
				for i0 := 0; i0 < rows; i0 += c.tileM {
					m := min(c.tileM, rows-i0)
					tile := split(&dst, (k1-k0)*m)
					for i := range m {
						tap, channel := (i0+i)/channels, b*p.block+(i0+i)%channels
						at := int(p.taps[tap])
						if w.mirrored {
							at = taps - 1 - at
						}
						src := w.weight[(g*c.outputs+k0)*w.output+channel*w.channel+at:]
						for k := range k1 - k0 {
							tile[k*m+i] = src[k*w.output]
						}
					}
				}
			}
		}
	}
}

// Do computes tasks lo to hi-1.
func (c *columns[T]) Do(lo, hi int) {
	workers := &poolsOf[T]().workers
	s := workers.take(c.scratchLen())
	for task := lo; task < hi; task++ {
		block, rest := task%c.blocks, task/c.blocks
		c.task(s, rest/c.groups, rest%c.groups, block)
	}
	workers.put(s)
}

func (c *columns[T]) task(s *scratch[T], image, group, block int) {
	p, gemm, nr := c.plan, &c.set.Gemm, c.set.Gemm.NR
	rows := c.rows(block)
	first, channels := group*p.channels+block*p.block, len(rows)/len(p.taps)
	buf := s.buf
	sums := split(&buf, p.block*p.channelLen+c.set.Conv.Width)
	clear(sums)
	panel, out := split(&buf, c.blockK*nr), buf

	packed := c.packed[(group*p.channels+block*p.block)*len(p.taps)*c.outputs:]
	t := &s.tile
	t.B, t.BRow, t.C, t.CRow, t.Alpha, t.Beta, t.ARow = &panel[0], nr, &out[0], nr, 1, 0, 1
	for k0 := 0; k0 < c.outputs; k0 += c.blockK {
		t.K = min(c.blockK, c.outputs-k0)
		for j := 0; j < c.dyLen; j += nr {
			t.N = min(nr, c.dyLen-j)
			gemm.CopyPanels(panel, 0, nr, c.dy[((image*c.groups+group)*c.outputs+k0)*c.dyLen+j:], c.dyLen, t.N, 1, t.K)
			for i := 0; i < len(rows); i += c.tileM {
				t.M = min(c.tileM, len(rows)-i)
				t.A, t.ACol = &packed[k0*len(rows)+i*t.K], t.M
				gemm.Run(t)
				c.set.Conv.Scatter(sums, out, nr, rows[i:i+t.M], p.panels[j/nr])
			}
		}
	}
	plane := p.h.source * p.w.source
	dx := c.dx[(image*c.groups*p.channels+first)*plane:][:channels*plane]
	for m := range channels {
		d := dx[m*plane : (m+1)*plane]
		if c.beta == 0 {
			clear(d)
		} else if c.beta != 1 {
			scale(d, c.beta)
		}
		if c.bias != nil {
			for i := range d {
				d[i] += c.bias[first+m]
			}
		}
		restore(p, d, sums, m)
	}
}
