package conv

import (
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// lastAxis is one spatial axis of a correlation: result i reads, through tap t, element i*stride +
// t*dilation - padding of the source, or a zero if there is none. The padding may be negative.
type lastAxis struct{ results, source, kernel, stride, padding, dilation int }

// forwardLast describes axis d of the convolution itself.
func forwardLast(s *Shape, d int) lastAxis {
	return lastAxis{s.Out[d], s.In[d], s.Kernel[d], s.Stride[d], s.Padding[d], s.Dilation[d]}
}

// span returns the number of places that the given number of results reads.
func (a *lastAxis) span(results int) int {
	return (results-1)*a.stride + (a.kernel-1)*a.dilation + 1
}

// inside returns the range of i in [0, n) for which begin+i-padding is an element of the source.
func (a *lastAxis) inside(begin, n int) (lo, hi int) {
	lo = min(max(a.padding-begin, 0), n)
	return lo, max(lo, min(a.source+a.padding-begin, n))
}

// channelsLast reports whether a correlation from so many channels to so many (in a group), with
// rows of so many taps and results, is computed on images whose channels lie next to each other: if
// there are enough for a vector, and the sums over a row of taps are long, or the images so narrow
// that gathering patches takes longer still.
func channelsLast(from, to, taps, results int) bool {
	const (
		leastTo = 12
		longSum = 128
		narrow  = 8 // results
		least   = 32
	)
	sum := from * taps
	return to >= leastTo && (sum >= longSum || results <= narrow && sum >= least)
}

const longRun = 1024 // terms of a sum that one call of the micro-kernel may take

// direct is a correlation on images whose channels lie next to each other: for a row of taps, what
// a result reads is then one run of numbers, and what its neighbour reads another, at a fixed
// distance. So neighbouring results are the rows of A of the micro-kernel as the padded image lies,
// and nothing is gathered; B are the weights. The image is brought into that order, and the results
// out of it, by transposing blocks.
type direct[T kernel.Float] struct {
	set          *kernel.Set[T]
	n, groups    int
	h, w         lastAxis
	channels     int // of the source, in a group
	rows         int // of the destination, in a group
	images, band int // a unit of work: a band of result rows of one image, or a few whole images
	run          int // taps of a row that are taken together: all, or one
	tileM        int
	dst, src     []T
	beta         T
	w0           weights[T]
	mirrored     bool // the last tap of the weights comes first
	// the weights: for each group, panel of rows, run and step of k, a row of the panel
	packed []T
}

// forwardDirect computes the convolution.
func forwardDirect[T kernel.Float](s *Shape, y, x, weight, bias []T, beta T) {
	d := direct[T]{set: kernel.Of[T](), n: s.N, groups: s.Groups, channels: s.C / s.Groups, rows: s.O / s.Groups, dst: y, src: x, beta: beta}
	for i, a := range [2]*lastAxis{&d.h, &d.w} {
		*a = forwardLast(s, i)
	}
	per := d.channels * s.taps()
	d.w0 = weights[T]{weight: weight, bias: bias, group: d.rows * per, row: per, channel: s.taps()}
	d.start()
}

// inputDirect computes the gradient of the input of a convolution of stride 1: a correlation with
// the mirrored kernel.
func inputDirect[T kernel.Float](s *Shape, dx, dy, weight, bias []T, beta T) {
	d := direct[T]{set: kernel.Of[T](), n: s.N, groups: s.Groups, channels: s.O / s.Groups, rows: s.C / s.Groups, dst: dx, src: dy, beta: beta, mirrored: true}
	for i, a := range [2]*lastAxis{&d.h, &d.w} {
		*a = lastAxis{s.In[i], s.Out[i], s.Kernel[i], 1, s.Dilation[i]*(s.Kernel[i]-1) - s.Padding[i], s.Dilation[i]}
	}
	d.w0 = weights[T]{weight: weight, bias: bias, group: d.channels * d.rows * s.taps(), row: s.taps(), channel: d.rows * s.taps()}
	d.start()
}

// start packs the weights and computes everything.
func (d *direct[T]) start() {
	k := &d.set.Gemm
	if d.h.kernel*d.w.kernel == 1 && d.h.stride*d.w.stride == 1 && d.h.padding|d.w.padding == 0 && d.h.source*d.w.source*d.channels <= unitLen {
		// Without neighbours to look at, an image is one long row.
		d.w.results, d.w.source, d.h.results, d.h.source = d.h.results*d.w.results, d.h.source*d.w.source, 1, 1
	}
	if d.h.results <= 0 || d.w.results <= 0 || d.n == 0 {
		return
	}
	d.chooseUnit()
	d.run = d.w.kernel
	if d.w.dilation != 1 || d.run*d.channels > longRun {
		d.run = 1
	}
	d.tileM = evenly(d.w.results, k.MR)
	mem := poolsOf[T]()
	terms := d.channels * d.h.kernel * d.w.kernel
	shared := mem.calls.take(d.groups * d.panels() * k.NR * terms)
	d.packed = shared.buf
	parallel.For(d.groups*d.panels(), max(1, 1<<15/(k.NR*terms)), packer[T]{*d})
	units := (d.n + d.images - 1) / d.images * d.bands() * d.groups
	work := 2 * float64(d.rows) * float64(terms) * float64(d.images*d.band*d.w.results)
	grain := max(1, int(leastWork/work))
	mem.workers.reserve(d.scratchLen(), min(parallel.Workers(), (units+grain-1)/grain))
	parallel.For(units, grain, *d)
	mem.calls.put(shared)
}

// panels returns the number of panels of weights in a group.
func (d *direct[T]) panels() int { return (d.rows + d.set.Gemm.NR - 1) / d.set.Gemm.NR }

// panel returns the first row of a panel, and their number.
func (d *direct[T]) panel(i int) (first, rows int) {
	first = i * d.set.Gemm.NR
	return first, min(d.set.Gemm.NR, d.rows-first)
}

// lanes is the number of elements of a row of a panel of so many weights.
func (d *direct[T]) lanes(rows int) int {
	n := d.set.Gemm.Lanes
	return (rows + n - 1) / n * n
}

func (d *direct[T]) bands() int    { return (d.h.results + d.band - 1) / d.band }
func (d *direct[T]) width() int    { return d.w.span(d.w.results) }
func (d *direct[T]) imageLen() int { return d.h.span(d.band) * d.width() * d.channels }

// chooseUnit sets the size of a unit, as for a plan.
func (d *direct[T]) chooseUnit() {
	d.images, d.band = 1, d.h.results
	rowWork := 2 * float64(d.rows) * float64(d.channels*d.h.kernel*d.w.kernel) * float64(d.w.results)
	few := func() bool { return d.n*d.groups*d.bands() < wantUnits && rowWork*float64(d.band) > 2*leastWork }
	for d.band > 1 && (d.imageLen() > unitLen || few()) {
		d.band = (d.band + 1) / 2
	}
	if pixels := d.h.results * d.w.results; d.band == d.h.results && pixels < unitPixels {
		d.images = max(1, min(unitPixels/pixels, unitLen/d.imageLen(), (d.n+wantUnits-1)/wantUnits))
	}
}

// packer is the parallel loop over the panels of weights.
type packer[T kernel.Float] struct{ d direct[T] }

func (b *packer[T]) Do(lo, hi int) {
	d := &b.d
	taps := d.h.kernel * d.w.kernel
	for i := lo; i < hi; i++ {
		first, rows := d.panel(i % d.panels())
		lanes := d.lanes(rows)
		dst := d.packed[i*d.set.Gemm.NR*d.channels*taps:][:d.channels*taps*lanes]
		if rows < lanes {
			clear(dst) // what is left over is multiplied too, and should not be slow
		}
		src := d.w0.weight[i/d.panels()*d.w0.group+first*d.w0.row:]
		for c := range d.channels {
			for t := range taps {
				from := c*d.w0.channel + t
				if d.mirrored {
					from = c*d.w0.channel + taps - 1 - t
				}
				// written in line; the rows that are read stay in the L1 cache for the next taps
				// and channels
				to := dst[(t*d.channels+c)*lanes:][:rows]
				for r := range to {
					to[r] = src[from]
					from += d.w0.row
				}
			}
		}
	}
}

// scratchLen is the size of the memory of a worker: the padded images, the rows of one of them
// before they are padded, a panel of results, and a block of them in their final order.
func (d *direct[T]) scratchLen() int {
	nr := d.set.Gemm.NR
	return d.images*d.imageLen() + min(d.h.span(d.band), d.h.source)*d.w.source*d.channels + d.images*d.band*d.w.results*nr + nr*nr
}

// Do computes units lo to hi-1.
func (d *direct[T]) Do(lo, hi int) {
	workers := &poolsOf[T]().workers
	s := workers.take(d.scratchLen())
	for u := lo; u < hi; u++ {
		g, rest := u%d.groups, u/d.groups
		band, first := rest%d.bands()*d.band, rest/d.bands()*d.images
		d.unit(s, g, band, min(d.band, d.h.results-band), first, min(d.images, d.n-first))
	}
	workers.put(s)
}

// unit computes result rows band to band+rows-1 of a group of images first to first+images-1.
func (d *direct[T]) unit(s *scratch[T], g, band, rows, first, images int) {
	buf, nr := s.buf, d.set.Gemm.NR
	copied := split(&buf, d.images*d.imageLen())
	plain := split(&buf, min(d.h.span(d.band), d.h.source)*d.w.source*d.channels)
	plane := d.h.source * d.w.source
	pad := lastCopy[T]{set: d.set, h: &d.h, w: &d.w, channels: d.channels, rows: d.h.span(rows), width: d.width()}
	for i := range images {
		pad.write(copied[i*d.imageLen():], plain, d.src[((first+i)*d.groups+g)*d.channels*plane:], plane, band*d.h.stride)
	}
	out, block := split(&buf, d.images*d.band*d.w.results*nr), buf
	pixels := rows * d.w.results
	for p := range d.panels() {
		row, height := d.panel(p)
		lanes := d.lanes(height)
		for i := range images {
			y := out[i*pixels*lanes:][:pixels*lanes]
			d.multiply(s, y, copied[i*d.imageLen():], g, p, rows)
			at := (((first+i)*d.groups+g)*d.rows + row) * d.h.results * d.w.results
			d.deliver(d.dst[at+band*d.w.results:], y, block, pixels, height, lanes)
		}
	}
}

// multiply computes the results y [rows*width, lanes] of one panel of weights for one padded image.
func (d *direct[T]) multiply(s *scratch[T], y, copied []T, g, panel, rows int) {
	t, width := &s.tile, d.width()
	first, height := d.panel(panel)
	lanes := d.lanes(height)
	weights := d.packed[(g*d.panels()+panel)*d.set.Gemm.NR*d.channels*d.h.kernel*d.w.kernel:]
	t.K, t.N, t.Alpha, t.ARow, t.ACol, t.BRow, t.CRow = d.run*d.channels, height, 1, d.w.stride*d.channels, 1, lanes, lanes
	beta := T(0)
	if d.w0.bias != nil {
		bias := d.w0.bias[g*d.rows+first:][:height]
		for i := 0; i < len(y); i += lanes {
			copy(y[i:], bias)
		}
		beta = 1
	}
	for r := range rows {
		for q := 0; q < d.w.results; q += d.tileM {
			t.M, t.Beta = min(d.tileM, d.w.results-q), beta
			t.C = &y[(r*d.w.results+q)*lanes]
			b := weights
			for ky := range d.h.kernel {
				at := ((r*d.h.stride+ky*d.h.dilation)*width + q*d.w.stride) * d.channels
				for kx := 0; kx < d.w.kernel; kx += d.run {
					t.A, t.B = &copied[at+kx*d.w.dilation*d.channels], &b[0]
					d.set.Gemm.Run(t)
					b, t.Beta = b[min(t.K*lanes, len(b)):], 1
				}
			}
		}
	}
}

// deliver brings the results [pixels, lanes] of one image to the planes of their channels:
// dst[i*plane+p] = beta*dst[i*plane+p] + y[p*lanes+i].
func (d *direct[T]) deliver(dst, y, block []T, pixels, height, lanes int) {
	nr, plane := d.set.Gemm.NR, d.h.results*d.w.results
	for p := 0; p < pixels; p += nr {
		n := min(nr, pixels-p)
		if d.beta == 0 {
			d.set.Gemm.Interleave(dst[p:], plane, y[p*lanes:], lanes, n, height)
			continue
		}
		d.set.Gemm.Interleave(block, nr, y[p*lanes:], lanes, n, height)
		for i := range height {
			to := dst[i*plane+p:][:n]
			for j, v := range block[i*nr:][:n] {
				to[j] = d.beta*to[j] + v
			}
		}
	}
}

// lastCopy makes padded copies of images whose channels lie next to each other.
type lastCopy[T kernel.Float] struct {
	set                   *kernel.Set[T]
	h, w                  *lastAxis
	channels, rows, width int // of the copy
}

// write makes the copy of the rows from begin on, counted in the padded image, of an image given by
// planes. plain has room for those rows without the padding.
func (c *lastCopy[T]) write(dst, plain, src []T, plane, begin int) {
	nr, line := c.set.Gemm.NR, c.width*c.channels
	lo, hi := c.h.inside(begin, c.rows)
	left, right := c.w.inside(0, c.width)
	from := max(begin+lo-c.h.padding, 0) * c.w.source
	count := (hi - lo) * c.w.source
	whole := left == 0 && right == c.width && c.width == c.w.source
	if whole {
		plain = dst[lo*line:]
	}
	if count > 0 {
		for ch := 0; ch < c.channels; ch += nr {
			c.interleave(plain[ch:], src[ch*plane+from:], plane, min(nr, c.channels-ch), count)
		}
	}
	clear(dst[:lo*line])
	clear(dst[hi*line : c.rows*line])
	if whole {
		return
	}
	first := (left - c.w.padding) * c.channels
	for r := lo; r < hi; r++ {
		row := dst[r*line : (r+1)*line]
		clear(row[:left*c.channels])
		if left < right {
			copy(row[left*c.channels:right*c.channels], plain[(r-lo)*c.w.source*c.channels+first:])
		}
		clear(row[right*c.channels:])
	}
}

// interleave is that of the kernel, in stretches that leave what they write to in the near cache.
func (c *lastCopy[T]) interleave(dst, src []T, plane, width, count int) {
	const stretch = 256
	for p := 0; p < count; p += stretch {
		c.set.Gemm.Interleave(dst[p*c.channels:], c.channels, src[p:], plane, width, min(stretch, count-p))
	}
}
