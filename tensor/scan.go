package tensor

import (
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Functions along one axis see a contiguous tensor as [outer, n, inner]: n elements, inner apart,
// for each of outer*inner lines.

// axisLines returns the three lengths for an axis of x.
func axisLines[T Float](op string, x *Tensor[T], axis int) (outer, n, inner int) {
	axis = x.Axis(op, axis)
	outer, inner = 1, 1
	for _, d := range x.shape[:axis] {
		outer *= d
	}
	for _, d := range x.shape[axis+1 : x.ndim] {
		inner *= d
	}
	return outer, x.shape[axis], inner
}

// CumSum computes the running sums of x along an axis: dst[i] = x[0] + ... + x[i]. Both are
// contiguous and may be the same tensor.
func CumSum[T Float](dst, x *Tensor[T], axis int) { scan("CumSum", dst, x, axis, scanSum) }

// CumSumReverse computes the running sums from the end, dst[i] = x[i] + ... + x[n-1].
func CumSumReverse[T Float](dst, x *Tensor[T], axis int) {
	scan("CumSumReverse", dst, x, axis, scanSumReverse)
}

// CumProd computes the running products of x along an axis: dst[i] = x[0] * ... * x[i]. Both are
// contiguous and may be the same tensor.
func CumProd[T Float](dst, x *Tensor[T], axis int) { scan("CumProd", dst, x, axis, scanProd) }

type scanOp uint8

const (
	scanSum scanOp = iota
	scanSumReverse
	scanProd
)

func scan[T Float](op string, dst, x *Tensor[T], axis int, how scanOp) {
	checkSame(op, dst, x)
	_, n, inner := axisLines(op, x, axis)
	if x.Len() == 0 {
		return
	}
	if d := device.Active(); d != nil {
		deviceScan(d, dst.elements(), x.elements(), n, inner, how)
		return
	}
	parallel.For(x.Len()/n, max(1, moveGrain/n), scanBody[T]{how, dst.Data(), x.Data(), n, inner})
}

type scanBody[T Float] struct {
	op       scanOp
	dst, x   []T
	n, inner int
}

func (b *scanBody[T]) Do(lo, hi int) {
	for line := lo; line < hi; line++ {
		o := line/b.inner*b.n*b.inner + line%b.inner
		switch b.op {
		case scanSum:
			var s T
			for range b.n {
				s += b.x[o]
				b.dst[o] = s
				o += b.inner
			}
		case scanSumReverse:
			var s T
			o += (b.n - 1) * b.inner
			for range b.n {
				s += b.x[o]
				b.dst[o] = s
				o -= b.inner
			}
		case scanProd:
			s := T(1)
			for range b.n {
				s *= b.x[o]
				b.dst[o] = s
				o += b.inner
			}
		}
	}
}

// CumProdGrad adds to dx the gradient of CumProd(x), given dy. It multiplies instead of dividing,
// so zeros in x are no exception, and takes n*n/2 multiplications for a line of n elements.
//
//	dx[i] += sum over j >= i of dy[j] * product over k <= j, k != i of x[k]
func CumProdGrad[T Float](dx, dy, x *Tensor[T], axis int) {
	checkSame("CumProdGrad", dx, dy, x)
	outer, n, inner := axisLines("CumProdGrad", x, axis)
	if d := device.Active(); d != nil {
		deviceProductGrad(d, "cumprod_grad", dx.elements(), dy.elements(), x.elements(), n, inner)
		return
	}
	dxs, dys, xs := dx.Data(), dy.Data(), x.Data()
	for line := range outer * inner {
		first := line/max(1, inner)*n*inner + line%max(1, inner)
		before := T(1) // product of x[k], k < i
		for i := range n {
			o := first + i*inner
			product, sum := before, T(0)
			for j := i; j < n; j++ {
				if j > i {
					product *= xs[first+j*inner]
				}
				sum += dys[first+j*inner] * product
			}
			dxs[o] += sum
			before *= xs[o]
		}
	}
}

// Prod computes the products of x along an axis; dst has x's shape without it. Both are contiguous.
func Prod[T Float](dst, x *Tensor[T], axis int) {
	axis = x.Axis("Prod", axis)
	checkReduced("Prod", dst, x, 1<<axis)
	if device.Active() != nil {
		r := axisReduction[T]{name: "Prod", op: opProduct}
		r.reduce(dst, x, 1<<axis)
		return
	}
	outer, n, inner := axisLines("Prod", x, axis)
	out, xs := dst.Data(), x.Data()
	for k := range outer * inner {
		o := k/inner*n*inner + k%inner
		p := T(1)
		for range n {
			p *= xs[o]
			o += inner
		}
		out[k] = p
	}
}

// ProdGrad adds to dx the gradient of Prod(x), given dy: dx[i] += dy * product of all others,
// computed from the products before and after, without division.
func ProdGrad[T Float](dx, dy, x *Tensor[T], axis int) {
	checkSame("ProdGrad", dx, x)
	axis = x.Axis("ProdGrad", axis)
	checkReduced("ProdGrad", dy, x, 1<<axis)
	outer, n, inner := axisLines("ProdGrad", x, axis)
	if d := device.Active(); d != nil {
		deviceProductGrad(d, "prod_grad", dx.elements(), dy.elements(), x.elements(), n, inner)
		return
	}
	dxs, dys, xs := dx.Data(), dy.Data(), x.Data()
	s := scratch.Take[T](n)
	defer s.Release()
	for k := range outer * inner {
		first := k/inner*n*inner + k%inner
		after := T(1)
		for i := n - 1; i >= 0; i-- {
			s.Data[i] = after
			after *= xs[first+i*inner]
		}
		before := dys[k]
		for i := range n {
			o := first + i*inner
			dxs[o] += before * s.Data[i]
			before *= xs[o]
		}
	}
}

// Max computes the maxima of x along an axis and their positions on it; among equals the first
// counts, and a NaN counts as the largest. dst, whose shape is x's without the axis, may be nil,
// and so may index, which holds one number for each of dst's elements. The axis must not be empty.
func Max[T Float](dst *Tensor[T], index []int, x *Tensor[T], axis int) {
	extremum("Max", dst, index, x, axis, false)
}

// Min computes the minima of x along an axis and their positions, as Max does the maxima.
func Min[T Float](dst *Tensor[T], index []int, x *Tensor[T], axis int) {
	extremum("Min", dst, index, x, axis, true)
}

// Argmax writes the positions of the maxima of x along an axis into index; see Max.
func Argmax[T Float](index []int, x *Tensor[T], axis int) { Max(nil, index, x, axis) }

// Argmin writes the positions of the minima of x along an axis into index; see Min.
func Argmin[T Float](index []int, x *Tensor[T], axis int) { Min(nil, index, x, axis) }

func extremum[T Float](op string, dst *Tensor[T], index []int, x *Tensor[T], axis int, smallest bool) {
	axis = x.Axis(op, axis)
	outer, n, inner := axisLines(op, x, axis)
	if dst != nil {
		checkReduced(op, dst, x, 1<<axis)
	}
	if index != nil && len(index) != outer*inner {
		PanicShape(op, "want one index for each line", x.Shape(), []int{len(index)})
	}
	if n == 0 && outer*inner > 0 {
		PanicShape(op, "no elements to choose from", x.Shape())
	}
	if d := device.Active(); d != nil {
		kind := largestFirst
		if smallest {
			kind = smallestFirst
		}
		var out []T
		if dst != nil {
			out = dst.elements()
		}
		deviceExtremum(d, out, index, x.elements(), n, inner, kind)
		return
	}
	b := extremumBody[T]{smallest: smallest, x: x.Data(), index: index, n: n, inner: inner}
	if dst != nil {
		b.dst = dst.Data()
	}
	parallel.For(outer*inner, max(1, moveGrain/max(1, n)), b)
}

type extremumBody[T Float] struct {
	smallest bool
	dst, x   []T
	index    []int
	n, inner int
}

func (b *extremumBody[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		o := k/b.inner*b.n*b.inner + k%b.inner
		best, where := b.x[o], 0
		for i := 1; i < b.n && best == best; i++ {
			o += b.inner
			if v := b.x[o]; v > best != b.smallest && v != best || v != v {
				best, where = v, i
			}
		}
		if b.dst != nil {
			b.dst[k] = best
		}
		if b.index != nil {
			b.index[k] = where
		}
	}
}
