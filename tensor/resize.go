package tensor

import (
	"fmt"
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// ResizeMode tells how an image is resampled.
type ResizeMode uint8

const (
	// Nearest takes element floor(i*in/out).
	Nearest ResizeMode = iota
	// Bilinear interpolates at (i+0.5)*in/out - 0.5, clipped to the image: pixels are squares, and
	// the edges of both images agree.
	Bilinear
	// BilinearCorners interpolates at i*(in-1)/(out-1): the centres of the corner pixels agree.
	BilinearCorners
)

// ResizeOptions holds the attributes of resizing. Either the size is given, or factors from which
// it follows, floor(in*scale); then in/out above is 1/scale.
type ResizeOptions struct {
	Mode  ResizeMode
	Size  [2]int     // height and width
	Scale [2]float64 // of height and width; used where Size is 0
}

// ResizeShape appends the shape of the result of resizing planes x [.., H, W] to dst.
func ResizeShape(dst, x []int, o ResizeOptions) []int {
	if len(x) < 2 || x[len(x)-2] < 1 || x[len(x)-1] < 1 {
		PanicShape("Resize", "want planes [.., H, W] that are not empty", x)
	}
	dst = append(dst, x[:len(x)-2]...)
	for d := range 2 {
		n := o.Size[d]
		if n == 0 {
			n = int(min(math.Floor(float64(x[len(x)-2+d])*o.Scale[d]), 2*maxAttribute))
		}
		checkAttributes("Resize", x, n)
		if n < 1 {
			PanicShape("Resize", fmt.Sprintf("size %v, scale %v: want a result that is not empty", o.Size, o.Scale), x)
		}
		dst = append(dst, n)
	}
	return dst
}

// Resize resamples the planes x [.., H, W]. Both must be contiguous.
func Resize[T Float](dst, x *Tensor[T], o ResizeOptions) { resize("Resize", dst, x, o, false, 0) }

// ResizeGrad computes dx = beta*dx + the gradient of Resize with respect to x, given dy, that with
// respect to its result. beta is 0 or 1.
func ResizeGrad[T Float](dx, dy *Tensor[T], beta T, o ResizeOptions) {
	resize("ResizeGrad", dy, dx, o, true, beta)
}

func resize[T Float](op string, y, x *Tensor[T], o ResizeOptions, grad bool, beta T) {
	var buf [MaxDims]int
	shape := ResizeShape(buf[:0], x.Shape(), o)
	h, w := shape[len(shape)-2], shape[len(shape)-1]
	planes := poolPlanes(op, x, y, h, w)
	if planes == 0 {
		return // no samples are wanted, however many there would be
	}
	if d := device.Active(); d != nil {
		deviceResize(d, &resample[T]{
			rows: resizeAxis[T](o, 0, x.shape[x.ndim-2], h), columns: resizeAxis[T](o, 1, x.shape[x.ndim-1], w),
			height: x.shape[x.ndim-2], width: x.shape[x.ndim-1], y: y.elements(), x: x.elements(), grad: grad,
		}, beta)
		return
	}
	if o.doubles(x.Shape(), shape) {
		rows, n := x.Len()/x.shape[x.ndim-1], x.shape[x.ndim-1]
		parallel.For(rows, max(1, grainArithmetic/(4*n)), doubled[T]{y.Data(), x.Data(), n, grad, beta != 0})
		return
	}
	if grad && beta == 0 {
		clear(x.Data())
	}
	parallel.For(planes, planeGrain(4*h*w), resample[T]{
		rows: resizeAxis[T](o, 0, x.shape[x.ndim-2], h), columns: resizeAxis[T](o, 1, x.shape[x.ndim-1], w),
		height: x.shape[x.ndim-2], width: x.shape[x.ndim-1], y: y.Data(), x: x.Data(), grad: grad,
	})
}

// doubles reports whether each element of x becomes a block of 2 by 2 in y.
func (o ResizeOptions) doubles(x, y []int) bool {
	for d := range 2 {
		i := len(x) - 2 + d
		if o.Mode != Nearest || y[i] != 2*x[i] || o.Size[d] == 0 && o.Scale[d] != 2 {
			return false
		}
	}
	return true
}

// doubled enlarges rows of n elements to double the size, or gathers their gradients.
type doubled[T Float] struct {
	y, x      []T
	n         int
	grad, add bool
}

func (b *doubled[T]) Do(lo, hi int) {
	k := &kernel.Of[T]().Pool
	x, y := b.x[lo*b.n:hi*b.n], b.y[4*lo*b.n:4*hi*b.n]
	if b.grad {
		k.DoubleGrad(x, y, hi-lo, b.n, b.add)
	} else {
		k.Double(y, x, hi-lo, b.n)
	}
}

// sample says that a result is (1-t)*x[i] + t*x[j].
type sample[T Float] struct {
	i, j int
	t    T
}

// resizeAxis returns the samples of one axis.
func resizeAxis[T Float](o ResizeOptions, d, in, out int) []sample[T] {
	samples := make([]sample[T], out)
	for i := range samples {
		s := &samples[i]
		// position(p) is p*in/out in one rounding, so that whole numbers come out whole.
		position := func(p float64) float64 {
			if o.Size[d] == 0 {
				return p / o.Scale[d]
			}
			return p * float64(in) / float64(out)
		}
		var at float64
		switch o.Mode {
		case Nearest:
			s.i = min(int(position(float64(i))), in-1)
			s.j = s.i
			continue
		case Bilinear:
			at = max(position(float64(i)+0.5)-0.5, 0)
		case BilinearCorners:
			if out > 1 {
				at = float64(i) * float64(in-1) / float64(out-1)
			}
		}
		s.i = min(int(at), in-1)
		s.j = min(s.i+1, in-1)
		s.t = T(at - float64(s.i))
	}
	return samples
}

// resample computes planes, or spreads their gradients.
type resample[T Float] struct {
	rows, columns []sample[T]
	height, width int
	y, x          []T
	grad          bool
}

func (p *resample[T]) Do(lo, hi int) {
	in, out := p.height*p.width, len(p.rows)*len(p.columns)
	for i := lo; i < hi; i++ {
		x, y := p.x[i*in:(i+1)*in], p.y[i*out:(i+1)*out]
		for r, v := range p.rows {
			top, bottom := x[v.i*p.width:(v.i+1)*p.width], x[v.j*p.width:(v.j+1)*p.width]
			row := y[r*len(p.columns) : (r+1)*len(p.columns)]
			for q, h := range p.columns {
				if p.grad {
					g := row[q]
					top[h.i] += (1 - v.t) * (1 - h.t) * g
					if h.t != 0 {
						top[h.j] += (1 - v.t) * h.t * g
					}
					if v.t != 0 {
						bottom[h.i] += v.t * (1 - h.t) * g
						bottom[h.j] += v.t * h.t * g
					}
					continue
				}
				if v.t == 0 && h.t == 0 {
					row[q] = top[h.i]
					continue
				}
				row[q] = (1-v.t)*((1-h.t)*top[h.i]+h.t*top[h.j]) + v.t*((1-h.t)*bottom[h.i]+h.t*bottom[h.j])
			}
		}
	}
}
