package tensor

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/internal/allocs"
)

// anyView returns a tensor of the given shape with random elements in a random layout: axes
// permuted, with gaps, or an expanded axis.
func anyView(r *rand.Rand, writable bool, shape ...int) *Tensor[float64] {
	perm := r.Perm(len(shape))
	if r.IntN(3) == 0 {
		slices.Sort(perm)
	}
	stored, back := make([]int, len(shape)), make([]int, len(shape))
	for i, p := range perm {
		stored[i], back[p] = shape[p], i
	}
	gap := -1
	if len(shape) > 0 && r.IntN(2) == 0 {
		gap = r.IntN(len(shape))
		stored[gap] = 2*stored[gap] + 1
	}
	flat := -1
	if len(shape) > 0 && !writable && r.IntN(4) == 0 {
		flat = r.IntN(len(shape))
		if flat == gap {
			flat = -1
		} else {
			stored[flat] = 1
		}
	}
	t := New[float64](stored...)
	for i := range t.data {
		t.data[i] = r.NormFloat64()
	}
	if gap >= 0 {
		t = t.Slice(gap, 1, End, 2)
	}
	if flat >= 0 {
		stored = slices.Clone(t.Shape())
		stored[flat] = shape[perm[flat]]
		t = t.Expand(stored...)
	}
	return t.Permute(back...)
}

// productAt computes one element of the product of a and b from its definition.
func productAt(a, b *Tensor[float64], index []int) float64 {
	ia, ib := make([]int, a.Dims()), make([]int, b.Dims())
	lead := index
	if b.Dims() > 1 {
		ib[b.Dims()-1], lead = lead[len(lead)-1], lead[:len(lead)-1]
	}
	if a.Dims() > 1 {
		ia[a.Dims()-2], lead = lead[len(lead)-1], lead[:len(lead)-1]
	}
	set := func(to []int, shape []int) {
		for i := range to {
			if v := lead[len(lead)-len(to)+i]; shape[i] > 1 {
				to[i] = v
			}
		}
	}
	set(ia[:max(a.Dims()-2, 0)], a.Shape())
	set(ib[:max(b.Dims()-2, 0)], b.Shape())
	sum := 0.0
	for k := range a.Dim(-1) {
		ia[len(ia)-1], ib[max(len(ib)-2, 0)] = k, k
		sum += a.At(ia...) * b.At(ib...)
	}
	return sum
}

// everyIndex calls f with every index of a shape.
func everyIndex(shape []int, f func(index []int)) {
	index := make([]int, len(shape))
	var walk func(axis int)
	walk = func(axis int) {
		if axis == len(shape) {
			f(index)
			return
		}
		for i := range shape[axis] {
			index[axis] = i
			walk(axis + 1)
		}
	}
	walk(0)
}

func TestMatMulOfAnyViews(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		size := rapid.SampledFrom([]int{0, 1, 1, 2, 3, 5, 17})
		m, n, k := size.Draw(rt, "m"), size.Draw(rt, "n"), size.Draw(rt, "k")
		var batchA, batchB []int
		for range r.IntN(3) {
			d := 1 + r.IntN(3)
			batchA, batchB = append(batchA, d), append(batchB, d)
			switch r.IntN(4) {
			case 0:
				batchA[len(batchA)-1] = 1
			case 1:
				batchB[len(batchB)-1] = 1
			}
		}
		if r.IntN(3) == 0 {
			batchB = batchB[r.IntN(len(batchB)+1):]
		}
		shapeA, shapeB := append(batchA, m, k), append(batchB, k, n)
		if r.IntN(8) == 0 {
			shapeA = []int{k}
		}
		if r.IntN(8) == 0 {
			shapeB = []int{k}
		}
		a, b := anyView(r, false, shapeA...), anyView(r, false, shapeB...)
		dst := anyView(r, true, MatMulShape("test", nil, shapeA, shapeB)...)
		old := dst.Clone()
		alpha, beta := 1.0, 0.0
		switch r.IntN(3) {
		case 0:
			MatMul(dst, a, b)
		case 1:
			beta = 1
			MatMulAdd(dst, a, b)
		case 2:
			alpha, beta = -2, 0.5
			Gemm(dst, a, b, alpha, beta)
		}
		everyIndex(dst.Shape(), func(index []int) {
			want := alpha*productAt(a, b, index) + beta*old.At(index...)
			if got := dst.At(index...); !(math.Abs(got-want) < 1e-12*float64(k+4)) {
				rt.Fatalf("%v x %v, strides %v x %v -> %v: element %v = %v, want %v", shapeA, shapeB, a.Strides(), b.Strides(), dst.Strides(), index, got, want)
			}
		})
	})
}

func TestMatMulWritesNothingElse(t *testing.T) {
	whole := Full[float64](7, 5, 9, 9)
	dst := whole.Slice(1, 2, 6, 2).Slice(2, 1, End, 3) // [5, 2, 3]
	MatMul(dst, Full[float64](1, 5, 2, 4), Full[float64](1, 5, 4, 3))
	n := 0
	for _, v := range whole.data {
		switch v {
		case 4:
			n++
		case 7:
		default:
			t.Fatalf("found %v", v)
		}
	}
	if n != dst.Len() {
		t.Errorf("%d elements written, want %d", n, dst.Len())
	}
}

func TestMatMulIgnoresOldContent(t *testing.T) {
	for _, k := range []int{0, 3} {
		dst := Full[float32](float32(math.NaN()), 4, 4).Slice(1, 0, End, 2)
		MatMul(dst, Full[float32](1, 4, k), Full[float32](1, k, 2))
		everyIndex(dst.Shape(), func(index []int) {
			if dst.At(index...) != float32(k) {
				t.Errorf("k %d: element %v = %v", k, index, dst.At(index...))
			}
		})
	}
}

func TestLinear(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, lead := range [][]int{{}, {1}, {7}, {3, 5}, {0}} {
		for _, strided := range []bool{false, true} {
			x, weight, bias := anyView(r, true, append(lead, 6)...), anyView(r, true, 4, 6), anyView(r, true, 4).Contiguous()
			dst := New[float64](append(lead, 4)...)
			if strided {
				dst = anyView(r, true, append(lead, 4)...)
			}
			want := x.MatMul(weight.T())
			Linear(dst, x, weight, nil)
			everyIndex(dst.Shape(), func(i []int) { nearly(t, "without bias", dst.At(i...), want.At(i...)) })
			Linear(dst, x, weight, bias)
			everyIndex(dst.Shape(), func(i []int) { nearly(t, "with bias", dst.At(i...), want.At(i...)+bias.At(i[len(i)-1])) })
			LinearAct(dst, x, weight, bias, OpSquare)
			everyIndex(dst.Shape(), func(i []int) {
				v := want.At(i...) + bias.At(i[len(i)-1])
				nearly(t, "with activation", dst.At(i...), v*v)
			})
		}
	}
}

func nearly(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*(1+math.Abs(want))) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func TestGrouped(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, s := range [][4]int{{5, 7, 3, 4}, {1, 7, 3, 4}, {5, 1, 3, 4}, {5, 7, 0, 4}, {0, 7, 3, 4}, {5, 7, 3, 1}} {
		g, m, in, out := s[0], s[1], s[2], s[3]
		for range 20 {
			x, weight, bias := anyView(r, true, g, m, in), anyView(r, false, g, out, in), anyView(r, true, g, out).Contiguous()
			dst := anyView(r, true, g, m, out)
			old := dst.Clone()
			GroupedMatMul(dst, x, weight.Transpose(1, 2), 2, 1)
			everyIndex(dst.Shape(), func(i []int) {
				nearly(t, "GroupedMatMul", dst.At(i...), 2*productAt(x, weight.Transpose(1, 2), i)+old.At(i...))
			})
			GroupedLinear(dst, x, weight, bias, OpNone)
			everyIndex(dst.Shape(), func(i []int) {
				nearly(t, "GroupedLinear", dst.At(i...), productAt(x, weight.Transpose(1, 2), i)+bias.At(i[0], i[2]))
			})
		}
	}
}

func TestProductShapeErrors(t *testing.T) {
	n := New[float32]
	for name, c := range map[string]struct {
		call func()
		want string
	}{
		"inner":       {func() { n(2, 3).MatMul(n(4, 5)) }, "MatMul: shapes [2 3], [4 5]: inner dimensions differ"},
		"vectors":     {func() { n(3).MatMul(n(4)) }, "MatMul: shapes [3], [4]"},
		"batch":       {func() { n(2, 3, 4).MatMul(n(3, 4, 5)) }, "cannot broadcast together"},
		"scalar":      {func() { n().MatMul(n(4)) }, "at least one axis"},
		"destination": {func() { MatMul(n(2, 2), n(2, 3), n(3, 4)) }, "MatMul: shapes [2 2], [2 3], [3 4]: the destination"},
		"add":         {func() { MatMulAdd(n(2), n(2, 3), n(3, 4)) }, "MatMulAdd"},
		"expanded":    {func() { Gemm(n(1, 4).Expand(2, 4), n(2, 3), n(3, 4), 1, 0) }, "Gemm: shape [2 4]: the destination is an expanded view"},
		"weight":      {func() { Linear(n(2, 3), n(2, 3), n(3), nil) }, "Linear: shapes [2 3], [2 3], [3]: want a weight"},
		"bias":        {func() { Linear(n(2, 5), n(2, 3), n(5, 3), n(3)) }, "Linear: shapes [5 3], [3]: want a contiguous bias"},
		"groups":      {func() { GroupedMatMul(n(2, 3, 3), n(2, 3, 3), n(1, 3, 3), 1, 0) }, "GroupedMatMul: shapes"},
		"group bias":  {func() { GroupedLinear(n(2, 3, 5), n(2, 3, 4), n(2, 5, 4), n(5), OpNone) }, "GroupedLinear"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				err, _ := recover().(error)
				var shape *ShapeError
				if !errors.As(err, &shape) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want a ShapeError with %q", err, c.want)
				}
			}()
			c.call()
		})
	}
}

func TestProductsAllocateNothing(t *testing.T) {
	old := Workers()
	SetWorkers(2)
	t.Cleanup(func() { SetWorkers(old) })
	x, weight, bias, y := New[float32](128, 64), New[float32](32, 64), New[float32](32), New[float32](128, 32)
	states, units, next := New[float32](128, 20, 64), New[float32](20, 64, 64), New[float32](128, 20, 64)
	gb := New[float32](20, 64)
	s, n, wt := states.Permute(1, 0, 2), next.Permute(1, 0, 2), weight.T()
	step := func() {
		Linear(y, x, weight, bias)
		MatMul(y, x, wt)
		MatMulAdd(y, x, wt)
		GroupedMatMul(n, s, units, 1, 0)
		GroupedLinear(n, s, units, gb, OpNone)
	}
	for range 20 {
		step()
	}
	if n := allocs.PerStep(50, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

func TestPeakGFLOPS(t *testing.T) {
	_, names := Kernels()
	if p := PeakGFLOPS[float32](names[0]); p <= 0 {
		t.Errorf("peak of %s = %v", names[0], p)
	}
}

func ExampleMatMul() {
	a := FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	dst := New[float32](2, 2)
	MatMul(dst, a, a.T())
	fmt.Println(dst.Data())
	fmt.Println(a.MatMul(FromSlice([]float32{1, -1}, 2)).Data())
	// Output:
	// [5 11 11 25]
	// [-1 -1]
}

func ExampleLinear() {
	x := FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	weight := FromSlice([]float32{1, 1, 1, -1, 0, 2}, 3, 2) // [out, in]
	bias := FromSlice([]float32{0, 0, 10}, 3)
	dst := New[float32](2, 3)
	Linear(dst, x, weight, bias)
	fmt.Println(dst.Data())
	// Output: [3 -1 14 7 -1 18]
}

func ExampleGroupedMatMul() {
	// Two neurons with weights of their own, over a batch of three samples of one feature each.
	states := FromSlice([]float32{1, 10, 2, 20, 3, 30}, 3, 2, 1) // [batch, neurons, features]
	weights := FromSlice([]float32{5, 7}, 2, 1, 1)               // [neurons, in, out]
	next := New[float32](3, 2, 1)
	GroupedMatMul(next.Permute(1, 0, 2), states.Permute(1, 0, 2), weights, 1, 0)
	fmt.Println(next.Data())
	// Output: [5 70 10 140 15 210]
}
