package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// ReduceTerms computes dst, a tensor of one element, from the terms of a loss: their sum, times
// scale. It adds one term after the other, in float64.
func ReduceTerms[T Float](dst, terms *Tensor[T], scale T) {
	single("ReduceTerms", dst)
	if d := device.Active(); d != nil {
		deviceReduceTerms(d, dst, terms, scale)
		return
	}
	sum := 0.0
	for _, v := range terms.Data() {
		sum += float64(v)
	}
	dst.data[0] = T(sum) * scale
}

// SpreadTerms computes dst = scale*dy, the gradient of the terms of a loss. dy has one element for
// each term, or a single one for all.
func SpreadTerms[T Float](dst, dy *Tensor[T], scale T) {
	if n := dy.Len(); n != dst.Len() && n != 1 {
		PanicShape("SpreadTerms", "want a gradient for each term, or one", dst.Shape(), dy.Shape())
	}
	if d := device.Active(); d != nil {
		deviceSpreadTerms(d, dst, dy, scale)
		return
	}
	g, d := dy.Data(), dst.Data()
	for i := range d {
		d[i] = g[i%len(g)] * scale
	}
}

// single panics in the name of op unless t has one element.
func single[T Float](op string, t *Tensor[T]) {
	if t.Len() != 1 {
		PanicShape(op, "want a tensor of one element", t.Shape())
	}
}

// ClassWeights writes into dst the weight of the class of each label and returns their sum in
// float64. Negative labels have no weight; weight has one element for each class, or is nil for
// ones.
//
//	dst [rows], labels [rows], weight [C]
func ClassWeights[T Float](dst, weight *Tensor[T], labels []int) (total float64) {
	if dst.Len() != len(labels) {
		PanicShape("ClassWeights", "want a place for each label", dst.Shape(), []int{len(labels)})
	}
	if d := device.Active(); d != nil {
		checkClasses(weight, labels)
		return deviceClassWeights(d, dst.elements(), weight, labels)
	}
	d, w := dst.Data(), dataOf(weight)
	for i, t := range labels {
		switch {
		case t < 0:
			d[i] = 0
		case w == nil:
			d[i] = 1
		case t >= len(w):
			PanicShape("ClassWeights", fmt.Sprintf("label %d of item %d has no weight", t, i), weight.Shape())
		default:
			d[i] = w[t]
		}
		total += float64(d[i])
	}
	return total
}

// NLLLoss computes the terms of the negative log likelihood, given logarithms of probabilities:
//
//	terms[i] = -weights[i] x[index[i]], or 0 where the index is negative
//
// index counts the elements of x, which is contiguous, in row-major order.
func NLLLoss[T Float](terms, x, weights *Tensor[T], index []int) {
	if terms.Len() != len(index) || weights.Len() != len(index) {
		PanicShape("NLLLoss", "want a term and a weight for each index", terms.Shape(), weights.Shape(), []int{len(index)})
	}
	if d := device.Active(); d != nil {
		deviceNLLLoss(d, terms, x, weights, index)
		return
	}
	y, w, v := terms.Data(), weights.Data(), x.Data()
	for i, at := range index {
		y[i] = 0
		if at >= 0 {
			y[i] = -w[i] * v[at]
		}
	}
}

// NLLLossGrad adds to dx the gradient of NLLLoss. dy has one element for each term, or a single one
// for all.
func NLLLossGrad[T Float](dx, dy, weights *Tensor[T], index []int) {
	if n := dy.Len(); n != len(index) && n != 1 || weights.Len() != len(index) {
		PanicShape("NLLLossGrad", "want a gradient (or one) and a weight for each index", dy.Shape(), weights.Shape(), []int{len(index)})
	}
	if d := device.Active(); d != nil {
		deviceNLLLossGrad(d, dx, dy, weights, index)
		return
	}
	d, g, w := dx.Data(), dy.Data(), weights.Data()
	for i, at := range index {
		if at >= 0 {
			d[at] -= g[i%len(g)] * w[i]
		}
	}
}

// PointLoss computes the terms of a loss that compares x with a target t, element by element:
//
//	term = weight * f(x, t, param)
//
// x, t, and weight and param unless they are nil (which stands for ones) have one shape. dst has
// that shape and receives scale times each term, or it has one element and receives scale times
// their sum. Sums run in float64, one term after the other.
func PointLoss[T Float](f LossFunc, dst, x, t, weight, param *Tensor[T], scale float64) {
	checkPoints("PointLoss", x, t, weight, param)
	each := SameShape(dst, x)
	if !each {
		single("PointLoss", dst)
	}
	if d := device.Active(); d != nil {
		devicePointLoss(d, f, dst, x, t, weight, param, scale)
		return
	}
	b := pointLoss[T]{f: f, scale: scale}
	b.operands(x, t, weight, param)
	if each {
		b.dst = dst.Data()
		parallel.For(len(b.x), pointLossGrain, b)
		return
	}
	sum := 0.0
	for i := range b.x {
		sum += b.term(i)
	}
	dst.data[0] = T(sum * scale)
}

// pointLossGrain is the number of terms worth handing to another goroutine.
const pointLossGrain = 1 << 12

type pointLoss[T Float] struct {
	f                        LossFunc
	dst, x, t, weight, param []T
	scale                    float64
}

// checkPoints panics in the name of op unless all operands that there are have one shape.
func checkPoints[T Float](op string, x, t, weight, param *Tensor[T]) {
	checkSame(op, x, t)
	for _, o := range [...]*Tensor[T]{weight, param} {
		if o != nil {
			checkSame(op, x, o)
		}
	}
}

func (b *pointLoss[T]) operands(x, t, weight, param *Tensor[T]) {
	b.x, b.t, b.weight, b.param = x.Data(), t.Data(), dataOf(weight), dataOf(param)
}

// element returns element i of an optional operand.
func element[T Float](v []T, i int) float64 {
	if v == nil {
		return 1
	}
	return float64(v[i])
}

func (b *pointLoss[T]) term(i int) float64 {
	return lossValue(b.f.Kind, float64(b.x[i]), float64(b.t[i]), element(b.param, i), b.f.A, b.f.B) * element(b.weight, i)
}

func (b *pointLoss[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		b.dst[i] = T(b.term(i) * b.scale)
	}
}

// PointLossGrad adds to dx and dt, which may be nil, the gradients of PointLoss with respect to x
// and t. dy has the shape of its dst: one element for each term, or a single one.
func PointLossGrad[T Float](f LossFunc, dx, dt, dy, x, t, weight, param *Tensor[T], scale float64) {
	checkPoints("PointLossGrad", x, t, weight, param)
	if n := dy.Len(); n != x.Len() && n != 1 {
		PanicShape("PointLossGrad", "want a gradient for each term, or one", dy.Shape(), x.Shape())
	}
	if d := device.Active(); d != nil {
		devicePointLossGrad(d, f, dx, dt, dy, x, t, weight, param, scale)
		return
	}
	b := pointLossGrad[T]{pointLoss: pointLoss[T]{f: f, scale: scale}, dx: dataOf(dx), dt: dataOf(dt), dy: dy.Data()}
	b.operands(x, t, weight, param)
	parallel.For(len(b.x), pointLossGrain, b)
}

type pointLossGrad[T Float] struct {
	pointLoss[T]
	dx, dt, dy []T
}

func (b *pointLossGrad[T]) Do(lo, hi int) {
	alone := b.f.Kind == LossLogitEntropy && b.dt == nil
	for i := lo; i < hi; i++ {
		g := b.scale * element(b.weight, i)
		if len(b.dy) == len(b.x) {
			g *= float64(b.dy[i])
		} else {
			g *= float64(b.dy[0])
		}
		x, t, p := float64(b.x[i]), float64(b.t[i]), element(b.param, i)
		if alone {
			if b.dx != nil {
				b.dx[i] += T(g * logitEntropySlopeX(x, t, p))
			}
			continue
		}
		gx, gt := lossSlope(b.f.Kind, x, t, p, b.f.A, b.f.B)
		if b.dx != nil {
			b.dx[i] += T(g * gx)
		}
		if b.dt != nil {
			b.dt[i] += T(g * gt)
		}
	}
}

// LogSumExpGrad adds to dx the gradient of LogSumExp along the last axis, given the softmax soft
// [rows, n] that it has left:
//
//	dx += soft * dy;   dx has rows*n elements in any shape and may be strided, dy [rows]
func LogSumExpGrad[T Float](dx, dy, soft *Tensor[T]) {
	if soft.ndim != 2 || dx.Len() != soft.Len() || dy.Len() != soft.shape[0] {
		PanicShape("LogSumExpGrad", "want dx of rows*n elements, dy [rows] and soft [rows, n]", dx.Shape(), dy.Shape(), soft.Shape())
	}
	if d := device.Active(); d != nil {
		deviceLogSumExpGrad(d, dx, dy, soft)
		return
	}
	w := logSumExpGrad[T]{soft.Data(), dy.Data(), soft.shape[1], 0}
	w.add(dx.data, dx.Shape(), dx.Strides())
}

// logSumExpGrad walks over soft in its order of elements.
type logSumExpGrad[T Float] struct {
	soft, dy []T
	n        int // elements of soft for each of dy
	next     int
}

// add adds soft*dy, from element number next on, to a strided tensor in row-major order.
func (w *logSumExpGrad[T]) add(dst []T, shape, strides []int) {
	if len(shape) == 0 {
		dst[0] += w.soft[w.next] * w.dy[w.next/w.n]
		w.next++
		return
	}
	for i := range shape[0] {
		w.add(dst[i*strides[0]:], shape[1:], strides[1:])
	}
}
