package tensor

import (
	"math"
	"slices"
	"testing"
)

// TestReductionsOfAnyWorkers wants the same bits of every reduction from any number of workers, of
// numbers whose sum depends on the order, at lengths that no number of workers divides.
func TestReductionsOfAnyWorkers(t *testing.T) {
	defer SetWorkers(Workers())
	const rows, cols = 997, 1031
	x := Normal[float32](NewKey(1, "x"), 0, 1, rows, cols)
	y := Normal[float32](NewKey(2, "y"), 0, 1, rows, cols)
	for i, v := range x.Data() { // magnitudes over 20 powers of two
		x.Data()[i] = v * float32(math.Ldexp(1, i%41-20))
	}
	images, weight := Normal[float32](NewKey(3, "i"), 0, 1, 7, 5, 33, 31), Normal[float32](NewKey(4, "w"), 0, 1, 6, 5, 3, 3)
	o := ConvOptions{Padding: [2]int{1, 1}}
	var want map[string][]float64
	for _, workers := range []int{1, 2, 3, 5, 16} {
		SetWorkers(workers)
		got := map[string][]float64{"Sum": {Sum(x)}, "SumSquares": {SumSquares(x)}, "Dot": {Dot(x, y)}}
		keep := func(name string, shape []int, f func(dst *Tensor[float32])) {
			dst := New[float32](shape...)
			f(dst)
			for _, v := range dst.Data() {
				got[name] = append(got[name], float64(v))
			}
		}
		for name, reduce := range map[string]func(dst, x *Tensor[float32], axes ...int){"ReduceSum": ReduceSum[float32], "ReduceMean": ReduceMean[float32], "ReduceNorm": ReduceNorm[float32]} {
			keep(name+" of all", nil, func(dst *Tensor[float32]) { reduce(dst, x) })
			keep(name+" of rows", []int{rows}, func(dst *Tensor[float32]) { reduce(dst, x, 1) })
			keep(name+" of columns", []int{cols}, func(dst *Tensor[float32]) { reduce(dst, x, 0) })
		}
		keep("ReduceVariance", []int{cols}, func(dst *Tensor[float32]) { ReduceVariance(dst, x, 1, 0) })
		keep("SumRows", []int{cols}, func(dst *Tensor[float32]) { SumRows(dst, x) })
		keep("SumTo", []int{1, cols}, func(dst *Tensor[float32]) { SumTo(dst, x) })
		keep("ReduceTerms", nil, func(dst *Tensor[float32]) { ReduceTerms(dst, x, 1) })
		keep("MatMul", []int{cols, cols}, func(dst *Tensor[float32]) { MatMulGradB(dst, x, y, 0) })
		dy := New[float32](7, 6, 33, 31)
		Conv(dy, images, weight, nil, o)
		keep("ConvGradWeight", []int{6, 5, 3, 3}, func(dst *Tensor[float32]) { ConvGradWeight(dst, images, dy, 0, o) })
		keep("ConvGradBias", []int{6}, func(dst *Tensor[float32]) { ConvGradBias(dst, dy, 0) })
		if want == nil {
			want = got
		}
		for name, v := range got {
			if !slices.Equal(v, want[name]) {
				t.Errorf("%s: %d workers give other bits than one", name, workers)
			}
		}
	}
}
