package tensor

import "math"

// jointScores finds the largest scores of the blocks whose keys are there and, if it is the last round, which of them some weight is other than 0 in.
type jointScores[T Float] struct {
	jointCore[T]
	last, all bool
}

func (c *jointScores[T]) Do(lo, hi int) {
	s := takeScratch[T](c.heads*c.ld + c.d*c.ld + c.width)
	block, columns, rows := s.data[:c.heads*c.ld], s.data[c.heads*c.ld:][:c.d*c.ld], s.data[(c.heads+c.d)*c.ld:]
	for b := lo; b < hi; b++ {
		c.spread(rows, columns, c.query[b*c.width:], c.scale, nil)
		for m := range c.motors {
			if state := &c.blocks[m*c.batch+b]; *state == blockKeyed {
				c.scores(s, block, c.key[c.row(m, b):], columns)
				c.k.Fill(c.maxima(b, m), T(math.Inf(-1)))
				c.k.MaxColumns(c.maxima(b, m), block, c.heads, c.ld)
				*state = blockScored
			}
		}
		if c.last {
			c.decide(b)
		}
	}
	s.release()
}

// maxima returns the largest score of each head in the block of item b and motor m.
func (c *jointCore[T]) maxima(b, m int) []T {
	return c.largest[(b*c.motors+m)*c.ld:][:c.ld]
}

// decide finds the largest scores of item b and the blocks that are attended to.
func (c *jointScores[T]) decide(b int) {
	shift := c.shift[b*c.heads : (b+1)*c.heads]
	for i := range shift {
		shift[i] = T(math.Inf(-1))
	}
	for m := range c.motors {
		if c.blocks[m*c.batch+b] == blockScored {
			c.k.MaxColumns(shift, c.maxima(b, m), 1, c.ld)
		}
	}
	least := -leastExponent[T]()
	for m := range c.motors {
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
func leastExponent[T Float]() T {
	if _, single := any(T(0)).(float32); single {
		return 88
	}
	return 709
}

// jointContext computes the context of each item from the blocks that are attended to.
type jointContext[T Float] struct{ jointCore[T] }

func (c *jointContext[T]) Do(lo, hi int) {
	size := c.heads * c.ld
	s := takeScratch[T](size + c.d*c.ld + c.width + 2*c.ld)
	rest := s.data
	block, rest := rest[:size], rest[size:]
	columns, rest := rest[:c.d*c.ld], rest[c.d*c.ld:]
	rows, rest := rest[:c.width], rest[c.width:]
	shift, sum := rest[:c.ld], rest[c.ld:][:c.ld]
	for b := lo; b < hi; b++ {
		c.spread(rows, columns, c.query[b*c.width:], c.scale, nil)
		clear(shift)
		copy(shift, c.shift[b*c.heads:(b+1)*c.heads])
		clear(sum)
		context := c.context[b*c.width : (b+1)*c.width]
		clear(context)
		for m := range c.motors {
			if c.blocks[m*c.batch+b] != blockAttended {
				continue
			}
			at := c.row(m, b)
			c.scores(s, block, c.key[at:], columns)
			c.k.ExpColumns(block, shift, sum, c.heads, c.ld)
			s.product(&c.k.Gemm, c.heads, c.d, c.heads, block, 1, c.ld, c.value[at:], c.d, context, c.d, 1)
		}
		for h, v := range sum[:c.heads] {
			c.inverse[b*c.heads+h] = 1 / v
			c.k.RowScale(context[h*c.d:(h+1)*c.d], context[h*c.d:(h+1)*c.d], 1/v)
		}
	}
	s.release()
}
