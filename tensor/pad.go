package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// PadMode tells what padding consists of.
type PadMode uint8

const (
	PadConstant  PadMode = iota // a given value
	PadReflect                  // the elements mirrored at the last one, which is not repeated
	PadReplicate                // the last element
	PadCircular                 // the elements from the other end
)

// Pad adds elements at both ends of the last len(pad)/2 axes. pad lists the last axis first: before
// and after the last axis, before and after the last but one, and so on; negative numbers remove
// elements. value is what PadConstant fills in. Both tensors must be contiguous.
func Pad[T Float](dst, x *Tensor[T], pad []int, mode PadMode, value T) {
	padding := newPadding("Pad", dst, x, pad, mode)
	padding.value = value
	if d := device.Active(); d != nil {
		devicePad(d, &padding)
		return
	}
	parallel.For(padding.blocks, planeGrain(2*padding.shape[0]*padding.dst[0]), padding)
}

// PadGrad adds the gradient of Pad to dx, given dy, that with respect to its result.
func PadGrad[T Float](dx, dy *Tensor[T], pad []int, mode PadMode) {
	padding := newPadding("PadGrad", dy, dx, pad, mode)
	padding.grad = true
	if d := device.Active(); d != nil {
		devicePad(d, &padding)
		return
	}
	parallel.For(padding.blocks, planeGrain(2*padding.shape[0]*padding.dst[0]), padding)
}

// PadShape appends the shape of the result of Pad to dst.
func PadShape(dst, x, pad []int) []int {
	if len(pad)%2 != 0 || len(pad) > 2*len(x) {
		PanicShape("Pad", fmt.Sprintf("pad %v: want two numbers for each of the last axes", pad), x)
	}
	checkAttributes("Pad", x, pad...)
	for d, n := range x {
		if i := 2 * (len(x) - 1 - d); i < len(pad) {
			n += pad[i] + pad[i+1]
		}
		if n < 0 {
			PanicShape("Pad", fmt.Sprintf("pad %v removes more than there is", pad), x)
		}
		dst = append(dst, n)
	}
	return dst
}

// padding is the loop over the blocks of the unpadded leading axes; index 0 of the arrays is the
// first padded axis.
type padding[T Float] struct {
	blocks, axes  int
	in, shape     [MaxDims]int // lengths without and with padding
	before, after [MaxDims]int
	src, dst      [MaxDims]int // elements of a step along the axis
	mode          PadMode
	value         T
	grad          bool
	y, x          []T
}

func newPadding[T Float](op string, y, x *Tensor[T], pad []int, mode PadMode) padding[T] {
	var buf [MaxDims]int
	want := PadShape(buf[:0], x.Shape(), pad)
	p := padding[T]{blocks: 1, axes: len(pad) / 2, mode: mode, y: y.elements(), x: x.elements()}
	p.shape[0], p.dst[0] = 1, 1
	lead := x.ndim - p.axes
	for d, n := range want {
		if y.ndim != x.ndim || y.shape[d] != n {
			PanicShape(op, fmt.Sprintf("pad %v does not give the result's shape", pad), x.Shape(), y.Shape())
		}
		if d < lead {
			p.blocks *= n
			continue
		}
		a, in := d-lead, x.shape[d]
		before, after := pad[2*(x.ndim-1-d)], pad[2*(x.ndim-1-d)+1]
		most, left := max(before, after), in+min(before, 0)+min(after, 0)
		if mode == PadReflect && most >= max(in, 1) || mode == PadCircular && most > left || mode == PadReplicate && in == 0 && n > 0 {
			PanicShape(op, fmt.Sprintf("pad %v needs more elements than there are", pad), x.Shape())
		}
		p.in[a], p.shape[a], p.before[a], p.after[a] = in, n, before, after
		p.src[a], p.dst[a] = x.strides[d], y.strides[d]
	}
	return p
}

func (p *padding[T]) Do(lo, hi int) {
	in, out := 1, 1
	for a := range p.axes {
		in, out = in*p.in[a], out*p.shape[a]
	}
	for b := lo; b < hi; b++ {
		p.axis(0, p.y[b*out:(b+1)*out], p.x[b*in:(b+1)*in])
	}
}

// axis pads axis a and, by recursion, those after it.
func (p *padding[T]) axis(a int, y, x []T) {
	if a == p.axes {
		if p.grad {
			x[0] += y[0]
		} else {
			y[0] = x[0]
		}
		return
	}
	for i := range p.shape[a] {
		row := y[i*p.dst[a] : (i+1)*p.dst[a]]
		if j := p.source(a, i); j >= 0 {
			p.axis(a+1, row, x[j*p.src[a]:(j+1)*p.src[a]])
		} else if !p.grad {
			for k := range row {
				row[k] = p.value
			}
		}
	}
}

// source returns the element of axis a that result i is a copy of, or -1 for the constant.
func (p *padding[T]) source(a, i int) int {
	n := p.in[a]
	i -= p.before[a]
	if i >= 0 && i < n {
		return i
	}
	switch p.mode {
	case PadReflect:
		if i < 0 {
			return -i
		}
		return 2*(n-1) - i
	case PadReplicate:
		return min(max(i, 0), n-1)
	case PadCircular: // of what the other end leaves, if it removes elements
		first, end := max(0, -p.before[a]), n-max(0, -p.after[a])
		return first + ((i-first)%(end-first)+end-first)%(end-first)
	}
	return -1
}
