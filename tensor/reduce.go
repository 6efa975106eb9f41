package tensor

import (
	"fmt"
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// The reductions write into dst, a contiguous tensor whose shape is x's without the given axes, or
// with length 1 in their place; no axes stand for all. x may be strided.

// ReduceSum computes the sums of x over the axes. Long sums are made of partial sums, in an order
// that depends on the shape alone.
func ReduceSum[T Float](dst, x *Tensor[T], axes ...int) {
	var r axisReduction[T]
	r.over("ReduceSum", dst, x, axes)
}

// ReduceMean computes the means of x over the axes. The mean of nothing is NaN.
func ReduceMean[T Float](dst, x *Tensor[T], axes ...int) {
	r := axisReduction[T]{divided: true, divisor: float64(reducedLen("ReduceMean", x, axes))}
	r.over("ReduceMean", dst, x, axes)
}

// ReduceMax computes the maxima of x over the axes; a maximum is NaN if one of its elements is. The
// axes must not be empty.
func ReduceMax[T Float](dst, x *Tensor[T], axes ...int) {
	r := axisReduction[T]{op: opMax}
	r.over("ReduceMax", dst, x, axes)
}

// ReduceMin computes the minima of x over the axes, as ReduceMax does the maxima.
func ReduceMin[T Float](dst, x *Tensor[T], axes ...int) {
	r := axisReduction[T]{op: opMin}
	r.over("ReduceMin", dst, x, axes)
}

// ReduceNorm computes the Euclidean norms of x over the axes.
func ReduceNorm[T Float](dst, x *Tensor[T], axes ...int) {
	r := axisReduction[T]{op: opSquares, root: 2}
	r.over("ReduceNorm", dst, x, axes)
	if device.Active() != nil {
		return // the kernel has taken the roots
	}
	for i, v := range r.dst {
		r.dst[i] = T(math.Sqrt(float64(v)))
	}
}

// ReduceVariance computes the variances of x over the axes: the sums of squared differences from
// the mean, divided by the number of elements less the correction (0: biased, 1: unbiased). It
// makes two passes, so it is accurate also when the mean is large.
func ReduceVariance[T Float](dst, x *Tensor[T], correction int, axes ...int) {
	n := reducedLen("ReduceVariance", x, axes)
	if n == 0 {
		correction = 0 // the variance of nothing is NaN, whatever is taken off
	}
	divisor := float64(max(0, n-correction))
	if device.Active() != nil {
		r := axisReduction[T]{op: opVariance, divided: true, divisor: divisor}
		r.over("ReduceVariance", dst, x, axes)
		return
	}
	mean := scratch.Take[T](dst.Len())
	defer mean.Release()
	m := *dst
	m.data = mean.Data
	ReduceMean(&m, x, axes...)
	r := axisReduction[T]{op: opSquares, shift: mean.Data, divided: true, divisor: divisor}
	r.over("ReduceVariance", dst, x, axes)
}

// ReduceStd computes the standard deviations of x over the axes: the roots of ReduceVariance.
func ReduceStd[T Float](dst, x *Tensor[T], correction int, axes ...int) {
	ReduceVariance(dst, x, correction, axes...)
	Sqrt(dst, dst)
}

// ReducePNorm computes (sum |x|^p)^(1/p) over the axes, or for p = 0 the number of elements that
// are not 0. x is contiguous and p finite. ReduceNorm is faster for p = 2.
func ReducePNorm[T Float](dst, x *Tensor[T], p float64, axes ...int) {
	if math.IsNaN(p) || math.IsInf(p, 0) {
		PanicUsage("tensor.ReducePNorm", fmt.Sprintf("p is %v, expected a finite number", p))
	}
	if p < 0 && dst.Len() > 0 && x.Len() == 0 {
		PanicShape("ReducePNorm", fmt.Sprintf("the norm of nothing does not exist for p = %v", p), x.Shape())
	}
	if device.Active() != nil {
		r := axisReduction[T]{op: opPowers, p: p, root: p}
		r.over("ReducePNorm", dst, x, axes)
		return
	}
	powers, s := borrow(x)
	defer s.Release()
	parallel.For(x.Len(), grainFunction/8, absPower[T]{s.Data, x.Data(), p})
	ReduceSum(dst, &powers, axes...)
	if p == 0 {
		return
	}
	for i, v := range dst.Data() {
		dst.data[i] = T(math.Pow(float64(v), 1/p))
	}
}

type absPower[T Float] struct {
	dst, x []T
	p      float64
}

func (b *absPower[T]) Do(lo, hi int) {
	for i, v := range b.x[lo:hi] {
		if b.p == 0 && v == 0 {
			b.dst[lo+i] = 0
		} else {
			b.dst[lo+i] = T(math.Pow(math.Abs(float64(v)), b.p))
		}
	}
}

func (r *axisReduction[T]) over(op string, dst, x *Tensor[T], axes []int) {
	mask := axesMask(op, x, axes)
	checkReduced(op, dst, x, mask)
	r.name = op
	r.reduce(dst, x, mask)
}

// reducedLen returns the number of elements along the given axes of x.
func reducedLen[T Float](op string, x *Tensor[T], axes []int) int {
	mask, n := axesMask(op, x, axes), 1
	for i, d := range x.Shape() {
		if mask>>i&1 != 0 {
			n *= d
		}
	}
	return n
}
