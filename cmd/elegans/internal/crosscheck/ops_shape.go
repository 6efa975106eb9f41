package crosscheck

import "elegans/tensor"

// opsShape registers the operations that rearrange elements.
func opsShape[T tensor.Float](r registry[T]) {
	r.add("reshape", func(c *Case[T]) { c.Out(c.Tape.Reshape(c.Var("x"), c.AttrInts("shape")...)) })
}
