package gradcheck

import "elegans/tensor"

func init() {
	s := tensor.NewCSR(3, 4, []int32{0, 2, 2, 6}, []int32{3, 1, 0, 1, 2, 1}, []float64{0.5, -1, 2, 1, -0.3, 0.7})
	rows["SpMM"] = []row{
		{name: "constant values", inputs: uniform(-1, 1, []int{4, 2, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.SpMM(s, x, nil) })},
		{name: "learned values", inputs: uniform(-1, 1, []int{6}, []int{4, 5}), f: binary(func(tp *tape, v, x *variable) *variable { return tp.SpMM(s, x, v) })},
		{name: "wide", inputs: uniform(-1, 1, []int{6}, []int{4, 130}), f: binary(func(tp *tape, v, x *variable) *variable { return tp.SpMM(s, x, v) })},
		{name: "vector", inputs: uniform(-1, 1, []int{6}, []int{4}), f: binary(func(tp *tape, v, x *variable) *variable { return tp.SpMM(s, x, v) })},
	}
	rows["SpMMT"] = []row{
		{name: "constant values", inputs: uniform(-1, 1, []int{3, 2, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.SpMMT(s, x, nil) })},
		{name: "learned values", inputs: uniform(-1, 1, []int{6}, []int{3, 5}), f: binary(func(tp *tape, v, x *variable) *variable { return tp.SpMMT(s, x, v) })},
	}
}
