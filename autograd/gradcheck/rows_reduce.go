package gradcheck

import "math"

// reduced makes rows of a reduction over no, one, several and all axes.
func reduced(f func(tp *tape, x *variable, axes ...int) *variable) []row {
	check := func(name string, axes ...int) row {
		return row{name: name, inputs: distinct([]int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return f(tp, x, axes...) })}
	}
	return []row{check("all axes"), check("last axis", -1), check("first axis", 0), check("middle axis", 1), check("outer axes", 0, 2)}
}

func init() {
	rows["Sum"] = reduced((*tape).Sum)
	rows["Mean"] = reduced((*tape).Mean)
	rows["Amax"] = reduced((*tape).Amax)
	rows["Amin"] = reduced((*tape).Amin)
	rows["Norm"] = reduced((*tape).Norm)
	rows["PNorm"] = append(reduced(func(tp *tape, x *variable, axes ...int) *variable { return tp.PNorm(x, 3, axes...) }),
		row{name: "p = 1", inputs: distinct([]int{3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.PNorm(x, 1, 1) })},
		row{name: "p = 2", inputs: distinct([]int{3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.PNorm(x, 2, 0) })},
		row{name: "infinite p", inputs: distinct([]int{3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.PNorm(x, math.Inf(1), 1) })})
	rows["Variance"] = append(reduced(func(tp *tape, x *variable, axes ...int) *variable { return tp.Variance(x, 1, axes...) }),
		row{name: "biased", inputs: distinct([]int{2, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.Variance(x, 0, 1) })})
	rows["Std"] = append(reduced(func(tp *tape, x *variable, axes ...int) *variable { return tp.Std(x, 0, axes...) }),
		row{name: "unbiased", inputs: distinct([]int{2, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.Std(x, 1, 1) })})
	along := func(f func(tp *tape, x *variable, axis int) *variable) []row {
		check := func(name string, axis int) row {
			return row{name: name, inputs: distinct([]int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return f(tp, x, axis) })}
		}
		return []row{check("first axis", 0), check("middle axis", 1), check("last axis", -1)}
	}
	rows["Max"] = along(func(tp *tape, x *variable, axis int) *variable { y, _ := tp.Max(x, axis); return y })
	rows["Min"] = along(func(tp *tape, x *variable, axis int) *variable { y, _ := tp.Min(x, axis); return y })
	rows["Prod"] = along((*tape).Prod)
	rows["CumSum"] = along((*tape).CumSum)
	rows["CumProd"] = along((*tape).CumProd)
}
