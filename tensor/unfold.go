package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// Unfold writes the patches that a convolution with a kernel of the given height and width would
// see as columns:
//
//	x [N, C, H, W]  ->  dst [N, C*KH*KW, L],   L = OH*OW positions in row-major order
//
// What a window reads in the padding is 0.
//
// Stride, Padding and Dilation of o count. Both must be contiguous.
func Unfold[T Float](dst, x *Tensor[T], kernel [2]int, o ConvOptions) {
	unfold("Unfold", dst, x, kernel, o, false)
}

// UnfoldGrad adds the gradient of Unfold to dx, given dy, that with respect to its result.
func UnfoldGrad[T Float](dx, dy *Tensor[T], kernel [2]int, o ConvOptions) {
	unfold("UnfoldGrad", dy, dx, kernel, o, true)
}

// UnfoldShape appends the shape of the result of Unfold to dst.
func UnfoldShape(dst, x []int, kernel [2]int, o ConvOptions) []int {
	n := unfoldShape(x, kernel, o)
	return append(dst, x[0], x[1]*kernel[0]*kernel[1], n[0]*n[1])
}

func unfoldShape(x []int, kernel [2]int, o ConvOptions) [2]int {
	if len(x) != 4 {
		PanicShape("Unfold", "want [N, C, H, W]", x)
	}
	o.Groups = 1
	s := convShape("Unfold", x, []int{1, x[1], kernel[0], kernel[1]}, o)
	return s.Out
}

func unfold[T Float](op string, y, x *Tensor[T], kernel [2]int, o ConvOptions, grad bool) {
	n := unfoldShape(x.Shape(), kernel, o)
	o = o.complete(op, 4)
	channels := x.shape[0] * x.shape[1]
	taps := kernel[0] * kernel[1]
	if y.ndim != 3 || y.shape[0] != x.shape[0] || y.shape[1] != x.shape[1]*taps || y.shape[2] != n[0]*n[1] {
		PanicShape(op, fmt.Sprintf("want [N, C*%d, %d] as result", taps, n[0]*n[1]), x.Shape(), y.Shape())
	}
	p := unfolding[T]{o: o, kernel: kernel, out: n, in: [2]int{x.shape[2], x.shape[3]}, y: y.elements(), x: x.elements(), grad: grad}
	if d := device.Active(); d != nil {
		deviceUnfold(d, &p)
		return
	}
	parallel.For(channels, planeGrain(taps*n[0]*n[1]), p)
}

// unfolding computes the columns of each channel, or sums their gradients.
type unfolding[T Float] struct {
	o               ConvOptions
	kernel, out, in [2]int
	y, x            []T
	grad            bool
}

func (p *unfolding[T]) Do(lo, hi int) {
	plane, columns := p.in[0]*p.in[1], p.kernel[0]*p.kernel[1]*p.out[0]*p.out[1]
	for c := lo; c < hi; c++ {
		x, y := p.x[c*plane:(c+1)*plane], p.y[c*columns:(c+1)*columns]
		for a := range p.kernel[0] {
			for b := range p.kernel[1] {
				for r := range p.out[0] {
					i := r*p.o.Stride[0] + a*p.o.Dilation[0] - p.o.Padding[0]
					for q := range p.out[1] {
						j := q*p.o.Stride[1] + b*p.o.Dilation[1] - p.o.Padding[1]
						inside := i >= 0 && i < p.in[0] && j >= 0 && j < p.in[1]
						switch {
						case p.grad && inside:
							x[i*p.in[1]+j] += y[q]
						case !p.grad && inside:
							y[q] = x[i*p.in[1]+j]
						case !p.grad:
							y[q] = 0
						}
					}
					y = y[p.out[1]:]
				}
			}
		}
	}
}
