package gradcheck

func init() {
	product := binary((*tape).MatMul)
	rows["MatMul"] = []row{
		{name: "matrices", inputs: uniform(-1, 1, []int{3, 4}, []int{4, 5}), f: product},
		{name: "matrix and vector", inputs: uniform(-1, 1, []int{3, 4}, []int{4}), f: product},
		{name: "vector and matrix", inputs: uniform(-1, 1, []int{4}, []int{4, 3}), f: product},
		{name: "vectors", inputs: uniform(-1, 1, []int{4}, []int{4}), f: product},
		{name: "batch", inputs: uniform(-1, 1, []int{2, 3, 4}, []int{2, 4, 2}), f: product},
		{name: "broadcast left", inputs: uniform(-1, 1, []int{3, 4}, []int{2, 4, 2}), f: product},
		{name: "broadcast right", inputs: uniform(-1, 1, []int{2, 2, 3, 4}, []int{4, 2}), f: product},
		{name: "broadcast both", inputs: uniform(-1, 1, []int{2, 1, 3, 4}, []int{3, 4, 2}), f: product},
		{name: "batch and vector", inputs: uniform(-1, 1, []int{2, 3, 4}, []int{4}), f: product},
		{name: "vector and batch", inputs: uniform(-1, 1, []int{4}, []int{2, 4, 3}), f: product},
		{name: "with itself", inputs: uniform(-1, 1, []int{3, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.MatMul(x, x) })},
	}
	rows["Linear"] = []row{
		{name: "bias", inputs: uniform(-1, 1, []int{2, 3, 4}, []int{5, 4}, []int{5}), f: affine((*tape).Linear)},
		{name: "vector", inputs: uniform(-1, 1, []int{4}, []int{5, 4}, []int{5}), f: affine((*tape).Linear)},
		{name: "no bias", inputs: uniform(-1, 1, []int{3, 4}, []int{5, 4}), f: binary(func(tp *tape, x, w *variable) *variable { return tp.Linear(x, w, nil) })},
	}
	rows["GroupedLinear"] = []row{
		{name: "bias", inputs: uniform(-1, 1, []int{3, 2, 4}, []int{3, 5, 4}, []int{3, 5}), f: affine((*tape).GroupedLinear)},
		{name: "no bias", inputs: uniform(-1, 1, []int{3, 2, 4}, []int{3, 5, 4}), f: binary(func(tp *tape, x, w *variable) *variable { return tp.GroupedLinear(x, w, nil) })},
	}
}
