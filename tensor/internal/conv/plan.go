package conv

import (
	"sync"

	"elegans/tensor/internal/kernel"
)

// plan is everything about a correlation that depends on its shape and on the sizes of the kernels,
// not on the data.
type plan struct {
	h, w     axis
	channels int // of the source, in a group
	rows     int // of the weights, in a group: channels of the destination
	taps     []int32

	// A unit of work is a band of result rows of one image, or a few whole small images. Its padded
	// copy has, for each image and channel, the phases of both axes, each an image of bandRows by
	// width elements.
	images, band    int
	bandRows, width int
	channelLen      int // elements of the copy that belong to a channel
	imageLen        int
	block           int     // channels of a task, of a columnsPlan
	lastOffsets     []int32 // offsets of its last task in a group
	// where the patch element (channel, tap) of the unit's first result is
	offsets   []int32
	pixels    []int32          // how much further that of each result is
	panels    [][]kernel.Block // copies that gather a panel of NR results, for each offset
	tapPanels [][]kernel.Block // copies that gather a panel of NR offsets, for each result

	// The gradient of the weights of some channels: in the padded copy these lie next to each
	// other, and neighbours in it are stride elements apart.
	last         bool
	lastH, lastW lastAxis
	plainLen     int // elements of the part of an image that a copy is made of
}

// planKey identifies a plan.
type planKey struct {
	shape     Shape
	kind      planKind
	nr, width int
}

type planKind uint8

const (
	forwardPlan planKind = iota // the convolution
	inputPlan                   // the gradient of the input as a correlation, for stride 1
	columnsPlan                 // the gradient of the input by columns
	weightPlan                  // the gradient of the weights
)

// Sizes that balance the work; in elements and floating-point operations.
const (
	unitLen    = 1 << 17 // a unit's padded copy should stay in the L2 cache
	smallImage = 64      // images of fewer results share units
	unitPixels = 256     // results that they fill a unit with
	wantUnits  = 16      // units to divide among workers
	leastWork  = 1.5e6   // operations that are worth another goroutine
	// rows of a panel, which with a tile of the weights should stay in the L1 cache
	panelK   = 256
	maxPlans = 512
)

var plans struct {
	sync.RWMutex
	m map[planKey]*plan
}

func planOf(key planKey) *plan {
	plans.RLock()
	p := plans.m[key]
	plans.RUnlock()
	if p != nil {
		return p
	}
	p = newPlan(key)
	plans.Lock()
	if plans.m == nil || len(plans.m) >= maxPlans {
		plans.m = map[planKey]*plan{}
	}
	plans.m[key] = p
	plans.Unlock()
	return p
}

func newPlan(key planKey) *plan {
	s := &key.shape
	p := &plan{}
	if key.kind == inputPlan {
		p.h, p.w = inputAxis(s, 0), inputAxis(s, 1)
		p.channels, p.rows = s.O/s.Groups, s.C/s.Groups
	} else {
		p.h, p.w = forwardAxis(s, 0), forwardAxis(s, 1)
		p.channels, p.rows = s.C/s.Groups, s.O/s.Groups
	}
	for _, ty := range p.h.taps {
		for _, tx := range p.w.taps {
			p.taps = append(p.taps, int32(ty.index*s.Kernel[1]+tx.index))
		}
	}
	if key.kind == columnsPlan {
		p.chooseBlock(s)
		p.offsets, p.lastOffsets = p.tapMajor(p.block), p.tapMajor((p.channels-1)%p.block+1)
	} else {
		p.last = key.kind == weightPlan && p.channels >= lastLeast
		if p.last {
			p.lastH, p.lastW = forwardLast(s, 0), forwardLast(s, 1)
		}
		p.chooseUnit(s)
		if p.last {
			p.offsets = p.channelsOfTaps()
		} else {
			for c := range p.channels {
				p.offsets = p.appendTaps(p.offsets, c)
			}
		}
	}
	row, column := p.width, 1
	if p.last {
		row, column = p.lastH.stride*p.width*p.channels, p.lastW.stride*p.channels
	}
	for i := range p.images {
		for r := range p.band {
			for q := range p.w.results {
				p.pixels = append(p.pixels, int32(i*p.imageLen+r*row+q*column))
			}
		}
	}
	if key.kind == weightPlan {
		p.tapPanels = gathers(p.offsets, key.nr, key.width)
	} else {
		p.panels = gathers(p.pixels, key.nr, key.width)
	}
	return p
}

// chooseUnit sets the size of a unit.
func (p *plan) chooseUnit(s *Shape) {
	p.images, p.band = 1, max(p.h.results, 1)
	p.layout()
	rowWork := 2 * float64(p.rows) * float64(p.channels) * float64(len(p.taps)) * float64(p.w.results)
	few := func() bool {
		return s.N*s.Groups*((p.h.results+p.band-1)/p.band) < wantUnits && rowWork*float64(p.band) > 2*leastWork
	}
	for p.band > 1 && (p.imageLen > unitLen || few()) {
		p.band = (p.band + 1) / 2
		p.layout()
	}
	if pixels := p.h.results * p.w.results; p.band >= p.h.results && pixels > 0 && pixels < smallImage {
		p.images = max(1, min(unitPixels/pixels, unitLen/max(p.imageLen, 1), (s.N+wantUnits-1)/wantUnits))
	}
}

func (p *plan) layout() {
	if p.last {
		rows := p.lastH.span(p.band)
		p.width = p.lastW.span(p.w.results)
		p.imageLen, p.plainLen = rows*p.width*p.channels, min(rows, p.h.source)*p.w.source*p.channels
		return
	}
	p.bandRows, p.width = p.band+p.h.span, p.w.results+p.w.span
	p.channelLen = len(p.h.phases) * len(p.w.phases) * p.bandRows * p.width
	p.imageLen = p.channels * p.channelLen
}

// appendTaps appends the places of a channel's taps.
func (p *plan) appendTaps(dst []int32, c int) []int32 {
	for _, ty := range p.h.taps {
		for _, tx := range p.w.taps {
			image := ty.phase*len(p.w.phases) + tx.phase
			dst = append(dst, int32(c*p.channelLen+(image*p.bandRows+ty.shift-p.h.low)*p.width+tx.shift-p.w.low))
		}
	}
	return dst
}

// channelsOfTaps returns the places of the channels of each tap, where these lie next to each
// other.
func (p *plan) channelsOfTaps() (all []int32) {
	for ky := range p.lastH.kernel {
		for kx := range p.lastW.kernel {
			for c := range p.channels {
				all = append(all, int32((ky*p.lastH.dilation*p.width+kx*p.lastW.dilation)*p.channels+c))
			}
		}
	}
	return all
}

// bands returns the number of units that an image is cut into.
func (p *plan) bands() int { return (p.h.results + p.band - 1) / p.band }

// gathers turns the sources of consecutive columns into copy lists, for panels of nr columns.
// Neighbours in the source are copied together, width elements at a time; what a copy writes too
// much is overwritten by the next.
func gathers(sources []int32, nr, width int) [][]kernel.Block {
	var panels [][]kernel.Block
	for ; len(sources) > 0; sources = sources[min(nr, len(sources)):] {
		var blocks []kernel.Block
		panel := sources[:min(nr, len(sources))]
		for begin := 0; begin < len(panel); {
			end := begin + 1
			for end < len(panel) && panel[end] == panel[end-1]+1 {
				end++
			}
			for ; begin < end; begin += width {
				blocks = append(blocks, kernel.Block{Sparse: panel[begin], Dense: int32(begin), Len: int32(min(width, end-begin))})
			}
			begin = end
		}
		panels = append(panels, blocks)
	}
	return panels
}
