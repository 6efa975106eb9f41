package tensor

import (
	"math"
	"sync"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// partials is the largest number of partial results of a reduction to one number; they are combined
// in order.
const partials = 64

// Sum returns the sum of the elements of x, which must be contiguous, accumulated in float64.
func Sum[T Float](x *Tensor[T]) float64 { return whole(x.elements(), nil, wholeSum) }

// SumSquares returns the sum of the squares of the elements of x, which must be contiguous,
// accumulated in float64.
func SumSquares[T Float](x *Tensor[T]) float64 { return whole(x.elements(), nil, wholeSquares) }

// Dot returns the sum of a[i]*b[i] over all elements, accumulated in float64. Both must be
// contiguous and have equal shapes.
func Dot[T Float](a, b *Tensor[T]) float64 {
	checkSame("Dot", a, b)
	return whole(a.elements(), b.elements(), wholeDot)
}

// AllFinite reports whether no element of x, which must be contiguous, is NaN or infinite.
func AllFinite[T Float](x *Tensor[T]) bool { return whole(x.elements(), nil, wholeNonFinite) == 0 }

// FirstNonFinite returns the place of the first element of x, which must be contiguous, that is NaN
// or infinite, counted in row-major order, and the element; the place is -1 if there is none.
func FirstNonFinite[T Float](x *Tensor[T]) (index int, v T) {
	if d := device.Active(); d != nil {
		return deviceFirst(d, x, wholeFirstNonFinite, 0, 0)
	}
	if !AllFinite(x) {
		for i, v := range x.Data() {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return i, v
			}
		}
	}
	return -1, 0
}

// FirstOutside returns the place of the first element of x, which must be contiguous, that does not
// lie in [lo, hi], NaN among them, and the element; the place is -1 if there is none.
func FirstOutside[T Float](x *Tensor[T], lo, hi T) (index int, v T) {
	if d := device.Active(); d != nil {
		return deviceFirst(d, x, wholeFirstOutside, float64(lo), float64(hi))
	}
	for i, v := range x.Data() {
		if !(v >= lo && v <= hi) {
			return i, v
		}
	}
	return -1, 0
}

// MaxAbs returns the largest magnitude of the elements of x, which must be contiguous; NaN if one
// of them is NaN, and 0 if there is none.
func MaxAbs[T Float](x *Tensor[T]) float64 {
	if d := device.Active(); d != nil {
		return deviceWhole(d, x.elements(), nil, wholeLargest, 0, 0)
	}
	largest := 0.0
	for _, v := range x.Data() {
		largest = max(largest, math.Abs(float64(v))) // max keeps NaN
	}
	return largest
}

// AddPowers returns sum plus |v|^p for each element v of x, which must be contiguous, one after the
// other in float64. (A device adds up the powers first.)
func AddPowers[T Float](sum float64, x *Tensor[T], p float64) float64 {
	if d := device.Active(); d != nil {
		return sum + deviceWhole(d, x.elements(), nil, wholePowers, p, 0)
	}
	for _, v := range x.Data() {
		sum += math.Pow(math.Abs(float64(v)), p)
	}
	return sum
}

// CountCorrect returns the number of rows of logits [rows, classes] whose largest element, the
// first one if there are several, is at the label.
func CountCorrect[T Float](logits *Tensor[T], labels []int) int {
	if logits.ndim != 2 || logits.shape[0] != len(labels) {
		PanicShape("CountCorrect", "want a row of classes for each label", logits.Shape(), []int{len(labels)})
	}
	if d := device.Active(); d != nil {
		return deviceCountCorrect(d, logits, labels)
	}
	x, classes, n := logits.Data(), logits.shape[1], 0
	for i, label := range labels {
		best := 0
		row := x[i*classes : (i+1)*classes]
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		if best == label {
			n++
		}
	}
	return n
}

type wholeKind uint8

const (
	wholeSum wholeKind = iota
	wholeSquares
	wholeDot
	wholeNonFinite
	// Of the device alone.
	wholeLargest
	wholePowers
	wholeAbove
	wholeBothAbove
	wholeNonZero
	wholeFirstNonFinite
	wholeFirstOutside
)

// wholeBody sums chunks of block elements: partial p holds the chunks p*each to (p+1)*each.
type wholeBody[T Float] struct {
	kind    wholeKind
	a, b    []T
	each    int
	results *[partials]float64
}

func whole[T Float](a, b []T, kind wholeKind) float64 {
	if d := device.Active(); d != nil {
		return deviceWhole(d, a, b, kind, 0, 0)
	}
	n := len(a)
	if n <= block {
		return wholeBlock(a, b, kind)
	}
	chunks := (n + block - 1) / block
	each := (chunks + partials - 1) / partials
	used := (chunks + each - 1) / each
	results := takeResults()
	grain := max(1, grainArithmetic/(each*block))
	parallel.For(used, grain, wholeBody[T]{kind, a, b, each, results})
	sum := 0.0
	for _, r := range results[:used] {
		sum += r
	}
	putResults(results)
	return sum
}

func (m *wholeBody[T]) Do(lo, hi int) {
	for p := lo; p < hi; p++ {
		sum := 0.0
		for at := p * m.each * block; at < min((p+1)*m.each*block, len(m.a)); at += block {
			end := min(at+block, len(m.a))
			b := m.b
			if b != nil {
				b = b[at:end]
			}
			sum += wholeBlock(m.a[at:end], b, m.kind)
		}
		m.results[p] = sum
	}
}

func wholeBlock[T Float](a, b []T, kind wholeKind) float64 {
	k := kernel.Of[T]()
	switch kind {
	case wholeSum:
		return k.Sum(a)
	case wholeSquares:
		return k.SumSq(a)
	case wholeDot:
		return k.Dot(a, b)
	}
	if k.Finite(a) {
		return 0
	}
	return 1
}

// resultBuffers recycles the buffers of partial results.
var resultBuffers struct {
	mu   sync.Mutex
	free []*[partials]float64
}

func takeResults() *[partials]float64 {
	resultBuffers.mu.Lock()
	defer resultBuffers.mu.Unlock()
	if n := len(resultBuffers.free); n > 0 {
		r := resultBuffers.free[n-1]
		resultBuffers.free = resultBuffers.free[:n-1]
		return r
	}
	return new([partials]float64)
}

func putResults(r *[partials]float64) {
	resultBuffers.mu.Lock()
	resultBuffers.free = append(resultBuffers.free, r)
	resultBuffers.mu.Unlock()
}
