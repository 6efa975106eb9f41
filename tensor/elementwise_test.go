package tensor

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/internal/allocs"
)

// strided returns a tensor of the given shape and random elements: contiguous, or a window on
// something larger, or with axes exchanged.
func strided(t *rapid.T, k Key, shape []int) *Tensor[float64] {
	switch kind := rapid.IntRange(0, 2).Draw(t, "kind"); {
	case kind == 1 && len(shape) > 0:
		axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
		larger := slices.Clone(shape)
		larger[axis] = 2*larger[axis] + 3
		return Uniform[float64](k, 0.5, 2, larger...).Slice(axis, 1, 1+2*shape[axis], 2)
	case kind == 2 && len(shape) > 1:
		i := rapid.IntRange(0, len(shape)-1).Draw(t, "first")
		swapped := slices.Clone(shape)
		swapped[i], swapped[0] = shape[0], shape[i]
		return Uniform[float64](k, 0.5, 2, swapped...).Transpose(0, i)
	}
	return Uniform[float64](k, 0.5, 2, shape...)
}

// operand returns a shape that broadcasts to shape.
func operand(t *rapid.T, shape []int) []int {
	s := slices.Clone(shape[rapid.IntRange(0, len(shape)).Draw(t, "lead"):])
	for i := range s {
		if rapid.Bool().Draw(t, "one") {
			s[i] = 1
		}
	}
	return s
}

// forEachIndex calls f for every index of a shape, in row-major order.
func forEachIndex(shape []int, f func(index []int)) {
	index := make([]int, len(shape))
	if slices.Contains(shape, 0) {
		return
	}
	for {
		f(index)
		i := len(shape) - 1
		for ; i >= 0; i-- {
			if index[i]++; index[i] < shape[i] {
				break
			}
			index[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// TestElementwiseStrided compares every function with a loop over indices, for random shapes,
// strides and broadcasting.
func TestElementwiseStrided(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
		k := NewKey(rapid.Uint64().Draw(t, "seed"), "test")
		a, b, c := strided(t, k.Sub("a"), operand(t, shape)), strided(t, k.Sub("b"), operand(t, shape)), strided(t, k.Sub("c"), operand(t, shape))
		x, dst := strided(t, k.Sub("x"), shape), strided(t, k.Sub("dst"), shape)
		at := func(v *Tensor[float64], index []int) float64 { return v.Expand(shape...).At(index...) }
		for name, f := range map[string]struct {
			run  func()
			want func(old float64, i []int) float64
		}{
			"Map":         {func() { Sqrt(dst, x) }, func(_ float64, i []int) float64 { return math.Sqrt(x.At(i...)) }},
			"Sub":         {func() { Sub(dst, a, b) }, func(_ float64, i []int) float64 { return at(a, i) - at(b, i) }},
			"Div":         {func() { Div(dst, a, b) }, func(_ float64, i []int) float64 { return at(a, i) / at(b, i) }},
			"Maximum":     {func() { Maximum(dst, a, b) }, func(_ float64, i []int) float64 { return max(at(a, i), at(b, i)) }},
			"MaximumGrad": {func() { MaximumGrad(dst, a, a) }, func(float64, []int) float64 { return 0.5 }},
			"MulAdd":      {func() { MulAdd(dst, a, b) }, func(old float64, i []int) float64 { return old + at(a, i)*at(b, i) }},
			"AddScaled":   {func() { AddScaled(dst, a, 3) }, func(old float64, i []int) float64 { return old + 3*at(a, i) }},
			"Where": {func() { AddScalar(c, c, -1.2); Maximum(c, c, Scalar(0.)); Where(dst, c, a, b) }, func(_ float64, i []int) float64 {
				if at(c, i) != 0 {
					return at(a, i)
				}
				return at(b, i)
			}},
			"Fill": {func() { Fill(dst, 7) }, func(float64, []int) float64 { return 7 }},
		} {
			old := dst.Clone()
			f.run()
			forEachIndex(shape, func(i []int) {
				if got, want := dst.At(i...), f.want(old.At(i...), i); math.Abs(got-want) > 1e-12 {
					t.Fatalf("%s at %v: %v, want %v", name, i, got, want)
				}
			})
		}
		sum, want := New[float64](a.Shape()...), New[float64](a.Shape()...)
		SumTo(sum, x)
		forEachIndex(shape, func(i []int) {
			j := slices.Clone(i[len(shape)-a.Dims():])
			for axis, n := range a.Shape() {
				if n == 1 {
					j[axis] = 0
				}
			}
			want.Set(want.At(j...)+x.At(i...), j...)
		})
		for i, v := range sum.Data() {
			if math.Abs(v-want.Data()[i]) > 1e-9 {
				t.Fatalf("SumTo: %v, want %v", sum.Data(), want.Data())
			}
		}
	})
}

// TestElementwiseWorkers shows that results do not depend on the number of workers, at sizes that
// are divided among them.
func TestElementwiseWorkers(t *testing.T) {
	defer SetWorkers(Workers())
	const n = 3<<17 + 5
	k := NewKey(1, "workers")
	x, y := Uniform[float32](k.Sub("x"), -3, 3, n), Uniform[float32](k.Sub("y"), -3, 3, n)
	row := Uniform[float32](k.Sub("row"), -3, 3, 97)
	var want []float32
	var sums [3]float64
	for _, workers := range []int{1, 2, 3, 8} {
		SetWorkers(workers)
		var got []float32
		for _, f := range []func(dst *Tensor[float32]){
			func(dst *Tensor[float32]) { Tanh(dst, x) },
			func(dst *Tensor[float32]) { Mul(dst, x, y) },
			func(dst *Tensor[float32]) { MapGrad(OpGELU, dst, y, x, x, 0, 0, 1) },
			func(dst *Tensor[float32]) { Dropout(dst, x, k, 0.3, 0) },
			func(dst *Tensor[float32]) { MulAdd(dst, x, y) },
			func(dst *Tensor[float32]) {
				AdamStep(dst, x, y.Clone(), Full[float32](1, n), AdamCoeffs[float32]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.9, Rest2: 0.1, Step: 1, RootScale: 1, Eps: 1, Decay: 1, GradScale: 1})
			},
		} {
			dst := Full[float32](1, n)
			f(dst)
			got = append(got, dst.Data()...)
		}
		sum := New[float32](97)
		SumTo(sum, FromSlice(x.Data()[:97*4000], 4000, 97))
		product := New[float32](4000, 97)
		Add(product, FromSlice(x.Data()[:97*4000], 4000, 97), row)
		got = append(append(got, sum.Data()...), product.Data()...)
		s := [3]float64{Sum(x), Dot(x, y), SumSquares(y)}
		if want == nil {
			want, sums = got, s
		} else if !slices.Equal(got, want) || s != sums {
			t.Errorf("%d workers: results differ from those of one", workers)
		}
	}
}

func TestDropoutMask(t *testing.T) {
	const n = 100_001
	k := NewKey(5, "dropout")
	ones, y := Full[float32](1, n), New[float32](n)
	for _, p := range []float64{0, 0.1, 0.5, 0.9} {
		Dropout(y, ones, k, p, 0)
		kept := 0
		for i, v := range y.Data() {
			bits := k.Uint64(uint64(i) / 2)
			if i%2 == 1 {
				bits >>= 32
			}
			want := float32(0)
			if float64(uint32(bits)) >= math.Floor(p*(1<<32)) {
				want = float32(1 / (1 - p))
				kept++
			}
			if v != want {
				t.Fatalf("p %v: element %d is %v, want %v", p, i, v, want)
			}
		}
		if deviation := float64(kept) - n*(1-p); math.Abs(deviation) > 4*math.Sqrt(n*p*(1-p)) {
			t.Errorf("p %v: %d of %d kept", p, kept, n)
		}
	}
}

func TestAllFinite(t *testing.T) {
	x := New[float32](100_000)
	if !AllFinite(x) {
		t.Error("zeros are not finite")
	}
	x.Set(float32(math.NaN()), 99_999)
	if AllFinite(x) {
		t.Error("NaN at the end not found")
	}
}

// TestElementwiseAllocs: the functions that write into a destination allocate nothing.
func TestElementwiseAllocs(t *testing.T) {
	defer SetWorkers(Workers())
	SetWorkers(2)
	x, y, dst := Full[float32](1, 300, 1000), Full[float32](2, 300, 1000), New[float32](300, 1000)
	small, row, column := Full[float32](1, 8, 4), Full[float32](1, 1000), Full[float32](1, 300, 1)
	turned, dstTurned := x.Transpose(0, 1), New[float32](1000, 300)
	scalar := Scalar[float32](0)
	for name, f := range map[string]func(){
		"Tanh":       func() { Tanh(dst, x) },
		"small Tanh": func() { Tanh(small, small) },
		"turned":     func() { Exp(dstTurned, turned) },
		"MapGrad":    func() { MapGrad(OpTanh, dst, y, x, x, 0, 0, 1) },
		"Add":        func() { Add(dst, x, y) },
		"row":        func() { Add(dst, x, row) },
		"column":     func() { Mul(dst, x, column) },
		"MulAdd":     func() { MulAdd(dst, x, column) },
		"AddScaled":  func() { AddScaled(dst, x, 2) },
		"SumTo row":  func() { SumTo(row, x) },
		"SumTo one":  func() { SumTo(scalar, x) },
		"Where":      func() { Where(dst, x, row, column) },
		"Sum":        func() { Sum(x) },
		"Dropout":    func() { Dropout(dst, x, NewKey(1, "test"), 0.5, 0) },
		"Fill":       func() { Fill(dst, 1) },
	} {
		f()
		if n := allocs.PerStep(10, f); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestElementwiseShapeErrors(t *testing.T) {
	a, b := New[float32](2, 3), New[float32](4)
	for name, f := range map[string]func(){
		"Map": func() { Tanh(a, b) }, "Add": func() { Add(a, a, b) }, "MulAdd": func() { MulAdd(a, b, a) }, "SumTo": func() { SumTo(b, a) }, "Dot": func() { Dot(a, b) },
		"MapGrad": func() { MapGrad(OpTanh, a, b, a, a, 0, 0, 1) }, "PReLU": func() { PReLU(a, a, b) }, "GLU": func() { GLU(a, a, a, 1) }, "Where": func() { Where(a, b, a, a) },
		"AdamStep": func() { AdamStep(a, b, a, a, AdamCoeffs[float32]{}) }, "Dropout": func() { Dropout(a, a, Key{}, 1, 0) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				var shape *ShapeError
				if !errors.As(err, &shape) || shape.Op != name {
					t.Errorf("%s: panicked with %v, want a ShapeError in its name", name, err)
				}
			}()
			f()
		}()
	}
}
