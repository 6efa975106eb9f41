package tensor

import (
	"math"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// CrossEntropy replaces the rows of p [rows, C], which holds logits, by their softmax, and writes
// the cross entropy of each with its label into terms [rows]:
//
//	term = (1-e) w[t] (-log p[t]) + e/C sum over c of w[c] (-log p[c]),   e = smoothing, t = label
//
// Negative labels give 0. weight has C elements or is nil, for ones. The result is the sum of the
// weights w[t], in float64: float32 would stop to count at 2^24 rows.
func CrossEntropy[T Float](terms, p, weight *Tensor[T], labels []int, smoothing T) (total float64) {
	checkEntropy("CrossEntropy", terms, p, weight)
	if d := device.Active(); d != nil {
		return deviceCrossEntropy(d, terms, p, weight, labels, smoothing)
	}
	b := newEntropy(terms, p, weight, smoothing)
	b.labels = labels
	for _, t := range labels {
		if t >= 0 {
			total += float64(b.w(t))
		}
	}
	parallel.For(terms.Len(), b.grain(), b)
	return total
}

// CrossEntropySoft is CrossEntropy with targets q [rows, C]: term = sum over c of w[c] ((1-e) q[c]
// + e/C) (-log p[c]). logp [rows, C] receives log p.
func CrossEntropySoft[T Float](terms, p, logp, q, weight *Tensor[T], smoothing T) {
	checkEntropy("CrossEntropySoft", terms, p, weight)
	checkSame("CrossEntropySoft", p, q, logp)
	if d := device.Active(); d != nil {
		deviceCrossEntropySoft(d, terms, p, logp, q, weight, smoothing)
		return
	}
	b := newEntropy(terms, p, weight, smoothing)
	b.q, b.logp = q.Data(), logp.Data()
	parallel.For(terms.Len(), b.grain(), b)
}

// checkEntropy panics in the name of op unless p is [rows, C], and there are so many terms and
// weights.
func checkEntropy[T Float](op string, terms, p, weight *Tensor[T]) {
	if p.ndim != 2 || terms.Len() != p.shape[0] {
		PanicShape(op, "want rows of classes and one term for each", p.Shape(), terms.Shape())
	}
	checkAffine(op, weight, p.shape[1])
}

func newEntropy[T Float](terms, p, weight *Tensor[T], smoothing T) entropyBody[T] {
	b := entropyBody[T]{k: kernel.Of[T](), n: p.shape[1], terms: terms.Data(), p: p.Data(), weight: dataOf(weight), e: smoothing}
	b.total = T(b.n)
	if weight != nil {
		b.total = b.k.RowSum(b.weight)
	}
	return b
}

type entropyBody[T Float] struct {
	k                         *kernel.Set[T]
	n                         int
	terms, p, weight, q, logp []T
	labels                    []int
	e, total                  T // total is the sum of the weights
}

func (b *entropyBody[T]) grain() int { return max(1, chunkElems/max(1, b.n)) }

// w returns the weight of a class.
func (b *entropyBody[T]) w(c int) T {
	if b.weight == nil {
		return 1
	}
	return b.weight[c]
}

func (b *entropyBody[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		x := b.p[i*b.n : (i+1)*b.n]
		high := b.k.RowMax(x)
		// atLabel is x[t], mean the weighted mean of x over the classes times the sum of weights.
		var atLabel, mean T
		if b.q == nil && b.labels[i] >= 0 {
			atLabel = x[b.labels[i]]
			if b.e != 0 {
				for c, v := range x {
					mean += b.w(c) * (v - high)
				}
			}
		}
		if b.q != nil {
			b.k.Normalize(b.logp[i*b.n:(i+1)*b.n], x, high, 1, 0)
		}
		sum := b.k.ExpSum(x, x, high)
		log := T(math.Log(float64(sum)))
		b.k.RowScale(x, x, 1/sum)
		switch {
		case b.q != nil:
			b.terms[i] = b.soft(i, log)
		case b.labels[i] < 0:
			b.terms[i] = 0
		default:
			b.terms[i] = (1 - b.e) * b.w(b.labels[i]) * (log + high - atLabel)
			if b.e != 0 {
				b.terms[i] += b.e / T(b.n) * (b.total*log - mean)
			}
		}
	}
}

// soft finishes logp of row i, which holds x - max, and returns the term.
func (b *entropyBody[T]) soft(i int, log T) T {
	logp, q := b.logp[i*b.n:(i+1)*b.n], b.q[i*b.n:(i+1)*b.n]
	var term T
	for c := range logp {
		logp[c] -= log
		if t := (1-b.e)*q[c] + b.e/T(b.n); t != 0 {
			term -= b.w(c) * t * logp[c]
		}
	}
	return term
}

// CrossEntropyGrad writes into dx [rows, C] the gradient of CrossEntropy with respect to the
// logits, given that with respect to the terms and the softmax p. dx may be p.
func CrossEntropyGrad[T Float](dx, p, dterms, weight *Tensor[T], labels []int, smoothing T) {
	checkSame("CrossEntropyGrad", dx, p)
	checkEntropy("CrossEntropyGrad", dterms, p, weight)
	if d := device.Active(); d != nil {
		deviceCrossEntropyGrad(d, dx, p, dterms, weight, labels, smoothing)
		return
	}
	b := newEntropy(dterms, p, weight, smoothing)
	d := dx.Data()
	for i, g := range b.terms {
		row, y := d[i*b.n:(i+1)*b.n], b.p[i*b.n:(i+1)*b.n]
		t := labels[i]
		if t < 0 {
			clear(row)
			continue
		}
		hit, each, all := g*(1-b.e)*b.w(t), T(0), T(0)
		if b.e != 0 { // else the weights of other classes do not matter, infinite ones included
			each = g * b.e / T(b.n)
			all = each * b.total
		}
		b.k.RowScale(row, y, hit+all)
		if b.e != 0 {
			for c := range row {
				row[c] -= each * b.w(c)
			}
		}
		row[t] -= hit
	}
}

// CrossEntropySoftGrad is CrossEntropyGrad for targets q.
func CrossEntropySoftGrad[T Float](dx, p, dterms, q, weight *Tensor[T], smoothing T) {
	checkSame("CrossEntropySoftGrad", dx, p, q)
	checkEntropy("CrossEntropySoftGrad", dterms, p, weight)
	if d := device.Active(); d != nil {
		deviceCrossEntropySoftGrad(d, dx, p, dterms, q, weight, smoothing)
		return
	}
	b := newEntropy(dterms, p, weight, smoothing)
	d, target := dx.Data(), q.Data()
	for i, g := range b.terms {
		row, y, t := d[i*b.n:(i+1)*b.n], b.p[i*b.n:(i+1)*b.n], target[i*b.n:(i+1)*b.n]
		var total T
		for c, v := range t {
			total += b.w(c) * ((1-b.e)*v + b.e/T(b.n))
		}
		for c, v := range t {
			row[c] = g * (y[c]*total - b.w(c)*((1-b.e)*v+b.e/T(b.n)))
		}
	}
}

// CrossEntropySoftGradTarget writes into dq [rows, C] the gradient of CrossEntropySoft with respect
// to the target: dq[c] = -dterm (1-e) w[c] logp[c].
func CrossEntropySoftGradTarget[T Float](dq, logp, dterms, weight *Tensor[T], smoothing T) {
	checkSame("CrossEntropySoftGradTarget", dq, logp)
	checkEntropy("CrossEntropySoftGradTarget", dterms, logp, weight)
	if d := device.Active(); d != nil {
		deviceCrossEntropyTargetGrad(d, dq, logp, dterms, weight, smoothing)
		return
	}
	b := newEntropy(dterms, logp, weight, smoothing)
	d := dq.Data()
	for i, g := range b.terms {
		for c, v := range b.p[i*b.n : (i+1)*b.n] {
			d[i*b.n+c] = -g * (1 - b.e) * b.w(c) * v
		}
	}
}

// ClassesLast copies x [N, C, ...] to dst [N*..., C]: a row of classes for each place.
func ClassesLast[T Float](dst, x *Tensor[T]) {
	n, c, d := classesLast("ClassesLast", dst, x)
	if on := device.Active(); on != nil {
		deviceClassesLast(on, dst, x, n, c, d, false)
		return
	}
	to, from := dst.Data(), x.Data()
	if d == 1 {
		copy(to, from)
		return
	}
	for i := range n {
		s, t := from[i*c*d:(i+1)*c*d], to[i*c*d:(i+1)*c*d]
		for j := range c {
			for k, v := range s[j*d : (j+1)*d] {
				t[k*c+j] = v
			}
		}
	}
}

// ClassesLastGrad is the backward pass of ClassesLast: it adds dy [N*..., C] to dx [N, C, ...].
func ClassesLastGrad[T Float](dx, dy *Tensor[T]) {
	n, c, d := classesLast("ClassesLastGrad", dy, dx)
	if on := device.Active(); on != nil {
		deviceClassesLast(on, dy, dx, n, c, d, true)
		return
	}
	to, from := dx.Data(), dy.Data()
	for i := range n {
		t, s := to[i*c*d:(i+1)*c*d], from[i*c*d:(i+1)*c*d]
		if d == 1 {
			for j, v := range s {
				t[j] += v
			}
			continue
		}
		for j := range c {
			row := t[j*d : (j+1)*d]
			for k := range row {
				row[k] += s[k*c+j]
			}
		}
	}
}

// classesLast returns N, C and the number of places of each item of x.
func classesLast[T Float](op string, rows, x *Tensor[T]) (n, c, d int) {
	if x.ndim < 2 || rows.ndim != 2 || rows.shape[1] != x.shape[1] || rows.Len() != x.Len() {
		PanicShape(op, "want [N, C, ...] and rows [N*..., C]", x.Shape(), rows.Shape())
	}
	d = 1
	for _, l := range x.Shape()[2:] {
		d *= l
	}
	return x.shape[0], x.shape[1], d
}
