package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// The functions of this file are the backward passes of reductions. They add to dx, given the
// gradient dy of the result y. x and dx are contiguous and of the same shape; y and dy have that
// shape with length 1 in place of the axes that were reduced:
//
//	x, dx [4 3 5]; y, dy [4 1 5]   for the axis 1

// reduceGrad is a loop over the elements of x, with the elements of two tensors of y's shape.
type reduceGrad[T Float] struct {
	kind  reduceGradKind
	dx, x []T
	a, b  []T // b may be nil
	p     float64
	n     nest
}

type reduceGradKind uint8

const (
	gradWhereEqual reduceGradKind = iota // dx += a where x = b
	gradCentred                          // dx += a (x - b)
	gradScaled                           // dx += a x
	gradPNorm                            // dx += a sign(x) (|x|/b)^(p-1)
)

// spread prepares a loop over x in which a and b are broadcast to x's shape.
func (r *reduceGrad[T]) spread(op string, dx, x, a, b *Tensor[T]) {
	checkSame(op, dx, x)
	var ea, eb Tensor[T]
	a.expandInto(op, &ea, x.Shape())
	r.dx, r.x, r.a = dx.Data(), x.Data(), ea.data
	strides := []int(nil)
	if b != nil {
		b.expandInto(op, &eb, x.Shape())
		r.b, strides = eb.data, eb.Strides()
	}
	if x.Len() > 0 {
		r.n.init(x.Shape(), dx.Strides(), x.Strides(), ea.Strides(), strides)
	}
}

func (r *reduceGrad[T]) run(grain int) {
	if len(r.x) > 0 {
		parallel.For(r.n.units, r.n.grain(grain), *r)
	}
}

func (r *reduceGrad[T]) Do(lo, hi int) {
	as, bs := r.n.innerStride(2), r.n.innerStride(3)
	for u := lo; u < hi; u++ {
		at, n := r.n.unit(u)
		dx, x, a, b := r.dx[at[0]:][:n], r.x[at[1]:][:n], r.a[at[2]:], r.b
		if b != nil {
			b = b[at[3]:]
		}
		switch r.kind {
		case gradWhereEqual:
			for i, v := range x {
				if v == b[i*bs] {
					dx[i] += a[i*as]
				}
			}
		case gradCentred:
			for i, v := range x {
				dx[i] += a[i*as] * (v - b[i*bs])
			}
		case gradScaled:
			for i, v := range x {
				dx[i] += a[i*as] * v
			}
		case gradPNorm:
			for i, v := range x {
				if y := b[i*bs]; v != 0 && y != 0 {
					g := math.Pow(math.Abs(float64(v))/float64(y), r.p-1)
					dx[i] += a[i*as] * T(math.Copysign(g, float64(v)))
				}
			}
		}
	}
}

// borrow returns scratch of the shape of x.
func borrow[T Float](x *Tensor[T]) (t Tensor[T], s *scratch.Buffer[T]) {
	s = scratch.Take[T](x.Len())
	t.Rebind(s.Data, x.Shape()...)
	return t, s
}

// ReduceMaxGrad is the backward pass of y = ReduceMax(x) and of y = ReduceMin(x). Elements that
// share a maximum share its gradient evenly.
func ReduceMaxGrad[T Float](dx, dy, x, y *Tensor[T]) {
	checkSame("ReduceMaxGrad", y, dy)
	if d := device.Active(); d != nil {
		deviceReduceGrad(d, "ReduceMaxGrad", gradWhereEqual, dx, x, dy, y, 1, 0)
		return
	}
	share, s := borrow(y)
	defer s.Release()
	r := reduceGrad[T]{kind: gradWhereEqual}
	r.spread("ReduceMaxGrad", dx, x, &share, y)
	clear(s.Data)
	if len(r.x) > 0 {
		r.count()
	}
	for k, d := range dy.Data() {
		s.Data[k] = d / s.Data[k]
	}
	r.run(grainArithmetic)
}

// count adds 1 to a for each element of x that equals b.
func (r *reduceGrad[T]) count() {
	as, bs := r.n.innerStride(2), r.n.innerStride(3)
	for u := range r.n.units {
		at, n := r.n.unit(u)
		a, b := r.a[at[2]:], r.b[at[3]:]
		for i, v := range r.x[at[1]:][:n] {
			if v == b[i*bs] {
				a[i*as]++
			}
		}
	}
}

// ReduceVarianceGrad is the backward pass of ReduceVariance with the same correction.
//
//	dx += 2 dy (x - mean) / (n - correction)
func ReduceVarianceGrad[T Float](dx, dy, x *Tensor[T], correction int) {
	varianceGrad("ReduceVarianceGrad", dx, dy, x, nil, correction)
}

// ReduceStdGrad is the backward pass of y = ReduceStd(x) with the same correction. The gradient of
// elements whose deviation is 0 is 0.
//
//	dx += dy (x - mean) / ((n - correction) y)
func ReduceStdGrad[T Float](dx, dy, x, y *Tensor[T], correction int) {
	checkSame("ReduceStdGrad", dy, y)
	varianceGrad("ReduceStdGrad", dx, dy, x, y, correction)
}

// varianceGrad is the backward pass of the variances, or, given their roots, of the deviations.
func varianceGrad[T Float](op string, dx, dy, x, root *Tensor[T], correction int) {
	n := x.Len() / max(1, dy.Len())
	divisor := T(max(0, n-correction))
	if d := device.Active(); d != nil {
		scale := 1 / float64(divisor)
		if root == nil {
			scale *= 2
		}
		deviceReduceGrad(d, op, gradCentred, dx, x, dy, root, scale, 0)
		return
	}
	mean, sm := borrow(dy)
	defer sm.Release()
	scale, ss := borrow(dy)
	defer ss.Release()
	r := reduceGrad[T]{kind: gradCentred}
	r.spread(op, dx, x, &scale, &mean)
	clear(sm.Data)
	SumTo(&mean, x)
	Scale(&mean, &mean, 1/T(n))
	for k, d := range dy.Data() {
		switch {
		case root == nil:
			d *= 2 / divisor
		case root.data[k] == 0:
			d = 0
		default:
			d /= divisor * root.data[k]
		}
		ss.Data[k] = d
	}
	r.run(grainArithmetic)
}

// ReduceNormGrad is the backward pass of y = ReduceNorm(x): dx += dy x / y, and nothing where y is
// 0.
func ReduceNormGrad[T Float](dx, dy, x, y *Tensor[T]) {
	checkSame("ReduceNormGrad", dy, y)
	if d := device.Active(); d != nil {
		deviceReduceGrad(d, "ReduceNormGrad", gradScaled, dx, x, dy, y, 1, 0)
		return
	}
	scale, s := borrow(y)
	defer s.Release()
	r := reduceGrad[T]{kind: gradScaled}
	r.spread("ReduceNormGrad", dx, x, &scale, nil)
	norms := y.Data()
	for k, d := range dy.Data() {
		s.Data[k] = 0
		if v := norms[k]; v != 0 {
			s.Data[k] = d / v
		}
	}
	r.run(grainArithmetic)
}

// ReducePNormGrad is the backward pass of y = ReducePNorm(x) with the same p:
//
//	dx += dy sign(x) (|x|/y)^(p-1), and nothing where x or y is 0, or for p = 0
func ReducePNormGrad[T Float](dx, dy, x, y *Tensor[T], p float64) {
	checkSame("ReducePNormGrad", dy, y)
	if p == 0 {
		return
	}
	if d := device.Active(); d != nil {
		deviceReduceGrad(d, "ReducePNormGrad", gradPNorm, dx, x, dy, y, 1, p)
		return
	}
	r := reduceGrad[T]{kind: gradPNorm, p: p}
	r.spread("ReducePNormGrad", dx, x, dy, y)
	r.run(grainFunction / 8)
}
