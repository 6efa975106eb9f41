package conv

import "elegans/tensor/internal/kernel"

// prepare writes the padded copy of one image of a unit, for the given number of channels: src
// holds their planes, and the band begins at result row begin.
func prepare[T kernel.Float](p *plan, dst, src []T, channels, begin int) {
	plane := p.h.source * p.w.source
	for c := range channels {
		for _, ph := range p.h.phases {
			lo, hi := p.h.inside(begin, p.bandRows, ph)
			for _, pw := range p.w.phases {
				image := dst[:p.bandRows*p.width]
				dst = dst[p.bandRows*p.width:]
				clear(image[:lo*p.width])
				clear(image[hi*p.width:])
				left, right := p.w.inside(0, p.width, pw)
				y := p.h.step*(begin+lo+p.h.low) + ph
				x := p.w.step*(left+p.w.low) + pw
				for r := lo; r < hi; r++ {
					row := image[r*p.width : (r+1)*p.width]
					clear(row[:left])
					clear(row[right:])
					if left < right {
						copyStep(row[left:right], src[c*plane+y*p.w.source+x:], p.w.step)
					}
					y += p.h.step
				}
			}
		}
	}
}

// copyStep copies every step-th element.
func copyStep[T kernel.Float](dst, src []T, step int) {
	switch {
	case step == 1:
		copy(dst, src)
	case step == 2:
		for len(dst) >= 4 && len(src) >= 8 {
			dst[0], dst[1], dst[2], dst[3] = src[0], src[2], src[4], src[6]
			dst, src = dst[4:], src[8:]
		}
		fallthrough
	default:
		for i := range dst {
			dst[i] = src[i*step]
		}
	}
}

// restore is the transpose of prepare: it adds the padded image of channel number c, less its
// padding, to a plane.
func restore[T kernel.Float](p *plan, plane, src []T, c int) {
	src = src[c*p.channelLen:]
	for _, ph := range p.h.phases {
		lo, hi := p.h.inside(0, p.bandRows, ph)
		for _, pw := range p.w.phases {
			image := src[:p.bandRows*p.width]
			src = src[p.bandRows*p.width:]
			left, right := p.w.inside(0, p.width, pw)
			if left >= right {
				continue
			}
			for r := lo; r < hi; r++ {
				row := image[r*p.width+left : r*p.width+right]
				dst := plane[(p.h.step*(r+p.h.low)+ph)*p.w.source+p.w.step*(left+p.w.low)+pw:]
				if p.w.step == 1 {
					dst = dst[:len(row)]
					for i, v := range row {
						dst[i] += v
					}
					continue
				}
				for i, v := range row {
					dst[i*p.w.step] += v
				}
			}
		}
	}
}
