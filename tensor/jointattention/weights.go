package jointattention

import (
	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
	"elegans/tensor/internal/scratch"
)

// Weights computes, for inspection, what Forward with All set has not stored, and must be called
// before Backward: the scores and the weights of the attention, and for each source the mean over
// the query heads of the attention that it receives:
//
//	scores and weights [B, heads, sources*heads], source by source;  received [B, sources]
func (a *Attention[T]) Weights(scores, weights, received *tensor.Tensor[T]) {
	device.Stay("jointattention.Weights") // for inspection only
	c := weighing[T]{core: a.core(nil), scores: scores.Data(), weights: weights.Data(), received: received.Data()}
	n := c.batch * c.heads * c.sources * c.heads
	if len(c.scores) != n || len(c.weights) != n || len(c.received) != c.batch*c.sources {
		tensor.PanicShape(op, "want scores and weights [B, heads, sources*heads] and received [B, sources]", scores.Shape(), weights.Shape(), received.Shape(), a.Query.Shape())
	}
	parallel.For(c.batch, 1, c)
}

type weighing[T tensor.Float] struct {
	core[T]
	scores, weights, received []T
}

func (c *weighing[T]) Do(lo, hi int) {
	s := scratch.Take[T](c.heads*c.ld + c.d*c.ld + c.width + c.ld)
	rest := s.Data
	block, rest := rest[:c.heads*c.ld], rest[c.heads*c.ld:]
	columns, rest := rest[:c.d*c.ld], rest[c.d*c.ld:]
	rows, sum := rest[:c.width], rest[c.width:]
	for b := lo; b < hi; b++ {
		c.spread(rows, columns, c.query[b*c.width:], c.scale, nil)
		for m := range c.sources {
			c.core.scores(s, block, c.key[c.row(m, b):], columns)
			c.store(c.scores, block, m, b)
			clear(sum)
			for h := range c.heads {
				c.k.ExpColumns(block[h:], c.shift[b*c.heads+h:][:1], sum[h:h+1], c.heads, c.ld)
				for g := range c.heads {
					block[g*c.ld+h] *= c.inverse[b*c.heads+h]
				}
				sum[h] *= c.inverse[b*c.heads+h]
			}
			c.store(c.weights, block, m, b)
			c.received[b*c.sources+m] = T(c.k.Sum(sum[:c.heads])) / T(c.heads)
		}
	}
	s.Release()
}

// store copies a block into a row for each query head.
func (c *weighing[T]) store(to, block []T, m, b int) {
	for h := range c.heads {
		row := to[((b*c.heads+h)*c.sources+m)*c.heads:][:c.heads]
		for g := range row {
			row[g] = block[g*c.ld+h]
		}
	}
}
