package jointattention

import (
	"math"
	"slices"

	"elegans/tensor"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// keysByLength computes the keys and the largest scores of the sources that are the longest of some
// item, and the keys of all others that could have a weight other than 0 beside them. It reports
// whether it did: where lengths do not promise to rule out anything, it leaves everything to be
// done at once.
//
// By the inequality of Cauchy and Schwarz |s[h,m,g]| <= (|WeightK[g]| |Memory[m]| + |BiasK[g]|)
// |query[h]| / sqrt(D), with the Frobenius norm of the weight.
func (a *Attention[T]) keysByLength(c *core[T]) bool {
	if c.sources == 1 || c.batch == 0 {
		return false
	}
	l := lengths[T]{core: *c, memory: a.Memory.Data(), weight: a.WeightK.Data(), bias: a.BiasK.Data(), in: a.Memory.Dim(2)}
	s := scratch.Take[float64](c.sources*c.batch + c.heads + c.batch*c.heads)
	defer s.Release()
	l.length, l.gain, l.query2 = s.Data[:c.sources*c.batch], s.Data[c.sources*c.batch:][:c.heads], s.Data[c.sources*c.batch+c.heads:]
	parallel.For(c.sources, 1, memoryLengths[T]{l})
	longest := c.sourceFlags(1)
	if !l.promising(longest) {
		return false
	}
	for m, is := range longest {
		if is != 0 {
			for b := range c.batch {
				c.blocks[m*c.batch+b] = blockKeyed
			}
		}
	}
	a.projectAll(c, blockKeyed, c.key, a.WeightK, a.BiasK)
	parallel.For(c.batch*c.parts, 1, scoring[T]{*c})
	if l.rulesOutNone() {
		for i, state := range c.blocks {
			if state == blockZero {
				c.blocks[i] = blockKeyed
			}
		}
		a.projectAll(c, blockKeyed, c.key, a.WeightK, a.BiasK)
		return true
	}
	parallel.For(c.heads, 1, weightLengths[T]{l})
	for _, g := range l.gain {
		l.slope = math.Max(l.slope, g) // NaN if one is
	}
	for h := range c.heads {
		l.offset = math.Max(l.offset, math.Sqrt(c.k.SumSq(l.bias[h*c.d:(h+1)*c.d])))
	}
	// Rounding: a sum of n products is off by less than n units in the last place of the sum of
	// magnitudes, and a length by as much.
	l.slack = 1 + float64(l.in+c.d+8)*0x1p-21
	parallel.For(c.batch, 1, ruledOut[T]{l})
	a.projectAll(c, blockKeyed, c.key, a.WeightK, a.BiasK)
	return true
}

// lengths holds lengths, in float64 because squares of large float32 numbers overflow.
type lengths[T tensor.Float] struct {
	core[T]
	memory, weight, bias []T
	in                   int
	length               []float64 // [sources, B]
	gain                 []float64 // [heads]: of the weights of a key head
	query2               []float64 // [B, heads]: of the scaled queries
	slope, offset, slack float64
}

type memoryLengths[T tensor.Float] struct{ lengths[T] }

func (l *memoryLengths[T]) Do(lo, hi int) {
	for i := lo * l.batch; i < hi*l.batch; i++ {
		l.length[i] = math.Sqrt(l.k.SumSq(l.memory[i*l.in : (i+1)*l.in]))
	}
}

type weightLengths[T tensor.Float] struct{ lengths[T] }

func (l *weightLengths[T]) Do(lo, hi int) {
	for h := lo; h < hi; h++ {
		l.gain[h] = math.Sqrt(l.k.SumSq(l.weight[h*l.d*l.in : (h+1)*l.d*l.in]))
		for b := range l.batch {
			l.query2[b*l.heads+h] = float64(l.scale) * math.Sqrt(l.k.SumSq(l.query[b*l.width+h*l.d:][:l.d]))
		}
	}
}

// promising flags the sources that are the longest of some item, and reports whether many others
// are much shorter than these.
func (l *lengths[T]) promising(longest []int) bool {
	clear(longest)
	short := 0
	for b := range l.batch {
		first := 0
		for m := range l.sources {
			if l.length[m*l.batch+b] > l.length[first*l.batch+b] {
				first = m
			}
		}
		longest[first] = 1
		for m := range l.sources {
			if 8*l.length[m*l.batch+b] < l.length[first*l.batch+b] {
				short++
			}
		}
	}
	n := 0
	for _, is := range longest {
		n += is
	}
	return 4*n < l.sources+4 && 4*short > l.sources*l.batch
}

// ruledOut marks those blocks for which keys are needed though no source of that kind was the
// longest.
type ruledOut[T tensor.Float] struct{ lengths[T] }

func (l *ruledOut[T]) Do(lo, hi int) {
	s := scratch.Take[T](l.ld)
	for b := lo; b < hi; b++ {
		l.largestSoFar(s.Data, b)
		query := l.query2[b*l.heads : (b+1)*l.heads]
		for m := range l.sources {
			if l.blocks[m*l.batch+b] == blockZero && !l.out(s.Data, query, l.length[m*l.batch+b]) {
				l.blocks[m*l.batch+b] = blockKeyed
			}
		}
	}
	s.Release()
}

// largestSoFar finds the largest scores of item b among the blocks whose scores are known.
func (l *lengths[T]) largestSoFar(largest []T, b int) {
	l.k.Fill(largest, T(math.Inf(-1)))
	for m := range l.sources {
		if l.blocks[m*l.batch+b] == blockScored {
			l.k.MaxColumns(largest, l.maxima(b, m), 1, l.ld)
		}
	}
}

// rulesOutNone reports whether in every item the longest sources have scores too small for any
// other source to be ruled out, however short it is.
func (l *lengths[T]) rulesOutNone() bool {
	s := scratch.Take[T](l.ld)
	defer s.Release()
	for b := range l.batch {
		l.largestSoFar(s.Data, b)
		if slices.Min(s.Data[:l.heads]) > leastExponent[T]() {
			return false
		}
	}
	return true
}

// out reports whether all scores of a source of the given length lie so far below the largest found
// so far that their weights are 0.
func (l *ruledOut[T]) out(largest []T, query []float64, length float64) bool {
	margin := float64(leastExponent[T]()) + 1
	reach := (length*l.slope + l.offset) * l.slack
	for h, q := range query {
		if !(float64(largest[h])-reach*q > margin) { // so a NaN rules nothing out
			return false
		}
	}
	return true
}
