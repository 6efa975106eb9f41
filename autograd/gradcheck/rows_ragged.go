package gradcheck

func init() {
	ragged := func(offsets ...int) Func {
		return func(tp *tape, in []*variable) []*variable {
			var bias *variable
			if len(in) > 2 {
				bias = in[2]
			}
			return []*variable{tp.RaggedLinear(in[0], offsets, in[1], bias)}
		}
	}
	rows["RaggedLinear"] = []row{
		{name: "unequal groups", inputs: uniform(-1, 1, []int{6, 3}, []int{4, 2, 3}, []int{4, 2}), f: ragged(0, 1, 1, 5, 6)},
		{name: "no bias, last group empty", inputs: uniform(-1, 1, []int{3, 2}, []int{2, 4, 2}), f: ragged(0, 3, 3)},
	}
	rows["DispatchRows"] = []row{{name: "two places a row", inputs: uniform(-1, 1, []int{3, 2}), f: unary(func(tp *tape, x *variable) *variable {
		return tp.DispatchRows(x, []int{4, 0, 1, 5, 3, 2})
	})}}
	rows["CombineRows"] = []row{
		{name: "two rows a sum", inputs: uniform(-1, 1, []int{6, 2}, []int{3, 2}), f: binary(func(tp *tape, y, w *variable) *variable {
			return tp.CombineRows(y, w, []int{4, 0, 1, 5, 3, 2})
		})},
		{name: "of dispatched rows", inputs: uniform(-1, 1, []int{3, 2}, []int{3, 2}), f: binary(func(tp *tape, x, w *variable) *variable {
			places := []int{4, 0, 1, 5, 3, 2}
			y := tp.DispatchRows(x, places)
			return tp.CombineRows(tp.Mul(y, y), w, places)
		})},
	}
}
