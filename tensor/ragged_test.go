package tensor

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawGroups draws groups of rows, some of them empty and now and then one of several pieces.
func drawGroups(t *rapid.T) (offsets []int) {
	offsets = []int{0}
	for _, n := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 1, 3, 17, raggedRows, raggedRows + 5}), 1, 5).Draw(t, "lengths") {
		offsets = append(offsets, offsets[len(offsets)-1]+n)
	}
	return offsets
}

// TestRaggedLinear compares the product of unequal groups, and its gradients, with those of one
// group after the other.
func TestRaggedLinear(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		offsets := drawGroups(r)
		groups, rows := len(offsets)-1, offsets[len(offsets)-1]
		in, out := rapid.IntRange(1, 9).Draw(r, "in"), rapid.SampledFrom([]int{1, 4, raggedColumns + 3}).Draw(r, "out")
		key := tensorKey(r)
		draw := func(name string, shape ...int) *Tensor[float64] {
			return Uniform[float64](key.Sub(name), -1, 1, shape...)
		}
		x, weight, bias, dy := draw("x", rows, in), draw("w", groups, out, in), draw("b", groups, out), draw("dy", rows, out)
		y := New[float64](rows, out)
		RaggedLinear(y, x, offsets, weight, bias)
		beta := rapid.SampledFrom([]float64{0, 1}).Draw(r, "beta")
		dx, dw, db := draw("dx", rows, in), draw("dw", groups, out, in), draw("db", groups, out)
		wantY, wantX, wantW, wantB := New[float64](rows, out), dx.Clone(), dw.Clone(), db.Clone()
		RaggedLinearGrad(RaggedLinearGrads[float64]{dx, dw, db, beta, beta, beta}, dy, x, offsets, weight)
		for g := range groups {
			part := func(t *Tensor[float64]) *Tensor[float64] { return t.Slice(0, offsets[g], offsets[g+1], 1) }
			w := weight.Slice(0, g, g+1, 1).Reshape(out, in)
			Linear(part(wantY), part(x), w, bias.Slice(0, g, g+1, 1).Reshape(out))
			Gemm(part(wantX), part(dy), w, 1, beta)
			dyt := Transposed(part(dy))
			dwg, dbg := wantW.Slice(0, g, g+1, 1).Reshape(out, in), wantB.Slice(0, g, g+1, 1).Reshape(out)
			Gemm(dwg, &dyt, part(x), 1, beta)
			if beta == 0 {
				dbg.Zero()
			}
			SumRows(dbg, part(dy))
		}
		mustBeClose(r, "y", y, wantY)
		mustBeClose(r, "gradient of x", dx, wantX)
		mustBeClose(r, "gradient of the weight", dw, wantW)
		mustBeClose(r, "gradient of the bias", db, wantB)
	})
}

// TestRaggedLinearOfAnyWorkers wants the same bits from any number of workers.
func TestRaggedLinearOfAnyWorkers(t *testing.T) {
	defer SetWorkers(Workers())
	offsets := []int{0, 700, 700, 731, 1400}
	key := NewKey(8, "ragged")
	x, w, dy := Normal[float32](key.Sub("x"), 0, 1, 1400, 33), Normal[float32](key.Sub("w"), 0, 1, 4, 150, 33), Normal[float32](key.Sub("dy"), 0, 1, 1400, 150)
	places := make([]int, 1400)
	for i := range places {
		places[i] = i * 3 % 1400
	}
	weights := Normal[float32](key.Sub("g"), 0, 1, 700, 2)
	var want [][]float32
	for _, workers := range []int{1, 2, 3, 8} {
		SetWorkers(workers)
		y, dx, dw, db := New[float32](1400, 150), New[float32](1400, 33), New[float32](4, 150, 33), New[float32](4, 150)
		RaggedLinear(y, x, offsets, w, nil)
		RaggedLinearGrad(RaggedLinearGrads[float32]{X: dx, Weight: dw, Bias: db}, dy, x, offsets, w)
		sum, dg := New[float32](700, 150), New[float32](700, 2)
		CombineRows(sum, y, weights, places, 0)
		CombineRowsGrad(nil, dg, sum, y, weights, places)
		got := [][]float32{y.Data(), dx.Data(), dw.Data(), db.Data(), sum.Data(), dg.Data()}
		if want == nil {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("result %d differs between 1 and %d workers", i, workers)
			}
		}
	}
}

// TestRaggedLinearMisuse wants a ShapeError of offsets that do not fit.
func TestRaggedLinearMisuse(t *testing.T) {
	x, y, w := New[float64](4, 2), New[float64](4, 3), New[float64](2, 3, 2)
	for name, offsets := range map[string][]int{"too few": {0, 4}, "not from 0": {1, 2, 4}, "not to the end": {0, 1, 3}, "descending": {0, 5, 4}} {
		func() {
			defer func() {
				if _, ok := recover().(*ShapeError); !ok {
					t.Errorf("offsets %s: no ShapeError", name)
				}
			}()
			RaggedLinear(y, x, offsets, w, nil)
		}()
	}
}

// TestCountingSort: places are a stable order.
func TestCountingSort(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(r, "n")
		numbers := rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 20).Draw(r, "numbers")
		places, index, offsets := make([]int, len(numbers)), make([]int, len(numbers)), make([]int, n+1)
		CountingSort(places, index, offsets, numbers, n)
		want := make([]int, len(numbers))
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(a, b int) int { return numbers[a] - numbers[b] })
		if !slices.Equal(index, want) {
			r.Fatalf("index %v, expected %v", index, want)
		}
		for i, at := range places {
			if index[at] != i || at < offsets[numbers[i]] || at >= offsets[numbers[i]+1] {
				r.Fatalf("places %v and offsets %v for index %v", places, offsets, index)
			}
		}
	})
}

// TestTopKAsSorted compares picking the largest elements with sorting, ties and NaN included.
func TestTopKAsSorted(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, inner := rapid.IntRange(1, 12).Draw(r, "n"), rapid.IntRange(1, 3).Draw(r, "inner")
		k := rapid.IntRange(0, min(n, fewLargest)).Draw(r, "k")
		x := New[float64](2, n, inner)
		for i := range x.Data() {
			x.Data()[i] = rapid.SampledFrom([]float64{1, 2, 3, math.Inf(-1), math.Inf(1), math.NaN()}).Draw(r, "x")
		}
		got, want := New[float64](2, k, inner), New[float64](2, k, inner)
		index, wantIndex := make([]int, got.Len()), make([]int, got.Len())
		TopK(got, index, x, 1)
		sorted("TopK", want, wantIndex, x, 1, k, true)
		if !slices.Equal(index, wantIndex) {
			r.Fatalf("places %v, expected %v", index, wantIndex)
		}
		for i, v := range want.Data() {
			if g := got.Data()[i]; g != v && g == g {
				r.Fatalf("element %d is %v, expected %v", i, g, v)
			}
		}
	})
}
