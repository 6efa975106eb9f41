package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// banded is a slice inside a larger one; intact reports whether what surrounds it is unchanged.
type banded[T Float] struct{ all, in []T }

const bandWidth = 16

// newBanded returns n random elements that begin offset elements into an array, between NaNs.
func newBanded[T Float](r *rand.Rand, offset, n int) banded[T] {
	g := banded[T]{all: make([]T, bandWidth+offset+n+bandWidth)}
	for i := range g.all {
		g.all[i] = T(math.NaN())
	}
	g.in = g.all[bandWidth+offset:][:n:n]
	for i := range g.in {
		g.in[i] = T(r.Float64()*4 - 2)
	}
	return g
}

func (g banded[T]) intact() bool {
	nan := 0
	for _, v := range g.all {
		if v != v {
			nan++
		}
	}
	return nan == len(g.all)-len(g.in)
}

// rowCase calls one kernel on slices of one length and two further numbers, and returns its
// results.
type rowCase[T Float] struct {
	name string
	run  func(k *Rows[T], v [6][]T, a, b, c T) (x, y T)
}

func rowCases[T Float]() []rowCase[T] {
	return []rowCase[T]{
		{"RowMax", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.RowMax(v[0]), 0 }},
		{"ExpSum", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.ExpSum(v[0], v[1], a), 0 }},
		{"ExpSum in place", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.ExpSum(v[0], v[0], a), 0 }},
		{"RowSum", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.RowSum(v[0]), 0 }},
		{"RowScale", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { k.RowScale(v[0], v[1], a); return 0, 0 }},
		{"RowScale in place", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { k.RowScale(v[0], v[0], a); return 0, 0 }},
		{"SoftmaxGrad", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { k.SoftmaxGrad(v[0], v[1], v[2], a); return 0, 0 }},
		{"RowDot", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.RowDot(v[0], v[1]), 0 }},
		{"SumSquaresAbout", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.SumSquaresAbout(v[0], a), 0 }},
		{"Normalize", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { k.Normalize(v[0], v[1], a, b, c); return 0, 0 }},
		{"Normalize in place", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { k.Normalize(v[0], v[0], a, b, c); return 0, 0 }},
		{"NormalizeAffine", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) {
			k.NormalizeAffine(v[0], v[1], v[2], v[3], a, b)
			return 0, 0
		}},
		{"NormDots", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.NormDots(v[0], v[1], a) }},
		{"NormDotsAffine", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { return k.NormDotsAffine(v[0], v[1], v[2], a) }},
		{"NormGrad", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) { k.NormGrad(v[0], v[1], v[2], a, b, c, 0.5); return 0, 0 }},
		{"NormGradAffine", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) {
			k.NormGradAffine(v[0], v[1], v[2], v[3], a, b, c, 0.5)
			return 0, 0
		}},
		{"NormGradParams", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) {
			// Rows overlap: the stride is smaller than the number of columns.
			rows := min(3, len(v[0])/3+1)
			stride := 1
			cols := max(0, len(v[0])-(rows-1)*stride)
			k.NormGradParams(v[0][:cols], v[1][:cols], v[2], v[3], []T{a, b, c}[:rows], []T{c, a, b}[:rows], stride)
			return 0, 0
		}},
		{"AddRows", func(k *Rows[T], v [6][]T, a, b, c T) (T, T) {
			rows := min(3, len(v[0])/3+1)
			k.AddRows(v[0][:max(0, len(v[0])-2*(rows-1))], v[1], rows, 2)
			return 0, 0
		}},
	}
}

func TestRows(t *testing.T) {
	t.Run("float32", testRows[float32])
	t.Run("float64", testRows[float64])
}

// testRows compares every set with the reference in float64, for lengths 0 to 67 at several
// offsets.
func testRows[T Float](t *testing.T) {
	tol := 4e-6
	if _, ok := any(*new(T)).(float64); ok {
		tol = 1e-13
	}
	want64 := goRows[float64]()
	exact := rowCases[float64]()
	for _, name := range Names() {
		k := &Named[T](name).Rows
		for i, c := range rowCases[T]() {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				for n := range 68 {
					for offset := range 9 {
						var g [6]banded[T]
						var v [6][]T
						var w [6][]float64
						for j := range g {
							g[j] = newBanded[T](r, (offset+j*3)%9, n)
							v[j] = g[j].in
							for _, x := range g[j].in {
								w[j] = append(w[j], float64(x))
							}
						}
						a, b, d := T(r.Float64()), T(r.Float64()), T(r.Float64())
						x, y := c.run(k, v, a, b, d)
						wx, wy := exact[i].run(&want64, w, float64(a), float64(b), float64(d))
						check := func(what string, got T, want float64) {
							if diff := math.Abs(float64(got) - want); !(diff <= tol*(1+math.Abs(want))) && float64(got) != want {
								t.Fatalf("n %d, offset %d: %s = %v, want %v", n, offset, what, got, want)
							}
						}
						check("result", x, wx)
						check("second result", y, wy)
						for j := range g {
							if !g[j].intact() {
								t.Fatalf("n %d, offset %d: operand %d: written outside, or not a number inside", n, offset, j)
							}
							for e := range v[j] {
								check(fmt.Sprintf("operand %d [%d]", j, e), v[j][e], w[j][e])
							}
						}
					}
				}
			})
		}
	}
}

// TestExpSumRange checks the accuracy over the whole range, and the special values.
func TestExpSumRange(t *testing.T) {
	for _, name := range Names() {
		k := &Named[float32](name).Rows
		worst := 0.0
		x, y := make([]float32, 1024), make([]float32, 1024)
		for lo := -88.0; lo < 89; lo += 0.5 {
			for i := range x {
				x[i] = float32(lo + float64(i)/2048)
			}
			k.ExpSum(y, x, 0)
			for i, v := range x {
				want := math.Exp(float64(v))
				if want < 0x1p-126*1.000001 || want > math.MaxFloat32 {
					continue
				}
				worst = max(worst, math.Abs(float64(y[i])-want)/float64(math.Nextafter32(float32(want), math.MaxFloat32)-float32(want)))
			}
		}
		if worst > 2 {
			t.Errorf("%s: %.2f ulp from exp", name, worst)
		}
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		in := []float32{-inf, inf, nan, 0, -1e30, 1e30, -87.5, -104, 88.8, 88.7}
		want := []float32{0, inf, nan, 1, 0, inf, 0, 0, inf, float32(math.Exp(float64(float32(88.7))))}
		for pad := range 40 { // every lane of a vector and of the tail
			row := append(make([]float32, pad), in...)
			out := make([]float32, len(row))
			k.ExpSum(out, row, 0)
			for i, w := range want {
				g := out[pad+i]
				if w != w && g == g || w == w && !(math.Abs(float64(g-w)) <= 1e-6*float64(w)) && g != w {
					t.Fatalf("%s: exp(%v) = %v, want %v", name, in[i], g, w)
				}
			}
		}
	}
}

// TestRowMaxNaN checks that NaNs are left out wherever they stand.
func TestRowMaxNaN(t *testing.T) {
	for _, name := range Names() {
		k := &Named[float32](name).Rows
		for n := range 70 {
			for at := range n {
				x := slices.Repeat([]float32{-3}, n)
				x[at] = float32(math.NaN())
				want := float32(-3)
				if n == 1 {
					want = float32(math.Inf(-1))
				}
				if got := k.RowMax(x); got != want {
					t.Fatalf("%s: maximum %v of %v", name, got, x)
				}
			}
		}
	}
}

func BenchmarkRows(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, name := range Names() {
		for _, c := range rowCases[float32]() {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				var v [6][]float32
				for j := range v {
					v[j] = newBanded[float32](r, 0, 1024).in
				}
				for b.Loop() {
					c.run(&Named[float32](name).Rows, v, 1.5, 1e-3, 1e-3)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/elem")
			})
		}
	}
}
