package jointattention

import (
	"math"

	"elegans/tensor"
	"elegans/tensor/internal/scratch"
)

// scoring finds the largest scores of the blocks whose keys are there.
type scoring[T tensor.Float] struct{ core[T] }

func (c *scoring[T]) Do(lo, hi int) {
	s := scratch.Take[T](c.heads*c.ld + c.d*c.ld + c.width)
	block, columns, rows := s.Data[:c.heads*c.ld], s.Data[c.heads*c.ld:][:c.d*c.ld], s.Data[(c.heads+c.d)*c.ld:]
	for i := lo; i < hi; i++ {
		b, m0, m1 := c.part(i)
		c.spread(rows, columns, c.query[b*c.width:], c.scale, nil)
		for m := m0; m < m1; m++ {
			if state := &c.blocks[m*c.batch+b]; *state == blockKeyed {
				c.scores(s, block, c.key[c.row(m, b):], columns)
				c.k.Fill(c.maxima(b, m), T(math.Inf(-1)))
				c.k.MaxColumns(c.maxima(b, m), block, c.heads, c.ld)
				*state = blockScored
			}
		}
	}
	s.Release()
}

// maxima returns the largest score of each head in the block of item b and source m.
func (c *core[T]) maxima(b, m int) []T {
	return c.largest[(b*c.sources+m)*c.ld:][:c.ld]
}

// choice finds the largest scores of each item and the blocks that are attended to.
type choice[T tensor.Float] struct {
	core[T]
	all bool
}

func (c *choice[T]) Do(lo, hi int) {
	for b := lo; b < hi; b++ {
		c.item(b)
	}
}

func (c *choice[T]) item(b int) {
	shift := c.shift[b*c.heads : (b+1)*c.heads]
	for i := range shift {
		shift[i] = T(math.Inf(-1))
	}
	for m := range c.sources {
		if c.blocks[m*c.batch+b] == blockScored {
			c.k.MaxColumns(shift, c.maxima(b, m), 1, c.ld)
		}
	}
	least := -leastExponent[T]()
	for m := range c.sources {
		state := &c.blocks[m*c.batch+b]
		if *state != blockScored {
			continue
		}
		largest := c.maxima(b, m)
		for h, v := range shift {
			if c.all || !(largest[h]-v < least) { // a NaN shows in the result
				*state = blockAttended
				break
			}
		}
	}
}

// leastExponent returns a number t such that exp(-t) is certainly below the smallest normal number.
func leastExponent[T tensor.Float]() T {
	if _, single := any(T(0)).(float32); single {
		return 88
	}
	return 709
}

// contexts sums weights and weighted values over the blocks of a part that are attended to.
type contexts[T tensor.Float] struct{ core[T] }

func (c *contexts[T]) Do(lo, hi int) {
	s := scratch.Take[T](c.heads*c.ld + c.d*c.ld + c.width + c.ld)
	rest := s.Data
	block, rest := rest[:c.heads*c.ld], rest[c.heads*c.ld:]
	columns, rest := rest[:c.d*c.ld], rest[c.d*c.ld:]
	rows, shift := rest[:c.width], rest[c.width:]
	for i := lo; i < hi; i++ {
		b, m0, m1 := c.part(i)
		c.spread(rows, columns, c.query[b*c.width:], c.scale, nil)
		clear(shift)
		copy(shift, c.shift[b*c.heads:(b+1)*c.heads])
		values, weights := c.partSums(i)
		clear(values)
		clear(weights)
		for m := m0; m < m1; m++ {
			if c.blocks[m*c.batch+b] != blockAttended {
				continue
			}
			at := c.row(m, b)
			c.scores(s, block, c.key[at:], columns)
			c.k.ExpColumns(block, shift, weights, c.heads, c.ld)
			product(s, &c.k.Gemm, c.heads, c.d, c.heads, block, 1, c.ld, c.value[at:], c.d, values, c.d, 1)
		}
	}
	s.Release()
}

// partSums returns where the sums of part i are: of the weighted values [heads, D] and of the
// weights [ld].
func (c *core[T]) partSums(i int) (values, weights []T) {
	s := c.sums[i*(c.width+c.ld):][:c.width+c.ld]
	return s[:c.width], s[c.width:]
}

// quotients adds the parts of each item and divides.
type quotients[T tensor.Float] struct{ core[T] }

func (c *quotients[T]) Do(lo, hi int) {
	for b := lo; b < hi; b++ {
		values, weights := c.partSums(b * c.parts)
		for i := 1; i < c.parts; i++ {
			v, w := c.partSums(b*c.parts + i)
			c.k.AddScaled(values, v, 1)
			c.k.AddScaled(weights, w, 1)
		}
		for h, w := range weights[:c.heads] {
			c.inverse[b*c.heads+h] = 1 / w
			c.k.RowScale(c.context[b*c.width+h*c.d:][:c.d], values[h*c.d:(h+1)*c.d], 1/w)
		}
	}
}
