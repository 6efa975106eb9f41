package tensor

import (
	"math"
	"slices"

	"elegans/tensor/internal/parallel"
)

// keysByLength computes the keys and the largest scores of the motors that are the longest of some
// item, and the keys of all others that could have a weight other than 0 beside them. It reports
// whether it did: where lengths do not promise to rule out anything, it leaves everything to be
// done at once.
//
// By the inequality of Cauchy and Schwarz |s[h,m,g]| <= (|WeightK[g]| |Memory[m]| + |BiasK[g]|)
// |query[h]| / sqrt(D), with the Frobenius norm of the weight.
func (a *JointAttention[T]) keysByLength(c *jointCore[T]) bool {
	if c.motors == 1 || c.batch == 0 {
		return false
	}
	l := jointLengths[T]{jointCore: *c, memory: a.Memory.Data(), weight: a.WeightK.Data(), bias: a.BiasK.Data(), in: a.Memory.shape[2]}
	s := takeScratch[float64](c.motors*c.batch + c.heads + c.batch*c.heads)
	defer s.release()
	l.length, l.gain, l.query2 = s.data[:c.motors*c.batch], s.data[c.motors*c.batch:][:c.heads], s.data[c.motors*c.batch+c.heads:]
	parallel.For(c.motors, 1, jointMemoryLengths[T]{l})
	longest := c.motorFlags(1)
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
	parallel.For(c.batch*c.parts, 1, jointScores[T]{*c})
	if l.hopeless() {
		for i, state := range c.blocks {
			if state == blockZero {
				c.blocks[i] = blockKeyed
			}
		}
		a.projectAll(c, blockKeyed, c.key, a.WeightK, a.BiasK)
		return true
	}
	parallel.For(c.heads, 1, jointWeightLengths[T]{l})
	for _, g := range l.gain {
		l.slope = math.Max(l.slope, g) // NaN if one is
	}
	for h := range c.heads {
		l.offset = math.Max(l.offset, math.Sqrt(c.k.SumSq(l.bias[h*c.d:(h+1)*c.d])))
	}
	// Rounding: a sum of n products is off by less than n units in the last place of the sum of
	// magnitudes, and a length by as much.
	l.slack = 1 + float64(l.in+c.d+8)*0x1p-21
	parallel.For(c.batch, 1, jointRuledOut[T]{l})
	a.projectAll(c, blockKeyed, c.key, a.WeightK, a.BiasK)
	return true
}

// jointLengths holds lengths, in float64 because squares of large float32 numbers overflow.
type jointLengths[T Float] struct {
	jointCore[T]
	memory, weight, bias []T
	in                   int
	length               []float64 // [motors, B]
	gain                 []float64 // [heads]: of the weights of a key head
	query2               []float64 // [B, heads]: of the scaled queries
	slope, offset, slack float64
}

type jointMemoryLengths[T Float] struct{ jointLengths[T] }

func (l *jointMemoryLengths[T]) Do(lo, hi int) {
	for i := lo * l.batch; i < hi*l.batch; i++ {
		l.length[i] = math.Sqrt(l.k.SumSq(l.memory[i*l.in : (i+1)*l.in]))
	}
}

type jointWeightLengths[T Float] struct{ jointLengths[T] }

func (l *jointWeightLengths[T]) Do(lo, hi int) {
	for h := lo; h < hi; h++ {
		l.gain[h] = math.Sqrt(l.k.SumSq(l.weight[h*l.d*l.in : (h+1)*l.d*l.in]))
		for b := range l.batch {
			l.query2[b*l.heads+h] = float64(l.scale) * math.Sqrt(l.k.SumSq(l.query[b*l.width+h*l.d:][:l.d]))
		}
	}
}

// promising flags the motors that are the longest of some item, and reports whether many others are
// much shorter than these.
func (l *jointLengths[T]) promising(longest []int) bool {
	clear(longest)
	short := 0
	for b := range l.batch {
		first := 0
		for m := range l.motors {
			if l.length[m*l.batch+b] > l.length[first*l.batch+b] {
				first = m
			}
		}
		longest[first] = 1
		for m := range l.motors {
			if 8*l.length[m*l.batch+b] < l.length[first*l.batch+b] {
				short++
			}
		}
	}
	n := 0
	for _, is := range longest {
		n += is
	}
	return 4*n < l.motors+4 && 4*short > l.motors*l.batch
}

// jointRuledOut marks those blocks for which keys are needed though no motor of that kind was the
// longest.
type jointRuledOut[T Float] struct{ jointLengths[T] }

func (l *jointRuledOut[T]) Do(lo, hi int) {
	s := takeScratch[T](l.ld)
	for b := lo; b < hi; b++ {
		l.largestSoFar(s.data, b)
		query := l.query2[b*l.heads : (b+1)*l.heads]
		for m := range l.motors {
			if l.blocks[m*l.batch+b] == blockZero && !l.out(s.data, query, l.length[m*l.batch+b]) {
				l.blocks[m*l.batch+b] = blockKeyed
			}
		}
	}
	s.release()
}

// largestSoFar finds the largest scores of item b among the blocks whose scores are known.
func (l *jointLengths[T]) largestSoFar(largest []T, b int) {
	l.k.Fill(largest, T(math.Inf(-1)))
	for m := range l.motors {
		if l.blocks[m*l.batch+b] == blockScored {
			l.k.MaxColumns(largest, l.maxima(b, m), 1, l.ld)
		}
	}
}

// hopeless reports whether in every item the longest motors have scores too small for any other
// motor to be ruled out, however short it is.
func (l *jointLengths[T]) hopeless() bool {
	s := takeScratch[T](l.ld)
	defer s.release()
	for b := range l.batch {
		l.largestSoFar(s.data, b)
		if slices.Min(s.data[:l.heads]) > leastExponent[T]() {
			return false
		}
	}
	return true
}

// out reports whether all scores of a motor of the given length lie so far below the largest found
// so far that their weights are 0.
func (l *jointRuledOut[T]) out(largest []T, query []float64, length float64) bool {
	margin := float64(leastExponent[T]()) + 1
	reach := (length*l.slope + l.offset) * l.slack
	for h, q := range query {
		if !(float64(largest[h])-reach*q > margin) { // so a NaN rules nothing out
			return false
		}
	}
	return true
}
