package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// randomCSR returns a matrix with about nnz entries in random places.
func randomCSR[T Float](r *rand.Rand, rows, cols, nnz int) *CSR[T] {
	ptr := make([]int32, rows+1)
	for range nnz {
		ptr[r.IntN(rows)+1]++
	}
	col, val := make([]int32, nnz), make([]T, nnz)
	for k := range nnz {
		col[k], val[k] = int32(r.IntN(cols)), T(r.NormFloat64())
	}
	for i := range rows {
		ptr[i+1] += ptr[i]
	}
	return NewCSR(rows, cols, ptr, col, val)
}

// TestSpMMIsMatMul compares with dense products, in both directions, narrow and wide.
func TestSpMMIsMatMul(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 20).Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "cols")
		width := rapid.OneOf(rapid.IntRange(0, 10), rapid.IntRange(100, 300)).Draw(t, "width")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		s := randomCSR[float64](r, rows, cols, rapid.IntRange(0, 60).Draw(t, "entries"))
		x, z := Uniform[float64](NewKey(1, "x"), -1, 1, cols, width), Uniform[float64](NewKey(1, "z"), -1, 1, rows, width)
		near := func(what string, got, want *Tensor[float64]) {
			for i, w := range want.Data() {
				if math.Abs(got.Data()[i]-w) > 1e-12*(1+math.Abs(w)) {
					t.Fatalf("%s: element %d is %v, want %v", what, i, got.Data()[i], w)
				}
			}
		}
		d := s.Dense()
		y := Full(math.NaN(), rows, width)
		SpMM(y, s, nil, x, 0)
		near("S x", y, d.MatMul(x))
		u := Full(1.0, cols, width)
		SpMMT(u, s, nil, z, 2)
		want := d.T().MatMul(z)
		for i := range want.Data() {
			want.Data()[i] += 2
		}
		near("transpose", u, want)

		// The gradient with respect to the values is the product of dy and x, sampled.
		g, all := make([]float64, s.NNZ()), z.MatMul(x.T())
		SpMMGradValues(g, s, z, x)
		for row := range rows {
			for k := s.RowPtr[row]; k < s.RowPtr[row+1]; k++ {
				if w := all.At(row, int(s.Col[k])); math.Abs(g[k]-w) > 1e-11 {
					t.Fatalf("value %d has gradient %v, want %v", k, g[k], w)
				}
			}
		}
		both, gBoth := Full(1.0, cols, width), make([]float64, s.NNZ())
		SpMMGrad(both, 2, gBoth, s, nil, z, x)
		near("both gradients: dx", both, u)
		for k := range g {
			if math.Abs(gBoth[k]-g[k]) > 1e-11 {
				t.Fatalf("both gradients: value %d has %v, want %v", k, gBoth[k], g[k])
			}
		}
		if width > 0 {
			v, out := x.Slice(1, 0, 1, 1).Clone().Flatten(), New[float64](rows)
			SpMV(out, s, v, 1, 0)
			near("S v", out, d.MatMul(v))
		}
	})
}

// TestSpMMWorkers wants the same bits from any number of workers.
func TestSpMMWorkers(t *testing.T) {
	s := randomCSR[float32](rand.New(rand.NewPCG(1, 1)), 279, 279, 2993)
	x := Uniform[float32](NewKey(1, "x"), -1, 1, 279, 1000)
	var want [3][]float32
	defer SetWorkers(Workers())
	for _, w := range []int{1, 2, 3, 8} {
		SetWorkers(w)
		y, u, g := New[float32](279, 1000), New[float32](279, 1000), make([]float32, s.NNZ())
		SpMM(y, s, nil, x, 0)
		SpMMT(u, s, nil, x, 0)
		SpMMGradValues(g, s, y, x)
		got := [3][]float32{y.Data(), u.Data(), g}
		if w == 1 {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%d workers: product %d differs", w, i)
			}
		}
	}
}

// TestSpMMFewColumns has so few columns, the last of them less than a tile, that goroutines share
// the rows of a panel, each with what is in its rows already.
func TestSpMMFewColumns(t *testing.T) {
	const rows, cols, width, beta = 40, 30, 37, 0.5
	s := randomCSR[float64](rand.New(rand.NewPCG(1, 1)), rows, cols, 1<<15)
	x, y := Uniform[float64](NewKey(1, "x"), -1, 1, cols, width), Uniform[float64](NewKey(1, "y"), -1, 1, rows, width)
	want := s.Dense().MatMul(x).Data()
	for i, v := range y.Data() {
		want[i] += beta * v
	}
	SpMM(y, s, nil, x, beta)
	for i, v := range y.Data() {
		if math.Abs(v-want[i]) > 1e-9 {
			t.Fatalf("row %d, column %d: %v, want %v", i/width, i%width, v, want[i])
		}
	}
}

func TestNewCSRRefuses(t *testing.T) {
	for name, f := range map[string]func(){
		"descending": func() { NewCSR(2, 2, []int32{0, 2, 1}, []int32{0}, []float32{1}) },
		"short":      func() { NewCSR(2, 2, []int32{0, 1}, []int32{0}, []float32{1}) },
		"column":     func() { NewCSR(1, 2, []int32{0, 1}, []int32{2}, []float32{1}) },
		"values":     func() { NewCSR(1, 2, []int32{0, 1}, []int32{1}, []float32{}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*ShapeError); !ok {
					t.Error("no ShapeError")
				}
			}()
			f()
		})
	}
}

// BenchmarkSpMM has the size of a round of the worm's network: 279 neurons, 2993 synapses, batch
// 128, 64 features.
func BenchmarkSpMM(b *testing.B) {
	s := randomCSR[float32](rand.New(rand.NewPCG(1, 1)), 279, 279, 2993)
	x := Uniform[float32](NewKey(1, "x"), -1, 1, 279, 128*64)
	y, g := New[float32](x.Shape()...), make([]float32, s.NNZ())
	for _, w := range []int{1, 2} {
		for name, f := range map[string]func(){
			"forward": func() { SpMM(y, s, nil, x, 0) }, "transposed": func() { SpMMT(y, s, nil, x, 0) }, "values": func() { SpMMGradValues(g, s, y, x) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, w), func(b *testing.B) {
				defer SetWorkers(Workers())
				SetWorkers(w)
				rate(b, 2*s.NNZ()*128*64, f)
			})
		}
	}
}

func ExampleSpMM() {
	// Neuron 0 excites neuron 1; neurons 0 and 1 excite neuron 2. Rows receive.
	s := NewCSR(3, 3, []int32{0, 0, 1, 3}, []int32{0, 0, 1}, []float64{1, 2, 0.5})
	x := FromSlice([]float64{1, 10, 2, 20, 3, 30}, 3, 2)
	y := New[float64](3, 2)
	SpMM(y, s, nil, x, 0)
	fmt.Println(y.Data())
	// Output: [0 0 1 10 3 30]
}
