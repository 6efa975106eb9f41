package gradcheck

import "elegans/tensor"

// affine adapts a function with an input, a weight and a bias.
func affine(f func(tp *tape, x, w, b *variable) *variable) Func {
	return func(tp *tape, in []*variable) []*variable { return []*variable{f(tp, in[0], in[1], in[2])} }
}

func init() {
	rows["LayerNorm"] = []row{
		{name: "last axis", inputs: uniform(-1, 1, []int{2, 3, 5}, []int{5}, []int{5}), f: affine(func(tp *tape, x, w, b *variable) *variable { return tp.LayerNorm(x, w, b, 1, 1e-5) })},
		{name: "two axes", inputs: uniform(-1, 1, []int{2, 3, 5}, []int{3, 5}, []int{3, 5}), f: affine(func(tp *tape, x, w, b *variable) *variable { return tp.LayerNorm(x, w, b, 2, 1e-5) })},
		{name: "no affine map", inputs: uniform(-1, 1, []int{4, 5}), f: unary(func(tp *tape, x *variable) *variable { return tp.LayerNorm(x, nil, nil, 1, 1e-5) })},
		{name: "weight only", inputs: uniform(-1, 1, []int{4, 5}, []int{5}), f: binary(func(tp *tape, x, w *variable) *variable { return tp.LayerNorm(x, w, nil, 1, 1e-5) })},
		{name: "bias trained only", opts: Options{Constant: []bool{false, true, false}}, inputs: uniform(-1, 1, []int{4, 5}, []int{5}, []int{5}),
			f: affine(func(tp *tape, x, w, b *variable) *variable { return tp.LayerNorm(x, w, b, 1, 1e-5) })},
	}
	rows["RMSNorm"] = []row{
		{name: "last axis", inputs: uniform(-1, 1, []int{2, 3, 5}, []int{5}), f: binary(func(tp *tape, x, w *variable) *variable { return tp.RMSNorm(x, w, 1, 1e-6) })},
		{name: "no weight", inputs: uniform(-1, 1, []int{4, 5}), f: unary(func(tp *tape, x *variable) *variable { return tp.RMSNorm(x, nil, 1, 1e-6) })},
	}
	rows["GroupNorm"] = []row{
		{name: "two groups", inputs: uniform(-1, 1, []int{2, 4, 3, 2}, []int{4}, []int{4}), f: affine(func(tp *tape, x, w, b *variable) *variable { return tp.GroupNorm(x, w, b, 2, 1e-5) })},
		{name: "no affine map", inputs: uniform(-1, 1, []int{2, 4, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.GroupNorm(x, nil, nil, 1, 1e-5) })},
	}
	rows["InstanceNorm"] = []row{
		{name: "images", inputs: uniform(-1, 1, []int{2, 3, 2, 3}, []int{3}, []int{3}), f: affine(func(tp *tape, x, w, b *variable) *variable { return tp.InstanceNorm(x, w, b, 1e-5) })},
	}
	running := func() (*tensor.Tensor[float64], *tensor.Tensor[float64]) {
		return tensor.FromSlice([]float64{0.1, -0.2, 0.3}, 3), tensor.FromSlice([]float64{0.5, 1, 2}, 3)
	}
	rows["BatchNorm"] = []row{
		{name: "vectors, training", inputs: uniform(-1, 1, []int{6, 3}, []int{3}, []int{3}), f: affine(func(tp *tape, x, w, b *variable) *variable {
			m, v := running()
			return tp.BatchNorm(x, w, b, m, v, true, 0.1, 1e-5)
		})},
		{name: "images, training", inputs: uniform(-1, 1, []int{2, 3, 2, 3}, []int{3}, []int{3}), f: affine(func(tp *tape, x, w, b *variable) *variable {
			return tp.BatchNorm(x, w, b, nil, nil, true, 0.1, 1e-5)
		})},
		{name: "sequences, inference", inputs: uniform(-1, 1, []int{2, 3, 4}, []int{3}, []int{3}), f: affine(func(tp *tape, x, w, b *variable) *variable {
			m, v := running()
			return tp.BatchNorm(x, w, b, m, v, false, 0.1, 1e-5)
		})},
		{name: "no affine map", inputs: uniform(-1, 1, []int{5, 3}), f: unary(func(tp *tape, x *variable) *variable {
			return tp.BatchNorm(x, nil, nil, nil, nil, true, 0.1, 1e-5)
		})},
	}
}
