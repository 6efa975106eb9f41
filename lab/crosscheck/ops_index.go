package crosscheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

// opsIndex registers the operations that pick elements by index, mask or order.
func opsIndex[T tensor.Float](r registry[T]) {
	r.add("gather", func(c *Case[T]) {
		c.Out(c.Tape.Gather(c.Var("x"), c.AttrInt("dim", 0), c.Ints("index"), c.Shape("index")...))
	})
	r.add("scatter_add", func(c *Case[T]) {
		c.Out(c.Tape.ScatterAdd(c.Var("x"), c.AttrInt("dim", 0), c.Ints("index"), c.Var("src")))
	})
	r.add("index_select", func(c *Case[T]) { c.Out(c.Tape.IndexSelect(c.Var("x"), c.AttrInt("dim", 0), c.Ints("index"))) })
	r.add("index_add", func(c *Case[T]) {
		c.Out(c.Tape.IndexAdd(c.Var("x"), c.AttrInt("dim", 0), c.Ints("index"), c.Var("src")))
	})
	r.add("masked_fill", func(c *Case[T]) {
		c.Out(c.Tape.MaskedFill(c.Var("x"), c.Tensor("mask"), T(c.Float("value", 0))))
	})
	r.add("masked_select", func(c *Case[T]) { c.Out(c.Tape.MaskedSelect(c.Var("x"), c.Tensor("mask"))) })
	r.add("sort", func(c *Case[T]) {
		y, places := c.Tape.Sort(c.Var("x"), c.AttrInt("dim", -1), c.Bool("descending", false))
		c.Out(y)
		c.OutInts(places, y.Shape()...)
	})
	r.add("topk", func(c *Case[T]) {
		y, places := c.Tape.TopK(c.Var("x"), c.AttrInt("k", 1), c.AttrInt("dim", -1))
		c.Out(y)
		c.OutInts(places, y.Shape()...)
	})
	r.add("one_hot", func(c *Case[T]) {
		ids := c.Ints("ids")
		shape := append(append([]int{}, c.Shape("ids")...), c.AttrInt("num_classes", 0))
		c.need("one_hot", shape...)
		y := tensor.New[T](shape...)
		tensor.OneHot(y, ids)
		c.OutTensor(y)
	})
	r.add("outer", binary((*autograd.Tape[T]).Outer))
	r.add("einsum", func(c *Case[T]) { c.Out(c.Tape.Einsum(c.String("equation", ""), c.Vars()...)) })
}
