package gradcheck

import (
	"math"

	"elegans/tensor"
)

// signed returns one matrix of 12 numbers of both signs, none within 0.05 of a kink of the
// activations (multiples of 0.1).
var signed = distinct([]int{3, 4})

// positive returns one matrix with elements in [0.3, 3).
var positive = uniform(0.3, 3, []int{3, 4})

// broadcasts are the pairs of shapes at which functions of two variables are checked.
var broadcasts = []struct {
	name string
	a, b []int
}{
	{"same shape", []int{2, 3}, []int{2, 3}},
	{"row", []int{2, 3}, []int{3}},
	{"column and more axes", []int{3, 1}, []int{2, 3, 4}},
	{"outer", []int{3, 1}, []int{1, 4}},
	{"number", []int{}, []int{2, 2}},
	{"middle axis", []int{2, 1, 3}, []int{2, 4, 3}},
}

func init() {
	wide := uniform(-6, 6, []int{5, 4})
	for name, f := range map[string]func(*tape, *variable) *variable{
		"Neg": (*tape).Neg, "Abs": (*tape).Abs, "Square": (*tape).Square, "Sin": (*tape).Sin, "Cos": (*tape).Cos, "Erf": (*tape).Erf, "Tanh": (*tape).Tanh,
		"Sigmoid": (*tape).Sigmoid, "ReLU": (*tape).ReLU, "ReLU6": (*tape).ReLU6, "Hardswish": (*tape).Hardswish, "Hardsigmoid": (*tape).Hardsigmoid,
		"SELU": (*tape).SELU, "SiLU": (*tape).SiLU, "Mish": (*tape).Mish, "Softsign": (*tape).Softsign, "LogSigmoid": (*tape).LogSigmoid,
		"GELU": (*tape).GELU, "GELUTanh": (*tape).GELUTanh, "Expm1": (*tape).Expm1, "Exp": (*tape).Exp,
	} {
		rows[name] = []row{{name: "both signs", f: unary(f), inputs: signed}}
		if name != "Exp" && name != "Expm1" {
			rows[name] = append(rows[name], row{name: "wide", f: unary(f), inputs: wide})
		}
	}
	for name, f := range map[string]func(*tape, *variable) *variable{
		"Sqrt": (*tape).Sqrt, "Rsqrt": (*tape).Rsqrt, "Reciprocal": (*tape).Reciprocal, "Log": (*tape).Log, "Log1p": (*tape).Log1p,
	} {
		rows[name] = []row{{name: "positive", f: unary(f), inputs: positive}}
	}
	for _, a := range tensor.Activations() {
		rows["Map"] = append(rows["Map"], row{name: a.Name, f: unary(func(tp *tape, x *variable) *variable { return tp.Map(a, x) }), inputs: signed})
	}
	rows["Clamp"] = []row{
		{name: "both bounds", f: unary(func(tp *tape, x *variable) *variable { return tp.Clamp(x, -0.2, 0.3) }), inputs: signed},
		{name: "lower bound", f: unary(func(tp *tape, x *variable) *variable { return tp.Clamp(x, 0.1, math.Inf(1)) }), inputs: signed},
	}
	rows["LeakyReLU"] = []row{{f: unary(func(tp *tape, x *variable) *variable { return tp.LeakyReLU(x, 0.2) }), inputs: signed}}
	rows["ELU"] = []row{{f: unary(func(tp *tape, x *variable) *variable { return tp.ELU(x, 0.7) }), inputs: signed}}
	rows["CELU"] = []row{{f: unary(func(tp *tape, x *variable) *variable { return tp.CELU(x, 0.7) }), inputs: signed}}
	rows["Softplus"] = []row{
		{name: "defaults", f: unary(func(tp *tape, x *variable) *variable { return tp.Softplus(x, 1, 20) }), inputs: signed},
		{name: "steep, with the linear part", f: unary(func(tp *tape, x *variable) *variable { return tp.Softplus(x, 3, 15) }), inputs: uniform(-9, 9, []int{5, 4})},
	}
	rows["PowScalar"] = []row{
		{name: "integer", f: unary(func(tp *tape, x *variable) *variable { return tp.PowScalar(x, 3) }), inputs: signed},
		{name: "negative fraction", f: unary(func(tp *tape, x *variable) *variable { return tp.PowScalar(x, -1.5) }), inputs: positive},
	}
	rows["AddScalar"] = []row{{f: unary(func(tp *tape, x *variable) *variable { return tp.AddScalar(x, 1.7) }), inputs: signed}}
	rows["MulScalar"] = []row{{f: unary(func(tp *tape, x *variable) *variable { return tp.MulScalar(x, -1.7) }), inputs: signed}}

	for name, f := range map[string]func(*tape, *variable, *variable) *variable{
		"Add": (*tape).Add, "Sub": (*tape).Sub, "Mul": (*tape).Mul, "Div": (*tape).Div, "Pow": (*tape).Pow, "Maximum": (*tape).Maximum, "Minimum": (*tape).Minimum,
	} {
		for _, s := range broadcasts {
			inputs := distinct(s.a, s.b)
			if name == "Div" || name == "Pow" {
				inputs = uniform(0.3, 3, s.a, s.b)
			}
			rows[name] = append(rows[name], row{name: s.name, f: binary(f), inputs: inputs})
		}
		rows[name] = append(rows[name], row{name: "one side constant", f: binary(f), inputs: uniform(0.3, 3, []int{2, 3}, []int{3}), opts: Options{Constant: []bool{true, false}}})
	}
	rows["Mul"] = append(rows["Mul"], row{name: "square", f: unary(func(tp *tape, x *variable) *variable { return tp.Mul(x, x) }), inputs: signed})
	mask := tensor.FromSlice([]float64{1, 0, 0, 1, 1, 0}, 2, 1, 3)
	for _, s := range broadcasts[:2] {
		rows["Where"] = append(rows["Where"], row{
			name: s.name, inputs: distinct(s.a, s.b),
			f: binary(func(tp *tape, a, b *variable) *variable { return tp.Where(mask, a, b) }),
		})
	}
	rows["PReLU"] = []row{
		{name: "slope for each channel", f: binary((*tape).PReLU), inputs: distinct([]int{2, 3, 2}, []int{3})},
		{name: "one slope", f: binary((*tape).PReLU), inputs: distinct([]int{4, 3}, []int{1})},
	}
	rows["GLU"] = []row{
		{name: "last axis", f: unary(func(tp *tape, x *variable) *variable { return tp.GLU(x, -1) }), inputs: distinct([]int{3, 4})},
		{name: "middle axis", f: unary(func(tp *tape, x *variable) *variable { return tp.GLU(x, 1) }), inputs: distinct([]int{2, 4, 3})},
	}
	rows["Dropout"] = []row{{f: unary(func(tp *tape, x *variable) *variable { return tp.Dropout(x, 0.4) }), inputs: uniform(-1, 1, []int{4, 9})}}
}
