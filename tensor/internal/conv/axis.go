package conv

// axis is one spatial axis of a correlation: result i reads, through tap t, element step*(i+t.shift) + phases[t.phase] of the source, or a zero if there is none.
type axis struct {
	results int // number of results
	source  int // length of the source axis
	first   int // result i is element first + i*stride of the destination axis
	stride  int
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
	a := axis{results: s.Out[d], source: s.In[d], stride: 1, step: s.Stride[d]}
	for j := range s.Kernel[d] {
		a.add(j, j*s.Dilation[d]-s.Padding[d])
	}
	a.finish()
	return a
}

// residueAxis describes axis d of the gradient with respect to the input elements r, r+stride, r+2*stride, ...: element i was read through tap j by
// the output (i + padding - j*dilation) / stride, if that is a whole number.
func residueAxis(s *Shape, d, r int) axis {
	stride := s.Stride[d]
	a := axis{results: (s.In[d] - r + stride - 1) / stride, source: s.Out[d], first: r, stride: stride, step: 1}
	for j := range s.Kernel[d] {
		if o := r + s.Padding[d] - j*s.Dilation[d]; o%stride == 0 {
			a.add(j, o/stride)
		}
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

// inside returns the range of i in [0, n) for which step*(begin+i+low) + phase is an element of the source.
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
