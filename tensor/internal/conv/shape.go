package conv

// Shape describes a convolution of x [N, C, In0, In1] with weight [O, C/Groups, Kernel0, Kernel1]
// that gives y [N, O, Out0, Out1]. Axis 0 is the height, axis 1 the width.
type Shape struct {
	N, C, O, Groups           int
	In, Kernel, Out           [2]int
	Stride, Padding, Dilation [2]int
}

// OutLen returns the number of results along an axis; it is below 1 when the dilated kernel does
// not fit.
func OutLen(in, kernel, stride, padding, dilation int) int {
	span := in + 2*padding - dilation*(kernel-1) - 1
	if span < 0 {
		return 0
	}
	return span/stride + 1
}

func (s *Shape) inLen() int   { return s.In[0] * s.In[1] }
func (s *Shape) outLen() int  { return s.Out[0] * s.Out[1] }
func (s *Shape) taps() int    { return s.Kernel[0] * s.Kernel[1] }
func (s *Shape) weights() int { return s.O * (s.C / s.Groups) * s.taps() }
