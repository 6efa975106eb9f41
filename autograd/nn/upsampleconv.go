package nn

import (
	"fmt"

	"elegans/autograd"
	"elegans/tensor"
)

// UpsampleConv2d is a convolution of 3x3 pixels, stride 1, of an image whose height and width are
// doubled first by repeating every pixel (nearest neighbours): x [N, in, H, W]  ->  [N, out,
// 2H-2+2P, 2W-2+2P] with padding P of 0 or 1.
//
// The large image is never made. Three neighbours of it are copies of only two pixels of x, so
// every result is a sum over 2x2 pixels of x, with weights that are sums of the 3x3 ones: one set
// of weights for each of the four positions of a result in its square of 2x2. That is one
// convolution of 2x2 with four times the output channels, whose results are dealt out to the
// squares: 16 products for each pixel of x and pair of channels instead of 36.
type UpsampleConv2d[T tensor.Float] struct {
	Conv *Conv2d[T] `nn:",inline"` // its parameters are the layer's own
}

// NewUpsampleConv2d returns the layer with the parameters of c, which must have a kernel of 3x3,
// stride 1, one group and a padding of 0 or 1.
func NewUpsampleConv2d[T tensor.Float](c *Conv2d[T]) *UpsampleConv2d[T] {
	o, s := c.Options, c.Weight.Shape()
	one := func(p [2]int) bool { return max(p[0], p[1]) <= 1 }
	if len(s) != 4 || s[2] != 3 || s[3] != 3 || !one(o.Stride) || !one(o.Dilation) || o.Groups > 1 || o.Padding[0] != o.Padding[1] || o.Padding[0] > 1 {
		tensor.PanicShape("nn.NewUpsampleConv2d", fmt.Sprintf("want a weight [out, in, 3, 3], one group, no dilation, stride 1 and padding 0 or 1, found %+v", o), s)
	}
	return &UpsampleConv2d[T]{c}
}

// Forward doubles and convolves x.
func (l *UpsampleConv2d[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	s, padding := l.Conv.Weight.Shape(), l.Conv.Options.Padding
	in, before := s[1], tp.MACs()
	weight := foldTaps(tp, l.Conv.Weight)
	bias := l.Conv.Bias
	if bias != nil {
		bias = tp.RepeatInterleave(bias, 4, 0)
	}
	y := tp.PixelShuffle(tp.Conv2d(x, weight, bias, tensor.ConvOptions{Padding: padding}), 2)
	if padding[0] == 1 { // of the squares on the rim, half the results belong to no pixel
		for axis := 2; axis <= 3; axis++ {
			y = tp.Slice(y, axis, 1, y.Value.Dim(axis)-1, 1)
		}
	}
	tp.CountMACs(before + y.Value.Len()*in*9 - tp.MACs()) // those of the definition
	return y
}
