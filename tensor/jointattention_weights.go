package tensor

import "elegans/tensor/internal/parallel"

// Weights computes, for inspection, what Forward with All set has not stored, and must be called
// before Backward: the scores and the weights of the attention, and for each motor the mean over
// the query heads of the attention that it receives:
//
//	scores and weights [B, heads, motors*heads], motor by motor;  received [B, motors]
func (a *JointAttention[T]) Weights(scores, weights, received *Tensor[T]) {
	const op = "JointAttention"
	c := jointWeights[T]{jointCore: a.core(nil), scores: scores.Data(), weights: weights.Data(), received: received.Data()}
	n := c.batch * c.heads * c.motors * c.heads
	if len(c.scores) != n || len(c.weights) != n || len(c.received) != c.batch*c.motors {
		PanicShape(op, "want scores and weights [B, heads, motors*heads] and received [B, motors]", scores.Shape(), weights.Shape(), received.Shape(), a.Query.Shape())
	}
	parallel.For(c.batch, 1, c)
}

type jointWeights[T Float] struct {
	jointCore[T]
	scores, weights, received []T
}

func (c *jointWeights[T]) Do(lo, hi int) {
	s := takeScratch[T](c.heads*c.ld + c.d*c.ld + c.width + c.ld)
	rest := s.data
	block, rest := rest[:c.heads*c.ld], rest[c.heads*c.ld:]
	columns, rest := rest[:c.d*c.ld], rest[c.d*c.ld:]
	rows, sum := rest[:c.width], rest[c.width:]
	for b := lo; b < hi; b++ {
		c.spread(rows, columns, c.query[b*c.width:], c.scale, nil)
		for m := range c.motors {
			c.jointCore.scores(s, block, c.key[c.row(m, b):], columns)
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
			c.received[b*c.motors+m] = T(c.k.Sum(sum[:c.heads])) / T(c.heads)
		}
	}
	s.release()
}

// store copies a block into a row for each query head.
func (c *jointWeights[T]) store(to, block []T, m, b int) {
	for h := range c.heads {
		row := to[((b*c.heads+h)*c.motors+m)*c.heads:][:c.heads]
		for g := range row {
			row[g] = block[g*c.ld+h]
		}
	}
}
