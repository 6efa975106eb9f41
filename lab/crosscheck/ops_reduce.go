package crosscheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

// opsReduce registers reductions, extrema with positions, and running sums and products.
func opsReduce[T tensor.Float](r registry[T]) {
	type tape = autograd.Tape[T]
	r.add("sum", reduction((*tape).Sum))
	r.add("mean", reduction((*tape).Mean))
	r.add("amax", reduction((*tape).Amax))
	r.add("amin", reduction((*tape).Amin))
	r.add("max_all", func(c *Case[T]) { c.Out(c.Tape.Amax(c.Var("x"))) })
	r.add("min_all", func(c *Case[T]) { c.Out(c.Tape.Amin(c.Var("x"))) })
	r.add("var", spread((*tape).Variance))
	r.add("std", spread((*tape).Std))
	r.add("norm", func(c *Case[T]) {
		x, dims := c.Var("x"), c.AttrInts("dim")
		c.outReduced(c.Tape.PNorm(x, c.Float("ord", 2), dims...), x, dims)
	})

	r.add("max", extremum((*tape).Max))
	r.add("min", extremum((*tape).Min))
	r.add("argmax", func(c *Case[T]) {
		x := c.Var("x")
		if !c.HasAttr("dim") { // of all elements
			c.OutInts(c.Tape.Argmax(c.Tape.Reshape(x, -1), 0), c.reducedShape(x, nil)...)
			return
		}
		dim := c.AttrInt("dim", 0)
		c.OutInts(c.Tape.Argmax(x, dim), c.reducedShape(x, []int{dim})...)
	})
	r.add("prod", func(c *Case[T]) {
		x := c.Var("x")
		if !c.HasAttr("dim") {
			c.Out(c.Tape.Prod(c.Tape.Reshape(x, -1), 0))
			return
		}
		dim := c.AttrInt("dim", 0)
		c.outReduced(c.Tape.Prod(x, dim), x, []int{dim})
	})
	r.add("cumsum", func(c *Case[T]) { c.Out(c.Tape.CumSum(c.Var("x"), c.AttrInt("dim", 0))) })
	r.add("cumprod", func(c *Case[T]) { c.Out(c.Tape.CumProd(c.Var("x"), c.AttrInt("dim", 0))) })
}

func reduction[T tensor.Float](f func(tp *autograd.Tape[T], x *autograd.Var[T], axes ...int) *autograd.Var[T]) func(c *Case[T]) {
	return func(c *Case[T]) {
		x, dims := c.Var("x"), c.AttrInts("dim")
		c.outReduced(f(c.Tape, x, dims...), x, dims)
	}
}

func spread[T tensor.Float](f func(tp *autograd.Tape[T], x *autograd.Var[T], correction int, axes ...int) *autograd.Var[T]) func(c *Case[T]) {
	return func(c *Case[T]) {
		x, dims := c.Var("x"), c.AttrInts("dim")
		c.outReduced(f(c.Tape, x, c.AttrInt("correction", 1), dims...), x, dims)
	}
}

func extremum[T tensor.Float](f func(tp *autograd.Tape[T], x *autograd.Var[T], axis int) (*autograd.Var[T], []int)) func(c *Case[T]) {
	return func(c *Case[T]) {
		x, dim := c.Var("x"), c.AttrInt("dim", 0)
		values, positions := f(c.Tape, x, dim)
		c.outReduced(values, x, []int{dim})
		c.OutInts(positions, c.reducedShape(x, []int{dim})...)
	}
}

// outReduced hands over a reduction of x over dims, with the axes put back if keepdim asks for it.
func (c *Case[T]) outReduced(y, x *autograd.Var[T], dims []int) {
	c.Out(c.Tape.Reshape(y, c.reducedShape(x, dims)...))
}

// reducedShape returns the shape of x without dims (all if empty), or with length 1 there if
// keepdim is set.
func (c *Case[T]) reducedShape(x *autograd.Var[T], dims []int) []int {
	keep := c.Bool("keepdim", false)
	reduced := make([]bool, x.Value.Dims())
	for i := range reduced {
		reduced[i] = len(dims) == 0
	}
	for _, d := range dims {
		reduced[x.Value.Axis("dim", d)] = true
	}
	shape := []int{}
	for i, n := range x.Shape() {
		if !reduced[i] {
			shape = append(shape, n)
		} else if keep {
			shape = append(shape, 1)
		}
	}
	return shape
}
