package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachGemm runs a test under the micro-kernel of every set and element type.
func eachGemm(t *testing.T, f32 func(*testing.T, MicroKernel[float32]), f64 func(*testing.T, MicroKernel[float64])) {
	for _, name := range []string{"go", "avx2", "avx512"} {
		for _, typ := range []string{"f32", "f64"} {
			t.Run(name+"/"+typ, func(t *testing.T) {
				switch s, d := Named[float32](name), Named[float64](name); {
				case s == nil:
					t.Skip("this processor or build does not have the set")
				case typ == "f32":
					f32(t, s.Gemm)
				default:
					f64(t, d.Gemm)
				}
			})
		}
	}
}

func TestTile(t *testing.T) { eachGemm(t, testTile[float32], testTile[float64]) }

// guard fills what a kernel must not touch.
const guard = -12345

func guarded[T Float](n int) (all, inner []T) {
	const margin = 40
	all = make([]T, n+2*margin)
	for i := range all {
		all[i] = guard
	}
	return all, all[margin : margin+n]
}

func random[T Float](r *rand.Rand, x []T) {
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
}

func testTile[T Float](t *testing.T, k MicroKernel[T]) {
	r := rand.New(rand.NewPCG(1, 2))
	eps := 1e-5
	if _, ok := any(*new(T)).(float64); ok {
		eps = 1e-13
	}
	for m := 1; m <= k.MR; m++ {
		for n := 1; n <= k.NR; n++ {
			for _, kc := range []int{0, 1, 2, 3, 7, 8, 33} {
				for variant := range 6 {
					wide := (n + k.Lanes - 1) / k.Lanes * k.Lanes
					arow, acol, brow, crow := 1, m, wide, n
					if variant%2 == 1 { // A as it lies in a row-major matrix, wider rows of B and C
						arow, acol, brow, crow = kc+3, 1, wide+5, n+9
					}
					alpha, beta := T(1), []T{0, 1, -0.5}[variant/2]
					if variant >= 4 {
						alpha = 0.75
					}
					a := make([]T, (m-1)*arow+max(kc-1, 0)*acol+1)
					b := make([]T, max(kc-1, 0)*brow+wide)
					random(r, a)
					random(r, b)
					for p := range kc { // columns beyond n are read at most, never used
						for j := n; j < wide; j++ {
							b[p*brow+j] = T(math.NaN())
						}
					}
					all, c := guarded[T]((m-1)*crow + n)
					for i := range m {
						random(r, c[i*crow:i*crow+n])
						if beta == 0 {
							c[i*crow+n/2] = T(math.NaN())
						}
					}
					want := make([]float64, len(all))
					for i := range all {
						want[i] = float64(all[i])
					}
					off := (len(all) - len(c)) / 2
					for i := range m {
						for j := range n {
							sum := 0.0
							for p := range kc {
								sum += float64(a[i*arow+p*acol]) * float64(b[p*brow+j])
							}
							w := &want[off+i*crow+j]
							if beta == 0 {
								*w = float64(alpha) * sum
							} else {
								*w = float64(alpha)*sum + float64(beta)**w
							}
						}
					}
					k.Run(&Tile[T]{A: &a[0], B: &b[0], C: &c[0], M: m, N: n, K: kc, ARow: arow, ACol: acol, BRow: brow, CRow: crow, Alpha: alpha, Beta: beta})
					for i, w := range want {
						if d := math.Abs(float64(all[i]) - w); !(d <= eps*(1+math.Abs(w))*float64(1+kc)) {
							t.Fatalf("m %d n %d k %d variant %d: element %d = %v, want %v", m, n, kc, variant, i-off, all[i], w)
						}
					}
				}
			}
		}
	}
}

func TestTileSpecialValues(t *testing.T) {
	eachGemm(t, testTileSpecial[float32], testTileSpecial[float64])
}

// testTileSpecial puts one special value into A or B and expects it in its row or column and
// nowhere else.
func testTileSpecial[T Float](t *testing.T, k MicroKernel[T]) {
	const kc = 9
	m, n := k.MR, k.NR
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for p := range kc {
			for _, inA := range []bool{true, false} {
				a, b, c := make([]T, m*kc), make([]T, n*kc), make([]T, m*n)
				for i := range a {
					a[i] = 1
				}
				for i := range b {
					b[i] = 1
				}
				row, col := (p*5)%m, (p*7)%n
				if inA {
					a[p*m+row] = T(v)
				} else {
					b[p*n+col] = T(v)
				}
				k.Run(&Tile[T]{A: &a[0], B: &b[0], C: &c[0], M: m, N: n, K: kc, ARow: 1, ACol: m, BRow: n, CRow: n, Alpha: 1})
				for i := range m {
					for j := range n {
						want := float64(kc)
						if inA && i == row || !inA && j == col {
							want = v
						}
						if got := float64(c[i*n+j]); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
							t.Fatalf("value %v at %d: c[%d,%d] = %v, want %v", v, p, i, j, got, want)
						}
					}
				}
			}
		}
	}
}

// TestTilesAgree checks the promise that lets a matrix be cut anywhere: an element's bits do not
// depend on the tile that computed it.
func TestTilesAgree(t *testing.T) { eachGemm(t, testTilesAgree[float32], testTilesAgree[float64]) }

func testTilesAgree[T Float](t *testing.T, k MicroKernel[T]) {
	const kc = 37
	r := rand.New(rand.NewPCG(3, 4))
	a, b := make([]T, k.MR*kc), make([]T, kc*k.NR)
	random(r, a)
	random(r, b)
	whole := make([]T, k.MR*k.NR)
	run := func(c []T, m, n int) {
		k.Run(&Tile[T]{A: &a[0], B: &b[0], C: &c[0], M: m, N: n, K: kc, ARow: kc, ACol: 1, BRow: k.NR, CRow: k.NR, Alpha: 1})
	}
	run(whole, k.MR, k.NR)
	for m := 1; m <= k.MR; m++ {
		for n := 1; n <= k.NR; n++ {
			c := make([]T, k.MR*k.NR)
			run(c, m, n)
			for i := range m {
				for j := range n {
					if c[i*k.NR+j] != whole[i*k.NR+j] {
						t.Fatalf("element %d, %d differs between a tile of %d by %d and a whole one", i, j, m, n)
					}
				}
			}
		}
	}
}

// TestPanels: several tiles in one call have the bits of as many calls.
func TestPanels(t *testing.T) { eachGemm(t, testPanels[float32], testPanels[float64]) }

func testPanels[T Float](t *testing.T, k MicroKernel[T]) {
	const panels, kc = 3, 20
	r := rand.New(rand.NewPCG(9, 9))
	a, b, old := make([]T, k.MR*kc), make([]T, panels*(k.NR*kc+5)), make([]T, k.MR*panels*k.NR)
	random(r, a)
	random(r, b)
	random(r, old)
	for m := 1; m <= k.MR; m++ {
		for _, beta := range []T{0, 1} {
			one, all := append([]T{}, old...), append([]T{}, old...)
			tile := Tile[T]{A: &a[0], B: &b[0], C: &all[0], M: m, N: k.NR, K: kc, ARow: 1, ACol: m, BRow: k.NR, CRow: panels * k.NR, Alpha: 1, Beta: beta,
				Panels: panels, BPanel: k.NR*kc + 5, Prefetch: &a[0], PrefetchStep: 1, PrefetchTile: 2}
			k.Run(&tile)
			for i := range panels {
				tile.Panels, tile.Prefetch = 1, nil
				tile.B, tile.C = &b[i*tile.BPanel], &one[i*k.NR]
				k.Run(&tile)
			}
			if !slices.Equal(one, all) {
				t.Fatalf("%d rows, beta %v: several tiles at once give other results", m, beta)
			}
		}
	}
}

func TestPackingLoops(t *testing.T) { eachGemm(t, testPacking[float32], testPacking[float64]) }

func testPacking[T Float](t *testing.T, k MicroKernel[T]) {
	r := rand.New(rand.NewPCG(5, 6))
	for width := 1; width <= k.NR; width++ {
		for _, rows := range []int{0, 1, 3, 4, 7, 8, 9, 16, 31} {
			for _, pad := range []int{0, 3} {
				for _, panels := range []int{1, 3} {
					ld := width + pad
					panel, stride := rows*ld+pad, width*panels+pad
					src := make([]T, (rows+1)*stride)
					random(r, src)
					all, dst := guarded[T](panels*panel + 1)
					k.CopyPanels(dst, panel, ld, src, stride, width, panels, rows)
					expect(t, "CopyPanels", all, dst, func(i int) (T, bool) {
						q, p, j := i/max(panel, 1), i%max(panel, 1)/ld, i%max(panel, 1)%ld
						if q >= panels || p >= rows || j >= width {
							return 0, false
						}
						return src[p*stride+q*width+j], true
					})
				}
				ld, stride := width+pad, rows+2*pad
				src := make([]T, width*stride+1)
				random(r, src)
				all, dst := guarded[T](rows*ld + 1)
				k.Interleave(dst, ld, src, stride, width, rows)
				expect(t, "Interleave", all, dst, func(i int) (T, bool) {
					if p, j := i/ld, i%ld; p < rows && j < width {
						return src[j*stride+p], true
					}
					return 0, false
				})
			}
		}
	}
}

// expect compares the elements of inner with at(i), where that is known, and all others with the
// guard value.
func expect[T Float](t *testing.T, what string, all, inner []T, at func(i int) (T, bool)) {
	t.Helper()
	off := (len(all) - len(inner)) / 2
	for i, got := range all {
		want := T(guard)
		if i >= off && i < off+len(inner) {
			if v, known := at(i - off); known {
				want = v
			}
		}
		if got != want {
			t.Fatalf("%s: element %d = %v, want %v", what, i-off, got, want)
		}
	}
}

// TestDot4x4 compares with Dot4, bit by bit.
func TestDot4x4(t *testing.T) { eachGemm(t, testDot4x4[float32], testDot4x4[float64]) }

func testDot4x4[T Float](t *testing.T, k MicroKernel[T]) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := 1; n < 68; n++ {
		for _, pad := range []int{0, 1, 5} {
			stride, xStride := n+pad, n+pad/2
			a, x := make([]T, 3*stride+n), make([]T, 3*xStride+n)
			random(r, a)
			random(r, x)
			var got [16]T
			got[3] = T(math.NaN())
			k.Dot4x4(&got, a, stride, x, xStride, n)
			for s := range 4 {
				var want [4]T
				k.Dot4(&want, a, stride, x[s*xStride:][:n])
				if *(*[4]T)(got[4*s:]) != want {
					t.Fatalf("n = %d, x %d: %v, want %v", n, s, got[4*s:4*s+4], want)
				}
			}
		}
	}
}

func TestDot4(t *testing.T) { eachGemm(t, testDot4[float32], testDot4[float64]) }

func testDot4[T Float](t *testing.T, k MicroKernel[T]) {
	r := rand.New(rand.NewPCG(7, 8))
	for n := 1; n < 70; n++ {
		for _, stride := range []int{0, n, n + 3} {
			x, a := make([]T, n), make([]T, 3*stride+n)
			random(r, x)
			random(r, a)
			var dst [4]T
			k.Dot4(&dst, a, stride, x)
			for row, got := range dst {
				want, size := 0.0, 0.0
				for p := range x {
					v := float64(x[p]) * float64(a[row*stride+p])
					want, size = want+v, size+math.Abs(v)
				}
				if !(math.Abs(float64(got)-want) <= 1e-6*size) {
					t.Fatalf("n %d stride %d row %d: %v, want %v", n, stride, row, got, want)
				}
			}
			if stride == 0 && dst != [4]T{dst[0], dst[0], dst[0], dst[0]} {
				t.Fatalf("n %d: equal rows give %v", n, dst)
			}
			a[n-1] = T(math.NaN())
			if k.Dot4(&dst, a, stride, x); !math.IsNaN(float64(dst[0])) {
				t.Fatalf("n %d: a NaN is lost", n)
			}
		}
	}
}

func TestAddRows8(t *testing.T) { eachGemm(t, testAddRows8[float32], testAddRows8[float64]) }

func testAddRows8[T Float](t *testing.T, k MicroKernel[T]) {
	r := rand.New(rand.NewPCG(9, 10))
	for n := range 70 {
		for _, pad := range []int{0, 3} {
			stride := n + pad
			b := make([]T, 7*stride+n)
			random(r, b)
			var w [8]T
			random(r, w[:])
			all, c := guarded[T](n)
			random(r, c)
			want := make([]float64, n)
			for j := range want {
				want[j] = float64(c[j])
				for i, x := range w {
					want[j] += float64(x) * float64(b[i*stride+j])
				}
			}
			k.AddRows8(c, &w, b, stride)
			for i, got := range all {
				v := float64(guard)
				if j := i - (len(all)-n)/2; j >= 0 && j < n {
					v = want[j]
				}
				if !(math.Abs(float64(got)-v) <= 1e-5*(1+math.Abs(v))) {
					t.Fatalf("n %d pad %d: element %d = %v, want %v", n, pad, i, got, v)
				}
			}
		}
	}
}

func TestPeakGFLOPS(t *testing.T) {
	if PeakGFLOPS[float32]("no such set") != 0 {
		t.Error("an unknown set has a peak")
	}
	for _, name := range Names() {
		f32, f64 := PeakGFLOPS[float32](name), PeakGFLOPS[float64](name)
		t.Logf("%s: %.1f GFLOP/s in float32, %.1f in float64", name, f32, f64)
		if f32 <= 0 || f64 <= 0 {
			t.Errorf("%s: no peak", name)
		}
	}
}

func BenchmarkTile(b *testing.B) {
	for _, name := range Names() {
		b.Run(name+"/f32", func(b *testing.B) { benchTile(b, Named[float32](name).Gemm) })
		b.Run(name+"/f64", func(b *testing.B) { benchTile(b, Named[float64](name).Gemm) })
	}
}

func benchTile[T Float](b *testing.B, k MicroKernel[T]) {
	for _, size := range [][3]int{{k.MR, k.NR, k.KC}, {k.MR - 1, k.NR, k.KC}, {k.MR, k.Lanes, k.KC}, {k.MR, k.NR, 64}} {
		m, n, kc := size[0], size[1], size[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, kc), func(b *testing.B) {
			a, bb, c := make([]T, m*kc), make([]T, n*kc), make([]T, m*n)
			t := &Tile[T]{A: &a[0], B: &bb[0], C: &c[0], M: m, N: n, K: kc, ARow: 1, ACol: m, BRow: n, CRow: n, Alpha: 1, Beta: 1}
			for b.Loop() {
				k.Run(t)
			}
			b.ReportMetric(float64(2*m*n*kc)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
