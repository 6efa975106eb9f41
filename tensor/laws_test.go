package tensor

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawTensor draws a contiguous tensor of one to four axes.
func drawTensor(t *rapid.T) *Tensor[float64] {
	shape := rapid.SliceOfN(rapid.IntRange(1, 7), 1, 4).Draw(t, "shape")
	return Uniform[float64](tensorKey(t), -1, 1, shape...)
}

func tensorKey(t *rapid.T) Key { return NewKey(rapid.Uint64().Draw(t, "key"), "laws") }

func drawAxis(t *rapid.T, x *Tensor[float64]) int {
	return rapid.IntRange(0, x.Dims()-1).Draw(t, "axis")
}

func mustEqual(t *rapid.T, what string, got, want *Tensor[float64]) {
	t.Helper()
	if !equal(got, want) {
		t.Fatalf("%s:\n%v %v, want\n%v %v", what, got.Shape(), got, want.Shape(), want)
	}
}

// TestShapeLaws: what the operations on shapes must satisfy together.
func TestShapeLaws(t *testing.T) {
	laws := map[string]func(t *rapid.T){
		"the inverse permutation restores": func(t *rapid.T) {
			x := drawTensor(t)
			axes := rapid.Permutation(count(x.Dims())).Draw(t, "axes")
			inverse := make([]int, len(axes))
			for i, a := range axes {
				inverse[a] = i
			}
			mustEqual(t, "restored", x.Permute(axes...).Clone().Permute(inverse...), x)
		},
		"flipping twice restores": func(t *rapid.T) {
			x := drawTensor(t)
			axes := rapid.SliceOfDistinct(rapid.IntRange(0, x.Dims()-1), rapid.ID[int]).Draw(t, "axes")
			y, z := New[float64](x.Shape()...), New[float64](x.Shape()...)
			Flip(y, x, axes...)
			Flip(z, y, axes...)
			mustEqual(t, "restored", z, x)
			eachIndex(x.Shape(), func(i []int) {
				j := slices.Clone(i)
				for _, a := range axes {
					j[a] = x.Dim(a) - 1 - i[a]
				}
				if y.At(j...) != x.At(i...) {
					t.Fatalf("element %v is not at %v", i, j)
				}
			})
		},
		"rolling adds up": func(t *rapid.T) {
			x := drawTensor(t)
			axis, a, b := drawAxis(t, x), rapid.IntRange(-9, 9).Draw(t, "a"), rapid.IntRange(-9, 9).Draw(t, "b")
			y, z, direct := New[float64](x.Shape()...), New[float64](x.Shape()...), New[float64](x.Shape()...)
			Roll(y, x, []int{a}, []int{axis})
			Roll(z, y, []int{b}, []int{axis})
			Roll(direct, x, []int{a, b}, []int{axis, axis})
			mustEqual(t, "in two steps", z, direct)
			n := x.Dim(axis)
			eachIndex(x.Shape(), func(i []int) {
				j := slices.Clone(i)
				j[axis] = ((i[axis]+a)%n + n) % n
				if y.At(j...) != x.At(i...) {
					t.Fatalf("element %v is not at %v", i, j)
				}
			})
		},
		"tiling and repeating name the element": func(t *rapid.T) {
			x := drawTensor(t)
			if x.Dims() > 3 {
				x = x.Slice(0, 0, 1, 1).Squeeze(0).Clone()
			}
			repeats := rapid.SliceOfN(rapid.IntRange(1, 3), x.Dims(), x.Dims()).Draw(t, "repeats")
			shape := slices.Clone(x.Shape())
			for i, r := range repeats {
				shape[i] *= r
			}
			y := New[float64](shape...)
			Tile(y, x, repeats...)
			eachIndex(shape, func(i []int) {
				j := slices.Clone(i)
				for a := range j {
					j[a] %= x.Dim(a)
				}
				if y.At(i...) != x.At(j...) {
					t.Fatalf("tile: element %v", i)
				}
			})
			axis := drawAxis(t, x)
			shape = slices.Clone(x.Shape())
			shape[axis] *= repeats[axis]
			y = New[float64](shape...)
			RepeatInterleave(y, x, repeats[axis], axis)
			eachIndex(shape, func(i []int) {
				j := slices.Clone(i)
				j[axis] /= repeats[axis]
				if y.At(i...) != x.At(j...) {
					t.Fatalf("repeat: element %v", i)
				}
			})
		},
		"triangles add up": func(t *rapid.T) {
			x := Uniform[float64](tensorKey(t), -1, 1, rapid.SliceOfN(rapid.IntRange(1, 6), 2, 3).Draw(t, "shape")...)
			d := rapid.IntRange(-7, 7).Draw(t, "diagonal")
			lower, upper := x.Clone(), x.Clone()
			Tril(lower, lower, d)
			Triu(upper, upper, d+1)
			Accumulate(lower, upper)
			mustEqual(t, "sum", lower, x)
		},
		"the diagonal": func(t *rapid.T) {
			x := Uniform[float64](tensorKey(t), -1, 1, rapid.SliceOfN(rapid.IntRange(1, 6), 2, 3).Draw(t, "shape")...)
			offset := rapid.IntRange(-7, 7).Draw(t, "offset")
			d := x.Diagonal(offset)
			eachIndex(d.Shape(), func(i []int) {
				k := i[len(i)-1]
				j := append(slices.Clone(i[:len(i)-1]), k+max(0, -offset), k+max(0, offset))
				if d.At(i...) != x.At(j...) {
					t.Fatalf("element %v", i)
				}
			})
			want := max(0, min(x.Dim(-2)-max(0, -offset), x.Dim(-1)-max(0, offset)))
			if d.Dim(-1) != want {
				t.Fatalf("length %d, want %d", d.Dim(-1), want)
			}
		},
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) { rapid.Check(t, law) })
	}
}

// TestReductionLaws: sums are linear and may be taken axis by axis; a running sum ends with the
// sum; the variance does not see a shift.
func TestReductionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTensor(t)
		y := Uniform[float64](NewKey(9, "test"), -1, 1, x.Shape()...)
		axis := drawAxis(t, x)
		shape := slices.Delete(slices.Clone(x.Shape()), axis, axis+1)
		sx, sy, sz := New[float64](shape...), New[float64](shape...), New[float64](shape...)
		z := x.Clone()
		for i := range z.data {
			z.data[i] = 2*x.data[i] - y.data[i]
		}
		ReduceSum(sx, x, axis)
		ReduceSum(sy, y, axis)
		ReduceSum(sz, z, axis)
		near := func(what string, a, b float64) {
			if math.Abs(a-b) > 1e-12 {
				t.Fatalf("%s: %v and %v", what, a, b)
			}
		}
		for i := range sz.data {
			near("linear", sz.data[i], 2*sx.data[i]-sy.data[i])
		}
		all, rest := New[float64](), New[float64]()
		ReduceSum(all, x)
		ReduceSum(rest, sx)
		near("axis by axis", all.Item(), rest.Item())
		run := New[float64](x.Shape()...)
		CumSum(run, x, axis)
		last := run.Slice(axis, -1, End, 1).Squeeze(axis).Clone()
		for i := range last.data {
			near("running sum", last.data[i], sx.data[i])
		}
		back := New[float64](x.Shape()...)
		CumSumReverse(back, x, axis)
		first := back.Slice(axis, 0, 1, 1).Squeeze(axis).Clone()
		for i := range first.data {
			near("running sum from the end", first.data[i], sx.data[i])
		}
		v, w := New[float64](shape...), New[float64](shape...)
		ReduceVariance(v, x, 0, axis)
		for i := range z.data {
			z.data[i] = x.data[i] + 3
		}
		ReduceVariance(w, z, 0, axis)
		for i := range v.data {
			near("variance", v.data[i], w.data[i])
		}
	})
}

// TestIndexLaws: gathering by the order of a sort sorts; selecting and adding back counts; the
// largest come first.
func TestIndexLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTensor(t)
		axis := drawAxis(t, x)
		descending := rapid.Bool().Draw(t, "descending")
		y, z := New[float64](x.Shape()...), New[float64](x.Shape()...)
		index := make([]int, x.Len())
		Sort(y, index, x, axis, descending)
		Gather(z, x, axis, index)
		mustEqual(t, "gathered by the order", z, y)
		n := x.Dim(axis)
		for i := range n - 1 {
			a, b := y.Slice(axis, i, i+1, 1).Clone(), y.Slice(axis, i+1, i+2, 1).Clone()
			for j := range a.data {
				if descending && a.data[j] < b.data[j] || !descending && a.data[j] > b.data[j] {
					t.Fatalf("not sorted: %v", y)
				}
			}
		}
		back := New[float64](x.Shape()...)
		ScatterAdd(back, axis, index, y)
		mustEqual(t, "scattered back", back, x)
		k := rapid.IntRange(0, n).Draw(t, "k")
		shape := slices.Clone(x.Shape())
		shape[axis] = k
		top := New[float64](shape...)
		TopK(top, nil, x, axis)
		Sort(y, nil, x, axis, true)
		mustEqual(t, "top", top, y.Slice(axis, 0, k, 1).Clone())

		pick := rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 9).Draw(t, "pick")
		shape[axis] = len(pick)
		part := New[float64](shape...)
		IndexSelect(part, x, axis, pick)
		sum, want := New[float64](x.Shape()...), New[float64](x.Shape()...)
		IndexAdd(sum, axis, pick, part)
		for i, p := range pick {
			mustEqual(t, "selected", part.Slice(axis, i, i+1, 1).Clone(), x.Slice(axis, p, p+1, 1).Clone())
			Accumulate(want.Slice(axis, p, p+1, 1), x.Slice(axis, p, p+1, 1))
		}
		mustEqual(t, "added", sum, want)
	})
}

// TestIndexErrors: indices out of range and shapes that do not fit are named.
func TestIndexErrors(t *testing.T) {
	x, y := New[float64](3, 4), New[float64](2, 4)
	for name, c := range map[string]struct {
		f    func()
		want string
	}{
		"too large":     {func() { IndexSelect(y, x, 0, []int{0, 3}) }, "tensor: IndexSelect: shape [3 4]: index 3 out of range on axis 0"},
		"negative":      {func() { IndexAdd(x, 0, []int{0, -1}, y) }, "tensor: IndexAdd: shape [3 4]: index -1 out of range on axis 0"},
		"wrong length":  {func() { IndexSelect(y, x, 0, []int{0}) }, "tensor: IndexSelect: shapes [2 4], [3 4]: axis 0 must have one element for each of 1 indices, and the others equal lengths"},
		"gather":        {func() { Gather(y, x, 1, make([]int, 7)) }, "tensor: Gather: shapes [3 4], [2 4]: 7 indices along axis 1"},
		"scatter":       {func() { ScatterAdd(y, 1, make([]int, 12), x) }, "tensor: ScatterAdd: shapes [2 4], [3 4]: 12 indices along axis 1"},
		"class":         {func() { OneHot(y, []int{0, 4}) }, "tensor: OneHot: shape [2 4]: index 4 out of range on axis 1"},
		"too many":      {func() { TopK(New[float64](3, 5), nil, x, 1) }, "tensor: TopK: shapes [3 5], [3 4]: want the shape of x with one axis shortened"},
		"tile":          {func() { Tile(y, x, 2, 1) }, "tensor: Tile: shapes [2 4], [3 4]: the destination is not x repeated [2 1] times"},
		"shifts":        {func() { Roll(x, x, []int{1}, nil) }, "tensor: Roll: shape [3 4]: 1 shifts for 0 axes"},
		"triangle":      {func() { Tril(New[float64](3), New[float64](3), 0) }, "tensor: Tril: shape [3]: want at least two axes"},
		"no such axis":  {func() { CumSum(x, x, 2) }, "tensor: CumSum: shape [3 4]: no axis 2"},
		"nothing":       {func() { Argmax(make([]int, 3), New[float64](3, 0), 1) }, "tensor: Max: shape [3 0]: no elements to choose from"},
		"wrong indices": {func() { Argmax(make([]int, 4), x, 1) }, "tensor: Max: shapes [3 4], [4]: want one index for each line"},
	} {
		if err := shapePanic(c.f); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestSortSpecialValues(t *testing.T) {
	x := FromSlice([]float64{2, math.NaN(), 1, 2, math.Inf(-1)}, 5)
	y, index := New[float64](5), make([]int, 5)
	Sort(y, index, x, 0, false)
	if got := fmt.Sprint(y.data, index); got != "[-Inf 1 2 2 NaN] [4 2 0 3 1]" {
		t.Error(got)
	}
	Sort(y, index, x, 0, true)
	if got := fmt.Sprint(y.data, index); got != "[NaN 2 2 1 -Inf] [1 0 3 2 4]" {
		t.Error(got)
	}
}

// TestExtremeShapes: lengths whose products or sums overflow are refused, or counted correctly.
func TestExtremeShapes(t *testing.T) {
	if got := Arange[float32](0, 5).Slice(0, 1, End, math.MaxInt); !slices.Equal(got.Shape(), []int{1}) || got.Item() != 1 {
		t.Errorf("one step of any length gives %v, want [1]", got)
	}
	const half = math.MaxInt/2 + 1 // four halves are 0 in an int
	for name, f := range map[string]func(){
		"New":    func() { New[float32](half, 4) },
		"Rebind": func() { FromSlice([]float32{}, 4, half) },
		"Expand": func() { New[float32](2).Expand(-1, 2) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*ShapeError); !ok || e.Op != name {
					t.Errorf("%s: %v, want a ShapeError that names it", name, e)
				}
			}()
			f()
		}()
	}
}
