package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestColumns(t *testing.T) {
	t.Run("float32", testColumns[float32])
	t.Run("float64", testColumns[float64])
}

// testColumns compares every set with the reference in float64, on blocks of 0 to 67 columns inside
// larger arrays.
func testColumns[T Float](t *testing.T) {
	tol := 1e-6
	if _, ok := any(*new(T)).(float64); ok {
		tol = 1e-14
	}
	exact := goColumns[float64]()
	for _, name := range Names() {
		k := &Named[T](name).Columns
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for cols := range 68 {
				for _, rows := range []int{0, 1, 3, 4, 9} {
					stride := cols + r.IntN(4)
					size := 0
					if rows > 0 {
						size = (rows-1)*stride + cols
					}
					x, y := newBanded[T](r, r.IntN(9), size), newBanded[T](r, r.IntN(9), size)
					c, s := newBanded[T](r, r.IntN(9), cols), newBanded[T](r, r.IntN(9), cols)
					x64, y64, c64, s64 := widened(x.in), widened(y.in), widened(c.in), widened(s.in)
					check := func(what string, got []T, want []float64) {
						t.Helper()
						for i, g := range got {
							if w := want[i]; !(math.Abs(float64(g)-w) <= tol*(1+math.Abs(w))) {
								t.Fatalf("%s of %d rows of %d columns, stride %d: element %d is %v, want %v", what, rows, cols, stride, i, g, w)
							}
						}
					}
					k.MaxColumns(s.in, x.in, rows, stride)
					exact.MaxColumns(s64, x64, rows, stride)
					check("MaxColumns", s.in, s64)
					if got, want := k.SoftmaxGradColumns(x.in, y.in, c.in, rows, stride), exact.SoftmaxGradColumns(x64, y64, c64, rows, stride); got != want {
						t.Fatalf("SoftmaxGradColumns of %d rows of %d columns reports %v, want %v", rows, cols, got, want)
					}
					check("SoftmaxGradColumns", x.in, x64)
					k.ExpColumns(y.in, c.in, s.in, rows, stride)
					exact.ExpColumns(y64, c64, s64, rows, stride)
					check("ExpColumns", y.in, y64)
					check("sums of ExpColumns", s.in, s64)
					for _, b := range []banded[T]{x, y, c, s} {
						if !b.intact() {
							t.Fatalf("%d rows of %d columns, stride %d: written outside, or not a number inside", rows, cols, stride)
						}
					}
				}
			}
		})
	}
}

func widened[T Float](x []T) []float64 {
	w := make([]float64, len(x))
	for i, v := range x {
		w[i] = float64(v)
	}
	return w
}

// TestColumnsSpecial checks what becomes of values that are not finite or not normal, in every lane
// and in the tail.
func TestColumnsSpecial(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	same := func(a, b float32) bool { return a == b || a != a && b != b }
	for _, name := range Names() {
		k := &Named[float32](name).Columns
		for cols := 1; cols < 40; cols++ {
			for at := range cols {
				for rows := 1; rows < 8; rows++ {
					for row := range rows {
						for _, v := range []float32{nan, inf, -inf} {
							x, m := make([]float32, rows*cols), make([]float32, cols)
							x[row*cols+at] = v
							k.MaxColumns(m, x, rows, cols)
							for j, g := range m {
								want := float32(0)
								if j == at && v != -inf {
									want = v
								}
								if !same(g, want) {
									t.Fatalf("%s: largest of column %d of %d with %v in row %d of %d and column %d is %v", name, j, cols, v, row, rows, at, g)
								}
							}
						}
					}
				}
				m := make([]float32, cols)
				m[at] = nan
				if k.MaxColumns(m, make([]float32, 5*cols), 5, cols); m[at] == m[at] {
					t.Fatalf("%s: a maximum that is not a number became %v", name, m[at])
				}
				for _, c := range []struct{ x, want float32 }{{0, 1}, {-87.4, 0}, {-300, 0}, {-inf, 0}, {nan, nan}, {inf, inf}, {-1e30, 0}} {
					x, shift, sum := make([]float32, cols), make([]float32, cols), make([]float32, cols)
					x[at] = c.x
					k.ExpColumns(x, shift, sum, 1, cols)
					if !same(x[at], c.want) || !same(sum[at], c.want) {
						t.Fatalf("%s: exp(%v) = %v, sum %v, want %v", name, c.x, x[at], sum[at], c.want)
					}
				}
				for _, c := range []struct {
					y, dx, want float32
					some        bool
				}{{1, 3, 0, false}, {0x1p-100, 3 + 0x1p-20, 0x1p-120, true}, {0x1p-110, 3 + 0x1p-20, 0, false}, {-0x1p-110, 3 + 0x1p-20, 0, false}, {0, 7, 0, false}, {nan, 3, nan, true}, {1, -inf, -inf, true}} {
					dx, y, shift := make([]float32, cols), make([]float32, cols), make([]float32, cols)
					dx[at], y[at], shift[at] = c.dx, c.y, 3
					some := k.SoftmaxGradColumns(dx, y, shift, 1, cols)
					if !same(dx[at], c.want) || some != c.some || math.Signbit(float64(dx[at])) && c.want == 0 {
						t.Fatalf("%s: %v*(%v-3) = %v, %v; want %v, %v", name, c.y, c.dx, dx[at], some, c.want, c.some)
					}
				}
			}
		}
	}
}

func BenchmarkColumns(b *testing.B) {
	const rows, cols = 86, 96
	r := rand.New(rand.NewPCG(1, 1))
	for _, name := range Names() {
		k := &Named[float32](name).Columns
		x, y := newBanded[float32](r, 0, rows*cols).in, newBanded[float32](r, 0, rows*cols).in
		c, s := newBanded[float32](r, 0, cols).in, newBanded[float32](r, 0, cols).in
		each := func(what string, f func()) {
			b.Run(what+"/"+name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(rows*cols), "ns/elem")
			})
		}
		each("Max", func() { k.MaxColumns(s, x, rows, cols) })
		each("Exp", func() { k.ExpColumns(x, c, s, rows, cols) })
		each("SoftmaxGrad", func() { k.SoftmaxGradColumns(y, x, c, rows, cols) })
	}
}
