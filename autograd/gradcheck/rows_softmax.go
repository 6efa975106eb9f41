package gradcheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

func init() {
	rows["Softmax"] = []row{
		{name: "last axis", inputs: uniform(-2, 2, []int{3, 5}), f: unary(func(tp *tape, x *variable) *variable { return tp.Softmax(x, -1) })},
		{name: "middle axis", inputs: uniform(-2, 2, []int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.Softmax(x, 1) })},
		{name: "wide columns", inputs: uniform(-2, 2, []int{2, 70}), f: unary(func(tp *tape, x *variable) *variable { return tp.Softmax(x, 0) })},
	}
	rows["LogSoftmax"] = []row{
		{name: "last axis", inputs: uniform(-2, 2, []int{3, 5}), f: unary(func(tp *tape, x *variable) *variable { return tp.LogSoftmax(x, -1) })},
		{name: "middle axis", inputs: uniform(-2, 2, []int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.LogSoftmax(x, 1) })},
	}
	rows["LogSumExp"] = []row{
		{name: "last axes", inputs: uniform(-2, 2, []int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.LogSumExp(x, []int{1, 2}, true) })},
		{name: "outer axes", inputs: uniform(-2, 2, []int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.LogSumExp(x, []int{2, 0}, false) })},
		{name: "all axes", inputs: uniform(-2, 2, []int{2, 3}), f: unary(func(tp *tape, x *variable) *variable { return tp.LogSumExp(x, nil, false) })},
	}
	weight := tensor.FromSlice([]float64{0.5, 2, 1}, 3)
	entropy := func(labels []int, o autograd.CrossEntropyOptions[float64]) Func {
		return unary(func(tp *tape, x *variable) *variable { return tp.CrossEntropy(x, labels, o) })
	}
	rows["CrossEntropy"] = []row{
		{name: "mean", inputs: uniform(-2, 2, []int{4, 3}), f: entropy([]int{0, 2, 1, 1}, autograd.CrossEntropyOptions[float64]{})},
		{name: "weighted, smoothed, ignoring", inputs: uniform(-2, 2, []int{4, 3}), f: entropy([]int{0, -100, 1, 1},
			autograd.CrossEntropyOptions[float64]{Weight: weight, LabelSmoothing: 0.1, HasIgnore: true, Ignore: -100})},
		{name: "sum", inputs: uniform(-2, 2, []int{4, 3}), f: entropy([]int{0, 2, 1, 1}, autograd.CrossEntropyOptions[float64]{Reduction: autograd.Sum, LabelSmoothing: 0.2})},
		{name: "images, no reduction", inputs: uniform(-2, 2, []int{2, 3, 2, 2}), f: entropy([]int{0, 2, 1, 1, 0, 1, 2, 2},
			autograd.CrossEntropyOptions[float64]{Reduction: autograd.None, Weight: weight})},
	}
	rows["CrossEntropySoft"] = []row{
		{name: "mean", inputs: uniform(0.1, 1, []int{4, 3}, []int{4, 3}), f: binary(func(tp *tape, x, q *variable) *variable {
			return tp.CrossEntropySoft(x, q, autograd.CrossEntropyOptions[float64]{Weight: weight, LabelSmoothing: 0.1})
		})},
		{name: "sequences, no reduction", inputs: uniform(0.1, 1, []int{2, 3, 4}, []int{2, 3, 4}), f: binary(func(tp *tape, x, q *variable) *variable {
			return tp.CrossEntropySoft(x, q, autograd.CrossEntropyOptions[float64]{Reduction: autograd.None})
		})},
	}
}
