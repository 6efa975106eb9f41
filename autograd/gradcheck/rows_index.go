package gradcheck

import "elegans/tensor"

func init() {
	twoInputs := func(x, src []int, f func(tp *tape, x, src *variable) *variable) row {
		return row{name: "repeated indices", inputs: uniform(-1, 1, x, src), f: binary(f)}
	}
	rows["IndexSelect"] = []row{
		shaped("middle axis", func(tp *tape, x *variable) *variable { return tp.IndexSelect(x, 1, []int{2, 0, 2, 2}) }),
		shaped("first axis", func(tp *tape, x *variable) *variable { return tp.IndexSelect(x, 0, []int{1}) }),
		shaped("last axis", func(tp *tape, x *variable) *variable { return tp.IndexSelect(x, -1, []int{3, 3, 0}) }),
	}
	rows["IndexAdd"] = []row{twoInputs([]int{4, 3}, []int{6, 3}, func(tp *tape, x, src *variable) *variable {
		return tp.IndexAdd(x, 0, []int{3, 0, 0, 1, 3, 3}, src)
	})}
	rows["Gather"] = []row{
		{name: "shorter than x", inputs: uniform(-1, 1, []int{3, 4, 2}), f: unary(func(tp *tape, x *variable) *variable {
			return tp.Gather(x, 1, []int{3, 3, 0, 1, 2, 0}, 2, 3, 1)
		})},
		{name: "longer than x", inputs: uniform(-1, 1, []int{2, 3}), f: unary(func(tp *tape, x *variable) *variable {
			return tp.Gather(x, 0, []int{1, 0, 0, 1, 1, 1, 0, 0, 1}, 3, 3)
		})},
	}
	rows["ScatterAdd"] = []row{twoInputs([]int{3, 4}, []int{2, 5}, func(tp *tape, x, src *variable) *variable {
		return tp.ScatterAdd(x, 1, []int{3, 3, 0, 1, 2, 0, 0, 0, 0, 0}, src)
	})}
	mask := tensor.FromSlice([]float64{1, 0, 0, 1}, 4)
	rows["MaskedFill"] = []row{shaped("mask broadcast", func(tp *tape, x *variable) *variable { return tp.MaskedFill(x, mask, 3) })}
	rows["MaskedSelect"] = []row{
		shaped("mask broadcast", func(tp *tape, x *variable) *variable { return tp.MaskedSelect(x, mask) }),
		{name: "x broadcast", inputs: uniform(-1, 1, []int{3, 1}), f: unary(func(tp *tape, x *variable) *variable { return tp.MaskedSelect(x, mask) })},
	}
	rows["Sort"] = []row{
		{name: "descending", inputs: distinct([]int{2, 5, 3}), f: unary(func(tp *tape, x *variable) *variable { y, _ := tp.Sort(x, 1, true); return y })},
		{name: "ascending", inputs: distinct([]int{2, 5}), f: unary(func(tp *tape, x *variable) *variable { y, _ := tp.Sort(x, -1, false); return y })},
	}
	rows["TopK"] = []row{{name: "middle axis", inputs: distinct([]int{2, 5, 3}), f: unary(func(tp *tape, x *variable) *variable { y, _ := tp.TopK(x, 2, 1); return y })}}
	rows["Outer"] = []row{{name: "two vectors", inputs: uniform(-1, 1, []int{3}, []int{4}), f: binary((*tape).Outer)}}
}
