package conv

// axis is one spatial axis of a correlation: result i reads, through tap t, element
// step*(i+t.shift) + phases[t.phase] of the source, or a zero if there is none.
type axis struct {
	results int // number of results
	source  int // length of the source axis
	step    int
	taps    []tap
	phases  []int // the remainders modulo step that occur
	low     int   // smallest shift
	span    int   // largest shift less the smallest
}

// tap is one kernel element along an axis.
type tap struct{ index, phase, shift int }

// forwardAxis describes axis d of the convolution itself.
func forwardAxis(s *Shape, d int) axis {
	a := axis{results: s.Out[d], source: s.In[d], step: s.Stride[d]}
	for j := range s.Kernel[d] {
		a.add(j, j*s.Dilation[d]-s.Padding[d])
	}
	a.finish()
	return a
}

// inputAxis describes axis d of the gradient with respect to the input of a convolution of stride
// 1: element i was read through tap j by output i + padding - j*dilation.
func inputAxis(s *Shape, d int) axis {
	a := axis{results: s.In[d], source: s.Out[d], step: 1}
	for j := range s.Kernel[d] {
		a.add(j, s.Padding[d]-j*s.Dilation[d])
	}
	a.finish()
	return a
}

// add appends the tap that reads position step*i + offset.
func (a *axis) add(index, offset int) {
	r := (offset%a.step + a.step) % a.step
	phase := 0
	for phase < len(a.phases) && a.phases[phase] != r {
		phase++
	}
	if phase == len(a.phases) {
		a.phases = append(a.phases, r)
	}
	a.taps = append(a.taps, tap{index, phase, (offset - r) / a.step})
}

func (a *axis) finish() {
	for i, t := range a.taps {
		if i == 0 || t.shift < a.low {
			a.low = t.shift
		}
	}
	for _, t := range a.taps {
		a.span = max(a.span, t.shift-a.low)
	}
}

// inside returns the range of i in [0, n) for which step*(begin+i+low) + phase is an element of the
// source.
func (a *axis) inside(begin, n, phase int) (lo, hi int) {
	base := a.step*(begin+a.low) + phase
	if base < 0 {
		lo = min((-base+a.step-1)/a.step, n)
	}
	if left := a.source - base; left > 0 {
		hi = min((left+a.step-1)/a.step, n)
	}
	return lo, max(lo, hi)
}
