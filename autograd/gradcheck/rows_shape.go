package gradcheck

import "elegans/tensor"

// shaped is a row of an operation on one input of shape [2 3 4].
func shaped(name string, f func(tp *tape, x *variable) *variable) row {
	return row{name: name, inputs: uniform(-1, 1, []int{2, 3, 4}), f: unary(f)}
}

func init() {
	rows["Reshape"] = []row{
		shaped("derived length", func(tp *tape, x *variable) *variable { return tp.Reshape(x, -1, 6) }),
	}
	rows["Flatten"] = []row{
		shaped("all but the first axis", func(tp *tape, x *variable) *variable { return tp.Flatten(x, 1) }),
		shaped("all axes", func(tp *tape, x *variable) *variable { return tp.Flatten(x, 0) }),
	}
	rows["Unsqueeze"] = []row{
		shaped("two axes", func(tp *tape, x *variable) *variable { return tp.Unsqueeze(x, 0, -2) }),
	}
	rows["Squeeze"] = []row{
		{name: "two axes", inputs: uniform(-1, 1, []int{1, 3, 1, 2}), f: unary(func(tp *tape, x *variable) *variable { return tp.Squeeze(x, 0, -2) })},
	}
	rows["Permute"] = []row{
		shaped("cycle", func(tp *tape, x *variable) *variable { return tp.Permute(x, 2, 0, -2) }),
		shaped("identity", func(tp *tape, x *variable) *variable { return tp.Permute(x, 0, 1, 2) }),
	}
	rows["Transpose"] = []row{
		shaped("outer", func(tp *tape, x *variable) *variable { return tp.Transpose(x, 0, 2) }),
		shaped("inner", func(tp *tape, x *variable) *variable { return tp.Transpose(x, -1, -2) }),
	}
	rows["Slice"] = []row{
		shaped("from the end", func(tp *tape, x *variable) *variable { return tp.Slice(x, 2, -3, -1, 1) }),
		shaped("steps", func(tp *tape, x *variable) *variable { return tp.Slice(x, 1, 0, tensor.End, 2) }),
		shaped("overlapping pieces", func(tp *tape, x *variable) *variable {
			return tp.Concat(1, tp.Slice(x, 1, 0, 2, 1), tp.Slice(x, 1, 1, 3, 1))
		}),
	}
	rows["Expand"] = []row{
		{name: "lengths of 1 and new axes", inputs: uniform(-1, 1, []int{3, 1}), f: unary(func(tp *tape, x *variable) *variable { return tp.Expand(x, 2, -1, 4) })},
	}
	rows["Diagonal"] = []row{
		shaped("upper", func(tp *tape, x *variable) *variable { return tp.Diagonal(x, 1) }),
		shaped("lower", func(tp *tape, x *variable) *variable { return tp.Diagonal(x, -2) }),
	}
	rows["Concat"] = []row{
		{name: "three inputs", inputs: uniform(-1, 1, []int{2, 3}, []int{2, 1}, []int{2, 2}), f: func(tp *tape, in []*variable) []*variable {
			return []*variable{tp.Concat(-1, in...)}
		}},
		{name: "the same input twice, and a constant", inputs: uniform(-1, 1, []int{2, 3}, []int{1, 3}), opts: Options{Constant: []bool{false, true}},
			f: func(tp *tape, in []*variable) []*variable { return []*variable{tp.Concat(0, in[0], in[1], in[0])} }},
	}
	rows["Stack"] = []row{
		{name: "middle", inputs: uniform(-1, 1, []int{2, 3}, []int{2, 3}), f: binary(func(tp *tape, a, b *variable) *variable { return tp.Stack(1, a, b, a) })},
		{name: "last", inputs: uniform(-1, 1, []int{2, 3}, []int{2, 3}), f: binary(func(tp *tape, a, b *variable) *variable { return tp.Stack(-1, a, b) })},
	}
	rows["Split"] = []row{
		{name: "all pieces", inputs: uniform(-1, 1, []int{2, 6}), f: func(tp *tape, in []*variable) []*variable { return tp.Split(in[0], 1, 2, 1, 3) }},
		{name: "one piece", inputs: uniform(-1, 1, []int{3, 2}), f: func(tp *tape, in []*variable) []*variable { return tp.Split(in[0], 0, 1, 2)[1:] }},
	}
	rows["Tile"] = []row{
		{name: "new axis", inputs: uniform(-1, 1, []int{3, 2}), f: unary(func(tp *tape, x *variable) *variable { return tp.Tile(x, 2, 1, 3) })},
	}
	rows["RepeatInterleave"] = []row{
		shaped("middle axis", func(tp *tape, x *variable) *variable { return tp.RepeatInterleave(x, 3, 1) }),
		shaped("last axis", func(tp *tape, x *variable) *variable { return tp.RepeatInterleave(x, 2, -1) }),
	}
	rows["Flip"] = []row{shaped("two axes", func(tp *tape, x *variable) *variable { return tp.Flip(x, 0, -1) })}
	rows["Roll"] = []row{shaped("two axes", func(tp *tape, x *variable) *variable { return tp.Roll(x, []int{1, -2}, []int{0, 2}) })}
	rows["Tril"] = []row{shaped("below", func(tp *tape, x *variable) *variable { return tp.Tril(x, -1) })}
	rows["Triu"] = []row{shaped("above", func(tp *tape, x *variable) *variable { return tp.Triu(x, 1) })}
}
