package crosscheck

import "elegans/tensor"

// opsShape registers the operations that select and rearrange elements by position.
func opsShape[T tensor.Float](r registry[T]) {
	r.add("reshape", func(c *Case[T]) { c.Out(c.Tape.Reshape(c.Var("x"), c.AttrInts("shape")...)) })
	r.add("flatten", func(c *Case[T]) { c.Out(c.Tape.Flatten(c.Var("x"), c.AttrInt("start_dim", 0))) })
	r.add("unsqueeze", func(c *Case[T]) { c.Out(c.Tape.Unsqueeze(c.Var("x"), c.AttrInts("dim")...)) })
	r.add("squeeze", func(c *Case[T]) { c.Out(c.Tape.Squeeze(c.Var("x"), c.AttrInts("dim")...)) })
	r.add("expand", func(c *Case[T]) { c.Out(c.Tape.Expand(c.Var("x"), c.AttrInts("shape")...)) })
	r.add("permute", func(c *Case[T]) { c.Out(c.Tape.Permute(c.Var("x"), c.AttrInts("dims")...)) })
	r.add("transpose", func(c *Case[T]) { c.Out(c.Tape.Transpose(c.Var("x"), c.AttrInt("dim0", 0), c.AttrInt("dim1", 1))) })
	r.add("slice", slice[T])
	r.add("split", func(c *Case[T]) {
		x, dim := c.Var("x"), c.AttrInt("dim", 0)
		c.Out(c.Tape.Split(x, dim, c.AttrInts("sizes")...)...)
	})
	r.add("concat", func(c *Case[T]) { c.Out(c.Tape.Concat(c.AttrInt("dim", 0), c.Vars()...)) })
	r.add("stack", func(c *Case[T]) { c.Out(c.Tape.Stack(c.AttrInt("dim", 0), c.Vars()...)) })

	r.add("tile", func(c *Case[T]) {
		x, repeats := c.Var("x"), c.AttrInts("repeats")
		for len(repeats) < x.Value.Dims() {
			repeats = append([]int{1}, repeats...)
		}
		c.Out(c.Tape.Tile(x, repeats...))
	})
	r.add("repeat_interleave", func(c *Case[T]) {
		x := c.Var("x")
		if !c.HasAttr("dim") {
			x = c.Tape.Reshape(x, -1)
		}
		c.Out(c.Tape.RepeatInterleave(x, c.AttrInt("repeats", 1), c.AttrInt("dim", 0)))
	})
	r.add("flip", func(c *Case[T]) { c.Out(c.Tape.Flip(c.Var("x"), c.AttrInts("dims")...)) })
	r.add("roll", func(c *Case[T]) {
		x := c.Var("x")
		if c.HasAttr("dims") {
			c.Out(c.Tape.Roll(x, c.AttrInts("shifts"), c.AttrInts("dims")))
		} else { // of all elements in a row
			y := c.Tape.Roll(c.Tape.Reshape(x, -1), c.AttrInts("shifts"), []int{0})
			c.Out(c.Tape.Reshape(y, x.Shape()...))
		}
	})
	r.add("tril", func(c *Case[T]) { c.Out(c.Tape.Tril(c.Var("x"), c.AttrInt("diagonal", 0))) })
	r.add("triu", func(c *Case[T]) { c.Out(c.Tape.Triu(c.Var("x"), c.AttrInt("diagonal", 0))) })
	r.add("diagonal", diagonal[T])
}

// slice reads one start, stop and step for each of the first axes; null is the default.
func slice[T tensor.Float](c *Case[T]) {
	y := c.Var("x")
	start, stop, step := c.AttrIntsOr("start", 0), c.AttrIntsOr("stop", tensor.End), c.AttrIntsOr("step", 1)
	if len(stop) != len(start) || len(step) != len(start) && step != nil || len(start) > y.Value.Dims() {
		skip("slice of %d starts, %d stops and %d steps for %d axes", len(start), len(stop), len(step), y.Value.Dims())
	}
	for i := range start {
		by := 1
		if step != nil {
			by = step[i]
		}
		y = c.Tape.Slice(y, i, start[i], stop[i], by)
	}
	c.Out(y)
}

// diagonal moves the two axes to the end, where the engine wants them.
func diagonal[T tensor.Float](c *Case[T]) {
	x := c.Var("x")
	i, j := x.Value.Axis("diagonal", c.AttrInt("dim1", 0)), x.Value.Axis("diagonal", c.AttrInt("dim2", 1))
	var order []int
	for a := range x.Value.Dims() {
		if a != i && a != j {
			order = append(order, a)
		}
	}
	c.Out(c.Tape.Diagonal(c.Tape.Permute(x, append(order, i, j)...), c.AttrInt("offset", 0)))
}
