package tensor

import (
	"fmt"
	"slices"

	"elegans/tensor/internal/conv"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// ConvOptions holds the attributes of a convolution, those of the height first. Zero values stand
// for stride 1, no padding, dilation 1 and one group. A convolution in one dimension has the
// attributes of the width.
type ConvOptions struct {
	Stride   [2]int
	Padding  [2]int // zeros added on both sides
	Dilation [2]int // distance of the kernel elements
	Groups   int    // the channels of each group see those of the same group only
	// OutputPadding of transposed convolutions adds elements at the end of the result, fewer than
	// the stride or the dilation.
	OutputPadding [2]int
}

// Conv computes the convolution (in the sense of neural networks: the kernel is not mirrored)
//
//	dst[n, o, i, j] = bias[o] + sum over c, a, b of weight[o, c, a, b] * x[n, g*C/G+c, row, col]
//	row = i*stride + a*dilation - padding,   col = j*stride + b*dilation - padding
//	x [N, C, H, W], weight [O, C/G, KH, KW], bias [O] or nil  ->  dst [N, O, OH, OW]
//	with g = o/(O/G)
//
// or, without the axes of the height, the same in one dimension: x [N, C, L], weight [O, C/G, K].
// All tensors must be contiguous.
func Conv[T Float](dst, x, weight, bias *Tensor[T], o ConvOptions) {
	s := convGeometry("Conv", x, weight, dst, o)
	if s.N == 0 || s.O == 0 {
		return // nothing is wanted, however large the planes would be
	}
	b := biasData("Conv", bias, s.O)
	if d := device.Active(); d != nil {
		deviceConv(d, &s, dst, x, weight, b, 0)
		return
	}
	conv.Forward(&s, dst.Data(), x.Data(), weight.Data(), b, 0)
}

// ConvGradInput computes dx = beta*dx + the gradient of Conv with respect to x, given dy, that with
// respect to its result.
func ConvGradInput[T Float](dx, dy, weight *Tensor[T], beta T, o ConvOptions) {
	s := convGeometry("ConvGradInput", dx, weight, dy, o)
	if d := device.Active(); d != nil {
		deviceConvGradInput(d, &s, dx, dy, weight, nil, beta)
		return
	}
	if s.N == 0 || s.O == 0 {
		scaleFlat(dx.Data(), beta)
		return
	}
	conv.GradInput(&s, dx.Data(), dy.Data(), weight.Data(), nil, beta)
}

// ConvGradWeight computes dw = beta*dw + the gradient of Conv with respect to the weight, given dy,
// that with respect to its result.
func ConvGradWeight[T Float](dw, x, dy *Tensor[T], beta T, o ConvOptions) {
	s := convGeometry("ConvGradWeight", x, dw, dy, o)
	if d := device.Active(); d != nil {
		deviceConvGradWeight(d, &s, dw, x, dy, beta)
		return
	}
	if s.N == 0 || s.O == 0 {
		scaleFlat(dw.Data(), beta)
		return
	}
	conv.GradWeight(&s, dw.Data(), x.Data(), dy.Data(), beta)
}

// ConvTranspose computes the transpose of a convolution: x is spread as the gradient of Conv with
// respect to its input is.
//
//	x [N, C, H, W], weight [C, O/G, KH, KW], bias [O] or nil  ->  dst [N, O, OH, OW]
//	OH = (H-1)*stride - 2*padding + dilation*(KH-1) + outputPadding + 1
//
// or, in one dimension, x [N, C, L], weight [C, O/G, K]. All tensors must be contiguous.
func ConvTranspose[T Float](dst, x, weight, bias *Tensor[T], o ConvOptions) {
	s, longer := transposeGeometry("ConvTranspose", dst, weight, x, o)
	if s.N == 0 || s.C == 0 {
		return
	}
	b := biasData("ConvTranspose", bias, s.C)
	if d := device.Active(); d != nil {
		deviceConvGradInput(d, &s, dst, x, weight, b, 0)
		return
	}
	source := x.Data()
	if longer {
		wide := lengthen(&s, x)
		defer wide.Release()
		source = wide.Data
	}
	conv.GradInput(&s, dst.Data(), source, weight.Data(), b, 0)
}

// ConvTransposeGradInput computes dx = beta*dx + the gradient of ConvTranspose with respect to x,
// given dy, that with respect to its result.
func ConvTransposeGradInput[T Float](dx, dy, weight *Tensor[T], beta T, o ConvOptions) {
	s, longer := transposeGeometry("ConvTransposeGradInput", dy, weight, dx, o)
	if d := device.Active(); d != nil {
		deviceConv(d, &s, dx, dy, weight, nil, beta)
		return
	}
	if s.N == 0 || s.C == 0 {
		scaleFlat(dx.Data(), beta)
		return
	}
	if !longer {
		conv.Forward(&s, dx.Data(), dy.Data(), weight.Data(), nil, beta)
		return
	}
	wide := lengthen(&s, dx)
	defer wide.Release()
	// what is beyond dx is nobody's
	conv.Forward(&s, wide.Data, dy.Data(), weight.Data(), nil, beta)
	eachRow(&s, dx, wide.Data, func(row, wideRow []T) { copy(row, wideRow) })
}

// ConvTransposeGradWeight computes dw = beta*dw + the gradient of ConvTranspose with respect to the
// weight, given dy, that with respect to its result.
func ConvTransposeGradWeight[T Float](dw, x, dy *Tensor[T], beta T, o ConvOptions) {
	s, longer := transposeGeometry("ConvTransposeGradWeight", dy, dw, x, o)
	if d := device.Active(); d != nil {
		deviceConvGradWeight(d, &s, dw, dy, x, beta)
		return
	}
	if s.N == 0 || s.C == 0 {
		scaleFlat(dw.Data(), beta)
		return
	}
	source := x.Data()
	if longer {
		wide := lengthen(&s, x)
		defer wide.Release()
		source = wide.Data
	}
	conv.GradWeight(&s, dw.Data(), dy.Data(), source, beta)
}

// scaleFlat multiplies by beta, where 0 makes 0 of everything.
func scaleFlat[T Float](x []T, beta T) {
	for i, v := range x {
		if x[i] = 0; beta != 0 {
			x[i] = beta * v
		}
	}
}

// transposeGeometry describes the convolution of dst whose gradient a transposed convolution of x
// computes. That convolution has more results than x has elements along an axis where the output
// padding is not less than the stride; longer says so, and the missing elements of x are zeros.
func transposeGeometry[T Float](op string, dst, weight, x *Tensor[T], o ConvOptions) (s conv.Shape, longer bool) {
	var buf [MaxDims]int
	if slices.Equal(dst.Shape(), ConvTransposeShape(buf[:0], x.Shape(), weight.Shape(), o)) {
		s = convShape(op, dst.Shape(), weight.Shape(), o)
		xs := x.Shape()
		if s.Out[1] > xs[len(xs)-1] || len(xs) == 4 && s.Out[0] > xs[2] {
			return s, true
		}
	}
	return convGeometry(op, dst, weight, x, o), false
}

// lengthen returns the elements of x with zeros at the end of its axes, to the lengths s.Out.
func lengthen[T Float](s *conv.Shape, x *Tensor[T]) *scratch.Buffer[T] {
	wide := scratch.Take[T](s.N * s.O * s.Out[0] * s.Out[1])
	clear(wide.Data)
	eachRow(s, x, wide.Data, func(row, wideRow []T) { copy(wideRow, row) })
	return wide
}

// eachRow calls f for every row of x [N, O, H, W] or [N, O, W] and the same row among those of the
// longer axes s.Out.
func eachRow[T Float](s *conv.Shape, x *Tensor[T], wide []T, f func(row, wideRow []T)) {
	h, w := 1, x.shape[x.ndim-1]
	if x.ndim == 4 {
		h = x.shape[2]
	}
	data := x.Data()
	for i := range s.N * s.O * h {
		f(data[i*w:(i+1)*w], wide[(i/h*s.Out[0]+i%h)*s.Out[1]:][:s.Out[1]])
	}
}

// ConvShape appends the shape of the result of Conv to dst.
func ConvShape(dst, x, weight []int, o ConvOptions) []int {
	s := convShape("Conv", x, weight, o)
	dst = append(dst, s.N, s.O)
	return append(dst, s.Out[4-len(x):]...)
}

// ConvTransposeShape appends the shape of the result of ConvTranspose to dst.
func ConvTransposeShape(dst, x, weight []int, o ConvOptions) []int {
	const op = "ConvTranspose"
	if len(x) != len(weight) || len(x) < 3 || len(x) > 4 || x[1] != weight[0] {
		PanicShape(op, "want x [N, C, H, W] and weight [C, O/groups, KH, KW], or both without the height", x, weight)
	}
	o = o.complete(op, len(x))
	dst = append(dst, x[0], weight[1]*o.Groups)
	for d := 4 - len(x); d < 2; d++ {
		if o.OutputPadding[d] < 0 || o.OutputPadding[d] >= max(o.Stride[d], o.Dilation[d]) {
			PanicShape(op, fmt.Sprintf("output padding %v, want less than stride %v or dilation %v", o.OutputPadding, o.Stride, o.Dilation), x, weight)
		}
		axis := d + len(x) - 2
		n := (x[axis]-1)*o.Stride[d] - 2*o.Padding[d] + o.Dilation[d]*(weight[axis]-1) + o.OutputPadding[d] + 1
		if n < 1 {
			PanicShape(op, fmt.Sprintf("padding %v leaves nothing", o.Padding), x, weight)
		}
		dst = append(dst, n)
	}
	return dst
}

// complete replaces zeros by the defaults, and checks the rest; in one dimension the attributes of
// the height are those that change nothing.
func (o ConvOptions) complete(op string, dims int) ConvOptions {
	if o.Groups < 0 {
		PanicShape(op, fmt.Sprintf("%d groups, want 1 or more", o.Groups))
	}
	o.Groups = max(o.Groups, 1)
	for d := range 2 {
		if d < 4-dims {
			o.Stride[d], o.Padding[d], o.Dilation[d] = 1, 0, 1
		}
		if o.Stride[d] == 0 {
			o.Stride[d] = 1
		}
		if o.Dilation[d] == 0 {
			o.Dilation[d] = 1
		}
		checkAttributes(op, nil, o.Stride[d], o.Padding[d], o.Dilation[d], o.OutputPadding[d])
		if o.Stride[d] < 0 || o.Dilation[d] < 0 || o.Padding[d] < 0 {
			PanicShape(op, fmt.Sprintf("negative stride %v, padding %v or dilation %v", o.Stride, o.Padding, o.Dilation))
		}
	}
	return o
}

// convShape describes the convolution of x with weight.
func convShape(op string, x, weight []int, o ConvOptions) conv.Shape {
	if len(x) != len(weight) || len(x) < 3 || len(x) > 4 {
		PanicShape(op, "want x [N, C, H, W] and weight [O, C/groups, KH, KW], or both without the height", x, weight)
	}
	o = o.complete(op, len(x))
	s := conv.Shape{
		N: x[0], C: x[1], O: weight[0], Groups: o.Groups, In: [2]int{1, 1}, Kernel: [2]int{1, 1},
		Stride: o.Stride, Padding: o.Padding, Dilation: o.Dilation,
	}
	copy(s.In[4-len(x):], x[2:])
	copy(s.Kernel[4-len(x):], weight[2:])
	if s.C%s.Groups != 0 || s.O%s.Groups != 0 || weight[1] != s.C/s.Groups {
		PanicShape(op, fmt.Sprintf("the weight does not fit the channels in %d groups", s.Groups), x, weight)
	}
	for d := range 2 {
		s.Out[d] = conv.OutLen(s.In[d], s.Kernel[d], s.Stride[d], s.Padding[d], s.Dilation[d])
		if s.Out[d] < 1 || s.Kernel[d] < 1 {
			PanicShape(op, "the kernel is empty or larger than the padded input", x, weight)
		}
	}
	return s
}

// convGeometry is convShape with a check of the result's shape. For a transposed convolution, the
// result is the input.
func convGeometry[T Float](op string, x, weight, y *Tensor[T], o ConvOptions) conv.Shape {
	s := convShape(op, x.Shape(), weight.Shape(), o)
	ys := y.Shape()
	if len(ys) != x.ndim || ys[0] != s.N || ys[1] != s.O || ys[len(ys)-1] != s.Out[1] || ys[len(ys)-2] != s.Out[0] && len(ys) == 4 {
		PanicShape(op, "the result does not fit", x.Shape(), weight.Shape(), ys)
	}
	return s
}

// biasData returns the elements of an optional bias, without waiting for a device.
func biasData[T Float](op string, bias *Tensor[T], channels int) []T {
	if bias == nil {
		return nil
	}
	if bias.ndim != 1 || bias.shape[0] != channels {
		PanicShape(op, fmt.Sprintf("want a bias for %d channels", channels), bias.Shape())
	}
	return elementsOf(bias)
}

// ConvGradBias computes db = beta*db + the gradient with respect to the bias of Conv or
// ConvTranspose: the sum of dy [N, O, ...] over all axes but that of the channels, in double
// precision.
func ConvGradBias[T Float](db, dy *Tensor[T], beta T) {
	if db.ndim != 1 || dy.ndim < 2 || dy.shape[1] != db.shape[0] {
		PanicShape("ConvGradBias", "want db [O] and dy [N, O, ...]", db.Shape(), dy.Shape())
	}
	n, o := dy.shape[0], dy.shape[1]
	plane := 0
	if n*o > 0 {
		plane = dy.Len() / (n * o)
	}
	if d := device.Active(); d != nil {
		deviceConvGradBias(d, db, dy, n, plane, beta)
		return
	}
	parallel.For(o, max(1, 1<<17/max(1, n*plane)), channelSums[T]{db.Data(), dy.Data(), n, plane, beta, kernel.Of[T]().Sum})
}

type channelSums[T Float] struct {
	db, dy   []T
	n, plane int
	beta     T
	sum      func(x []T) float64
}

func (b *channelSums[T]) Do(lo, hi int) {
	for c := lo; c < hi; c++ {
		total := 0.0
		for i := range b.n {
			total += b.sum(b.dy[(i*len(b.db)+c)*b.plane:][:b.plane])
		}
		if b.beta == 0 {
			b.db[c] = T(total)
		} else {
			b.db[c] = b.beta*b.db[c] + T(total)
		}
	}
}
