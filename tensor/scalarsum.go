package tensor

import (
	"sync"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// partials is the largest number of partial results of a reduction to one number; they are combined
// in order.
const partials = 64

// Sum returns the sum of the elements of x, which must be contiguous, accumulated in float64.
func Sum[T Float](x *Tensor[T]) float64 { return whole(x.Data(), nil, wholeSum) }

// SumSquares returns the sum of the squares of the elements of x, which must be contiguous,
// accumulated in float64.
func SumSquares[T Float](x *Tensor[T]) float64 { return whole(x.Data(), nil, wholeSquares) }

// Dot returns the sum of a[i]*b[i] over all elements, accumulated in float64. Both must be
// contiguous and have equal shapes.
func Dot[T Float](a, b *Tensor[T]) float64 {
	checkSame("Dot", a, b)
	return whole(a.Data(), b.Data(), wholeDot)
}

// AllFinite reports whether no element of x, which must be contiguous, is NaN or infinite.
func AllFinite[T Float](x *Tensor[T]) bool { return whole(x.Data(), nil, wholeNonFinite) == 0 }

type wholeKind uint8

const (
	wholeSum wholeKind = iota
	wholeSquares
	wholeDot
	wholeNonFinite
)

// wholeBody sums chunks of block elements: partial p holds the chunks p*each to (p+1)*each.
type wholeBody[T Float] struct {
	kind    wholeKind
	a, b    []T
	each    int
	results *[partials]float64
}

func whole[T Float](a, b []T, kind wholeKind) float64 {
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
