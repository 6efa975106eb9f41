package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// slicedPattern returns slices of so many rows out of 3*rows+8, with 0 to 12 entries each, of which
// some stand in adjacent rows.
func slicedPattern(r *rand.Rand, rows, cols int) (ptr, row, col []int32) {
	ptr = []int32{0}
	for at := int32(0); len(row) < rows; at++ {
		if r.IntN(3) == 0 {
			at += int32(r.IntN(3))
		}
		row = append(row, at)
	}
	for first := rows &^ (SliceRows - 1); len(row)%SliceRows != 0; {
		row = append(row, row[first])
	}
	for range len(row) / SliceRows {
		for range SliceRows * r.IntN(13) {
			col = append(col, int32(r.IntN(cols)))
		}
		ptr = append(ptr, int32(len(col)/SliceRows))
	}
	return ptr, row, col
}

func TestSliced(t *testing.T) {
	t.Run("float32", testSliced[float32])
	t.Run("float64", testSliced[float64])
}

// testSliced compares the sets with the reference in float64, with operands that lie at several
// offsets between NaNs, and cut in two at every slice.
func testSliced[T Float](t *testing.T) {
	for _, name := range Names() {
		k := &Named[T](name).Recurrent
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for run := range 200 {
				offset, rows, cols := run%9, 1+run%61, 1+run%50
				ptr, row, col := slicedPattern(r, rows, cols)
				val := newBanded[T](r, offset, len(col))
				for i := rows; i < len(row); i++ {
					for j := len(col) - SliceRows + i%SliceRows; j >= SliceRows*int(ptr[len(ptr)-2]); j -= SliceRows {
						val.in[j] = 0
					}
				}
				x, y := newBanded[T](r, 8-offset, cols), newBanded[T](r, offset, int(slices.Max(row))+1)
				old := append([]T{}, y.in...)
				want := widen(y.in)
				slicedVecGo(want, ptr, row, col, widen(val.in), widen(x.in), 0)
				k.SlicedVec(y.in, ptr, row, col, val.in, x.in, 0)
				closeTo(t, fmt.Sprint("run ", run, " SlicedVec"), y.in, want)
				if !x.intact() || !y.intact() {
					t.Fatalf("run %d: written outside, or not a number inside", run)
				}
				for cut := range len(ptr) {
					z := append([]T{}, old...)
					k.SlicedVec(z, ptr[cut:], row[SliceRows*cut:], col[SliceRows*ptr[cut]:], val.in[SliceRows*ptr[cut]:], x.in, 512)
					k.SlicedVec(z, ptr[:cut+1], row, col, val.in, x.in, 1<<20)
					for i, v := range y.in {
						if z[i] != v {
							t.Fatalf("run %d: row %d is %v in two calls and %v in one", run, i, z[i], v)
						}
					}
				}
			}
		})
	}
}

func TestMatVec(t *testing.T) {
	t.Run("float32", testMatVec[float32])
	t.Run("float64", testMatVec[float64])
}

// testMatVec compares the sets with the reference in float64, and rows computed together with rows
// computed alone.
func testMatVec[T Float](t *testing.T) {
	for _, name := range Names() {
		k := &Named[T](name).Recurrent
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for run := range 10 * 68 {
				rows, cols, offset := run%10, run/10, run%9
				stride := cols + run%3
				a, x, y := newBanded[T](r, offset, rows*stride+cols), newBanded[T](r, 8-offset, cols), newBanded[T](r, offset, rows)
				old, want := append([]T{}, y.in...), widen(y.in)
				matVecGo(want, widen(a.in), stride, widen(x.in))
				k.MatVec(y.in, a.in, stride, x.in)
				closeTo(t, fmt.Sprint(rows, " rows of ", cols), y.in, want)
				for i, v := range y.in {
					if k.MatVec(old[i:i+1], a.in[i*stride:], stride, x.in); old[i] != v {
						t.Fatalf("%d rows of %d: row %d alone is %v, with others %v", rows, cols, i, old[i], v)
					}
				}
				if !y.intact() || !x.intact() || !a.intact() {
					t.Fatalf("%d rows of %d: written outside, or not a number inside", rows, cols)
				}
			}
		})
	}
}

func TestCSRLanes(t *testing.T) {
	t.Run("float32", testCSRLanes[float32])
	t.Run("float64", testCSRLanes[float64])
}

func testCSRLanes[T Float](t *testing.T) {
	for _, name := range Names() {
		k := &Named[T](name).Recurrent
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for run := range 100 {
				rows, cols, offset := run%20, 1+run%30, run%9
				ptr, col := randomPattern(r, rows, cols)
				val, x := newBanded[T](r, offset, len(col)), newBanded[T](r, 8-offset, cols*Lanes)
				y := newBanded[T](r, offset, rows*Lanes)
				want := make([]float64, len(y.in))
				csrLanesGo(want, ptr, col, widen(val.in), widen(x.in))
				k.CSRLanes(y.in, ptr, col, val.in, x.in)
				closeTo(t, fmt.Sprint("run ", run), y.in, want)
				if !x.intact() || !y.intact() {
					t.Fatalf("run %d: written outside, or not a number inside", run)
				}
			}
		})
	}
}

func TestLeak(t *testing.T) {
	t.Run("float32", testLeak[float32])
	t.Run("float64", testLeak[float64])
}

func testLeak[T Float](t *testing.T) {
	for _, name := range Names() {
		k := &Named[T](name).Recurrent
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for n := range 68 {
				offset := n % 9
				x, y, z, a := newBanded[T](r, offset, n), newBanded[T](r, 8-offset, n), newBanded[T](r, offset, n), newBanded[T](r, offset, n)
				wy, wz := widen(y.in), widen(z.in)
				leakGo(wy, widen(x.in), float64(T(0.3)))
				leakEachGo(wz, widen(x.in), widen(a.in))
				k.Leak(y.in, x.in, 0.3)
				k.LeakEach(z.in, x.in, a.in)
				closeTo(t, fmt.Sprint("Leak of ", n), y.in, wy)
				closeTo(t, fmt.Sprint("LeakEach of ", n), z.in, wz)
				if !x.intact() || !y.intact() || !z.intact() || !a.intact() {
					t.Fatalf("length %d: written outside, or not a number inside", n)
				}
			}
		})
	}
}

// BenchmarkRecurrent has rows of equal length: a reservoir of 300 neurons, 9 entries a row.
func BenchmarkRecurrent(b *testing.B) {
	b.Run("float32", benchmarkRecurrent[float32])
	b.Run("float64", benchmarkRecurrent[float64])
}

func benchmarkRecurrent[T Float](b *testing.B) {
	const n, degree = 304, 9
	r := rand.New(rand.NewPCG(1, 1))
	var ptr, row, col []int32
	for i := range n {
		if i%SliceRows == 0 {
			ptr = append(ptr, int32(i/SliceRows*degree))
		}
		row = append(row, int32(i))
	}
	ptr = append(ptr, n/SliceRows*degree)
	for range n * degree {
		col = append(col, int32(r.IntN(n)))
	}
	val, x, y := newBanded[T](r, 0, len(col)), newBanded[T](r, 0, n), newBanded[T](r, 0, n)
	for _, name := range Names() {
		k := Named[T](name)
		b.Run("vec/"+name, func(b *testing.B) {
			for b.Loop() {
				k.SlicedVec(y.in, ptr, row, col, val.in, x.in, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(col)), "ns/entry")
		})
		const rows = 1000
		square := newBanded[T](r, 0, rows*rows)
		u, z := newBanded[T](r, 0, rows), newBanded[T](r, 0, rows)
		b.Run("dense/"+name, func(b *testing.B) {
			for b.Loop() {
				k.MatVec(z.in, square.in, rows, u.in)
			}
			b.ReportMetric(float64(unsafe.Sizeof(u.in[0]))*rows*rows*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
		})
		b.Run("tanh/"+name, func(b *testing.B) {
			for b.Loop() {
				k.Map[Tanh](y.in, x.in, 0, 0)
			}
		})
		b.Run("leak/"+name, func(b *testing.B) {
			for b.Loop() {
				k.Leak(y.in, x.in, 0.3)
			}
		})
	}
}
