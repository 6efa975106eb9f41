package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// AvgPool computes the mean of each window of the planes x [.., H, W]. Padding counts as zeros
// unless o.ExcludePadding is set; what a last window of o.CeilMode has beyond the padding never
// counts. Both must be contiguous.
func AvgPool[T Float](dst, x *Tensor[T], o PoolOptions) { avgPool("AvgPool", dst, x, o, false) }

// AvgPoolGrad adds the gradient of AvgPool to dx, given dy, that with respect to its result.
func AvgPoolGrad[T Float](dx, dy *Tensor[T], o PoolOptions) { avgPool("AvgPoolGrad", dy, dx, o, true) }

func avgPool[T Float](op string, y, x *Tensor[T], o PoolOptions, grad bool) {
	w := o.windows(op, x.Shape())
	if w[0].dilation != 1 || w[1].dilation != 1 {
		PanicShape(op, fmt.Sprintf("dilation %v: averages have none", o.Dilation), x.Shape())
	}
	planes := poolPlanes(op, x, y, w[0].out, w[1].out)
	body := meanPool[T]{h: meanAxis{window: w[0], exclude: o.ExcludePadding}, w: meanAxis{window: w[1], exclude: o.ExcludePadding}, y: y.elements(), x: x.elements(), grad: grad}
	if d := device.Active(); d != nil {
		deviceMeanPool(d, &body)
		return
	}
	parallel.For(planes, planeGrain(w[0].out*w[1].out*w[0].kernel*w[1].kernel), body)
}

// AdaptiveAvgPool computes means over windows that divide the planes x [.., H, W] as evenly as
// possible into the lengths h and w that dst [.., h, w] has: result i is the mean of the elements
// from floor(i*H/h) to ceil((i+1)*H/h). Both must be contiguous.
func AdaptiveAvgPool[T Float](dst, x *Tensor[T]) { adaptiveAvgPool("AdaptiveAvgPool", dst, x, false) }

// AdaptiveAvgPoolGrad adds the gradient of AdaptiveAvgPool to dx, given dy, that with respect to
// its result.
func AdaptiveAvgPoolGrad[T Float](dx, dy *Tensor[T]) {
	adaptiveAvgPool("AdaptiveAvgPoolGrad", dy, dx, true)
}

func adaptiveAvgPool[T Float](op string, y, x *Tensor[T], grad bool) {
	if x.ndim < 2 || y.ndim != x.ndim {
		PanicShape(op, "want x [.., H, W] and a result of as many axes", x.Shape(), y.Shape())
	}
	var axes [2]meanAxis
	for d := range 2 {
		in, out := x.shape[x.ndim-2+d], y.shape[y.ndim-2+d]
		if in == 0 || out == 0 {
			PanicShape(op, "empty planes have no means", x.Shape(), y.Shape())
		}
		axes[d] = meanAxis{window: window{in: in, out: out}, adaptive: true}
	}
	planes := poolPlanes(op, x, y, axes[0].out, axes[1].out)
	body := meanPool[T]{h: axes[0], w: axes[1], y: y.elements(), x: x.elements(), grad: grad}
	if d := device.Active(); d != nil {
		deviceMeanPool(d, &body)
		return
	}
	parallel.For(planes, planeGrain(axes[0].in*axes[1].in), body)
}

// meanAxis tells which elements a mean extends over along one axis, and by what it is divided.
type meanAxis struct {
	window
	exclude, adaptive bool
}

func (a *meanAxis) bounds(i int) (lo, hi, count int) {
	if a.adaptive {
		lo, hi = i*a.in/a.out, ((i+1)*a.in+a.out-1)/a.out
		return lo, hi, hi - lo
	}
	lo, hi = a.clip(i)
	if a.exclude {
		return lo, hi, hi - lo
	}
	return lo, hi, a.extent(i)
}

// meanPool computes means, or spreads their gradients.
type meanPool[T Float] struct {
	h, w meanAxis
	y, x []T
	grad bool
}

func (p *meanPool[T]) Do(lo, hi int) {
	in, out := p.h.in*p.w.in, p.h.out*p.w.out
	for i := lo; i < hi; i++ {
		x, y := p.x[i*in:(i+1)*in], p.y[i*out:(i+1)*out]
		for r := range p.h.out {
			h0, h1, hn := p.h.bounds(r)
			for q := range p.w.out {
				w0, w1, wn := p.w.bounds(q)
				count := T(hn * wn)
				if p.grad {
					g := y[r*p.w.out+q] / count
					for j := h0; j < h1; j++ {
						row := x[j*p.w.in+w0 : j*p.w.in+w1]
						for k := range row {
							row[k] += g
						}
					}
					continue
				}
				var sum T
				for j := h0; j < h1; j++ {
					for _, v := range x[j*p.w.in+w0 : j*p.w.in+w1] {
						sum += v
					}
				}
				y[r*p.w.out+q] = sum / count
			}
		}
	}
}
