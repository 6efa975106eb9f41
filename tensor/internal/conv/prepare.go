package conv

import "elegans/tensor/internal/kernel"

// prepare writes the padded copy of one image of a unit, for the given number of channels: src holds their planes, and the band begins at result row begin.
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
	if step == 1 {
		copy(dst, src)
		return
	}
	for i := range dst {
		dst[i] = src[i*step]
	}
}
