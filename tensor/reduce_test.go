package tensor

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/internal/allocs"
)

// naiveReduce reduces element by element in float64, with dims kept.
func naiveReduce(x *Tensor[float32], axes []int, f func(line []float64) float64) *Tensor[float64] {
	shape := slices.Clone(x.Shape())
	for i := range shape {
		if slices.Contains(axes, i) || len(axes) == 0 {
			shape[i] = 1
		}
	}
	r := New[float64](shape...)
	lines := make([][]float64, r.Len())
	eachIndex(x.Shape(), func(index []int) {
		k := make([]int, len(index))
		for i := range k {
			k[i] = min(index[i], shape[i]-1)
		}
		o := r.offset("", k)
		lines[o] = append(lines[o], float64(x.At(index...)))
	})
	for i, l := range lines {
		r.data[i] = f(l)
	}
	return r
}

func sumOf(l []float64) (s float64) {
	for _, v := range l {
		s += v
	}
	return s
}

func varianceOf(l []float64) (s float64) {
	m := sumOf(l) / float64(len(l))
	for _, v := range l {
		s += (v - m) * (v - m)
	}
	return s / float64(len(l)-1)
}

var reductions = []struct {
	name  string
	into  func(dst, x *Tensor[float32], axes ...int)
	naive func(l []float64) float64
}{
	{"ReduceSum", ReduceSum[float32], sumOf},
	{"ReduceMean", ReduceMean[float32], func(l []float64) float64 { return sumOf(l) / float64(len(l)) }},
	{"ReduceMax", ReduceMax[float32], func(l []float64) float64 { return slices.Max(l) }},
	{"ReduceMin", ReduceMin[float32], func(l []float64) float64 { return slices.Min(l) }},
	{"ReduceNorm", ReduceNorm[float32], func(l []float64) (s float64) {
		for _, v := range l {
			s += v * v
		}
		return math.Sqrt(s)
	}},
	{"ReduceVariance", func(dst, x *Tensor[float32], axes ...int) { ReduceVariance(dst, x, 1, axes...) }, varianceOf},
}

func checkReduction(t interface{ Fatalf(string, ...any) }, x *Tensor[float32], axes []int) {
	for _, r := range reductions {
		want := naiveReduce(x, axes, r.naive)
		got := Full(float32(math.NaN()), want.Shape()...)
		r.into(got, x, axes...)
		for i, w := range want.data {
			if g := float64(got.data[i]); !(math.Abs(g-w) <= 2e-5*max(1, math.Abs(w))) && !(math.IsNaN(g) && math.IsNaN(w)) {
				t.Fatalf("%s of %v over %v: result %d is %v, want %v", r.name, x.Shape(), axes, i, g, w)
			}
		}
	}
}

func TestReduceProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawView(t, "x")
		if x.Len() == 0 {
			return
		}
		x = x.Clone().Reshape(x.Shape()...)
		FillUniform(x, NewKey(3, "test"), -1, 1)
		v := x.Permute(rapid.Permutation(count(x.Dims())).Draw(t, "order")...)
		axes := rapid.SliceOfDistinct(rapid.IntRange(0, max(0, x.Dims()-1)), rapid.ID[int]).Draw(t, "axes")
		if x.Dims() == 0 {
			axes = nil
		}
		checkReduction(t, v, axes)
	})
}

// TestReduceLarge covers reductions in pieces: bit-identical for every number of workers, right for
// every kernel set.
func TestReduceLarge(t *testing.T) {
	defer SetWorkers(Workers())
	active, sets := Kernels()
	defer UseKernels(active)
	for _, c := range []struct{ shape, axes []int }{
		{[]int{200000}, nil},
		{[]int{3, 70000}, []int{1}},
		{[]int{70000, 3}, []int{0}},
		{[]int{3000, 40}, []int{0}},
		{[]int{40, 3000}, []int{0}},
		{[]int{5, 300, 100}, []int{1}},
		{[]int{12, 5, 30, 40}, []int{0, 2, 3}},
		{[]int{30, 9, 20, 16}, []int{0, 2}},
	} {
		x := Uniform[float32](NewKey(7, "test"), -1, 1, c.shape...)
		for _, set := range sets {
			if err := UseKernels(set); err != nil {
				t.Fatal(err)
			}
			SetWorkers(1)
			checkReduction(t, x, c.axes)
			for _, r := range reductions {
				shape := naiveReduce(x, c.axes, sumOf).Shape()
				first := New[float32](shape...)
				r.into(first, x, c.axes...)
				for _, w := range []int{2, 3, 8} {
					SetWorkers(w)
					again := New[float32](shape...)
					r.into(again, x, c.axes...)
					if !equal(first, again) {
						t.Errorf("%s of %v over %v: %d workers give another result (%s)", r.name, c.shape, c.axes, w, set)
					}
				}
				SetWorkers(1)
			}
		}
	}
}

// TestSumToAdds: the sums are added to what is there.
func TestSumToAdds(t *testing.T) {
	for _, c := range []struct{ shape, kept []int }{{[]int{7, 5}, []int{1, 5}}, {[]int{7, 5}, []int{7, 1}}, {[]int{3000, 5}, []int{1, 5}}, {[]int{90000}, []int{1}}, {[]int{0, 3}, []int{1, 3}}} {
		x := Uniform[float64](NewKey(1, "test"), 0, 1, c.shape...)
		a, b := New[float64](c.kept...), Full(2.0, c.kept...)
		SumTo(a, x)
		SumTo(b, x)
		for i := range a.data {
			if math.Abs(b.data[i]-a.data[i]-2) > 1e-9 {
				t.Errorf("%v: %v, want %v more", c.shape, b.data[i], a.data[i])
			}
		}
	}
}

// TestReduceSpecialValues: NaN and infinities, nothing to reduce, ties.
func TestReduceSpecialValues(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := FromSlice([]float64{1, nan, 3, -inf, 5, 5}, 3, 2)
	y := New[float64](3)
	ReduceMax(y, x, 1)
	if !math.IsNaN(y.data[0]) || y.data[1] != 3 || y.data[2] != 5 {
		t.Errorf("Amax: %v", y.data)
	}
	ReduceMin(y, x, 1)
	if !math.IsNaN(y.data[0]) || y.data[1] != -inf || y.data[2] != 5 {
		t.Errorf("Amin: %v", y.data)
	}
	c := New[float64](2)
	ReduceMax(c, x, 0)
	if c.data[0] != 5 || !math.IsNaN(c.data[1]) {
		t.Errorf("Amax over rows: %v", c.data)
	}
	index := make([]int, 3)
	Argmax(index, x, 1)
	if !slices.Equal(index, []int{1, 0, 0}) {
		t.Errorf("Argmax: %v", index)
	}
	Argmin(index, x, -1)
	if !slices.Equal(index, []int{1, 1, 0}) {
		t.Errorf("Argmin: %v", index)
	}
	empty := New[float64](2, 0)
	z := Full(7.0, 2)
	ReduceSum(z, empty, 1)
	if z.data[0] != 0 {
		t.Errorf("sum of nothing: %v", z.data)
	}
	ReduceMean(z, empty, 1)
	if !math.IsNaN(z.data[1]) {
		t.Errorf("mean of nothing: %v", z.data)
	}
	if err := shapePanic(func() { ReduceMax(z, empty, 1) }); err == nil || err.Op != "ReduceMax" {
		t.Errorf("maximum of nothing: %v", err)
	}
	if err := shapePanic(func() { ReduceSum(z, x, 1) }); err == nil || err.Error() != "tensor: ReduceSum: shapes [2], [3 2]: the destination does not have the reduced shape" {
		t.Errorf("wrong destination: %v", err)
	}
	if err := shapePanic(func() { ReduceSum(z, x, 0, -2) }); err == nil {
		t.Error("the same axis twice is accepted")
	}
}

// shapePanic returns the ShapeError with which f panics, or nil.
func shapePanic(f func()) (err *ShapeError) {
	defer func() {
		if r := recover(); r != nil && !errors.As(r.(error), &err) {
			panic(r)
		}
	}()
	f()
	return nil
}

// TestReduceAccuracy: float32 sums of many numbers keep nearly all digits.
func TestReduceAccuracy(t *testing.T) {
	const n = 1 << 20
	x := Full(float32(0.1), n)
	s := Scalar(float32(0))
	ReduceSum(s, x)
	if want := float64(float32(0.1)) * n; math.Abs(float64(s.Item())-want) > 1e-6*want {
		t.Errorf("row: %v, want %v", s.Item(), want)
	}
	c := New[float32](4)
	ReduceSum(c, x.Reshape(n/4, 4), 0)
	if want := float64(float32(0.1)) * n / 4; math.Abs(float64(c.data[2])-want) > 5e-6*want {
		t.Errorf("columns: %v, want %v", c.data[2], want)
	}
	big := Uniform[float32](NewKey(1, "test"), 0, 1, 1000)
	for i := range big.data {
		big.data[i] += 1e4
	}
	v := Scalar(float32(0))
	ReduceVariance(v, big, 0)
	if math.Abs(float64(v.Item())-1./12) > 2e-3 {
		t.Errorf("variance about a large mean: %v", v.Item())
	}
}

func TestReduceAllocatesNothing(t *testing.T) {
	defer SetWorkers(Workers())
	SetWorkers(2)
	x := New[float32](700, 300)
	rows, cols, all := New[float32](700), New[float32](300), New[float32]()
	index := make([]int, 700)
	f := func() {
		ReduceSum(rows, x, 1)
		ReduceMean(cols, x, 0)
		ReduceSum(all, x)
		ReduceMax(rows, x, -1)
		ReduceVariance(cols, x, 0, 0)
		Argmax(index, x, 1)
		CumSum(x, x, 1)
	}
	f()
	if n := allocs.PerStep(10, f); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestScans(t *testing.T) {
	x := Arange(1.0, 6).Reshape(2, 3)
	y := New[float64](2, 3)
	for _, c := range []struct {
		name string
		f    func()
		want []float64
	}{
		{"CumSum 1", func() { CumSum(y, x, 1) }, []float64{1, 3, 6, 4, 9, 15}},
		{"CumSum 0", func() { CumSum(y, x, 0) }, []float64{1, 2, 3, 5, 7, 9}},
		{"CumSumReverse", func() { CumSumReverse(y, x, -1) }, []float64{6, 5, 3, 15, 11, 6}},
		{"CumProd", func() { CumProd(y, x, 1) }, []float64{1, 2, 6, 4, 20, 120}},
	} {
		c.f()
		if !slices.Equal(y.data, c.want) {
			t.Errorf("%s: %v, want %v", c.name, y.data, c.want)
		}
	}
	p := New[float64](3)
	Prod(p, x, 0)
	if !slices.Equal(p.data, []float64{4, 10, 18}) {
		t.Errorf("Prod: %v", p.data)
	}
}

func BenchmarkReduce(b *testing.B) {
	for _, c := range []struct{ shape, axes []int }{
		{[]int{1 << 20}, nil}, {[]int{1024, 1024}, []int{1}}, {[]int{1024, 1024}, []int{0}}, {[]int{100000, 10}, []int{0}},
		{[]int{128, 16, 28, 28}, []int{0, 2, 3}}, {[]int{128, 279, 64}, []int{1}}, {[]int{100000, 10}, []int{1}},
	} {
		x := Uniform[float32](NewKey(1, "test"), -1, 1, c.shape...)
		for _, r := range reductions {
			if r.name == "ReduceMean" || r.name == "ReduceMin" || r.name == "ReduceNorm" {
				continue
			}
			b.Run(fmt.Sprint(r.name, c.shape, c.axes), func(b *testing.B) {
				dst := New[float32](naiveReduce(x, c.axes, sumOf).Shape()...)
				b.SetBytes(int64(4 * x.Len()))
				for b.Loop() {
					r.into(dst, x, c.axes...)
				}
			})
		}
	}
}
