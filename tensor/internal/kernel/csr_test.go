package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// randomPattern returns a random sparse pattern with rows of 0 to 12 entries.
func randomPattern(r *rand.Rand, rows, cols int) (ptr, col []int32) {
	ptr = []int32{0}
	for range rows {
		for range r.IntN(13) {
			col = append(col, int32(r.IntN(cols)))
		}
		ptr = append(ptr, int32(len(col)))
	}
	return ptr, col
}

func widen[T Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func closeTo[T Float](t *testing.T, what string, got []T, want []float64) {
	t.Helper()
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= 4e-6*(1+math.Abs(w))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}

func TestCSR(t *testing.T) {
	t.Run("float32", testCSR[float32])
	t.Run("float64", testCSR[float64])
}

// testCSR compares the sets with the reference in float64, for one to three tiles and with operands
// that lie at several offsets between NaNs.
func testCSR[T Float](t *testing.T) {
	const rows, cols = 5, 7
	for _, name := range Names() {
		k := &Named[T](name).CSR
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for run := range 100 {
				offset, tiles := run%9, 1+run%3
				ptr, col := randomPattern(r, rows, cols)
				width := tiles*CSRColumns + run%5
				wide, panel := newBanded[T](r, offset, cols*width), cols*CSRColumns
				x := newBanded[T](r, 8-offset, tiles*panel)
				k.CSRPack(x.in, wide.in, width, cols, tiles)
				for i, v := range x.in {
					tile, row, j := i/panel, i/CSRColumns%cols, i%CSRColumns
					if v != wide.in[row*width+tile*CSRColumns+j] {
						t.Fatalf("CSRPack: tile %d, row %d, column %d", tile, row, j)
					}
				}
				val, g := newBanded[T](r, offset, len(col)), newBanded[T](r, offset, len(col))
				// Nothing behind the last tile of the last row is touched.
				y := newBanded[T](r, 8-offset, (rows-1)*width+tiles*CSRColumns)
				vec, out := newBanded[T](r, offset, cols), newBanded[T](r, offset, rows)
				what := fmt.Sprintf("run %d", run)
				for _, beta := range []T{0, 1, 0.5} {
					if beta == 0 { // must not be read
						for r := range rows {
							for j := range tiles * CSRColumns {
								y.in[r*width+j] = T(math.Inf(1))
							}
						}
						out.in[0] = T(math.Inf(1))
					}
					wy, wg, wout := widen(y.in), widen(g.in), widen(out.in)
					for t := range tiles {
						k.CSRTile(y.in[t*CSRColumns:], width, ptr, col, val.in, x.in[t*panel:], beta)
						csrTileGo(wy[t*CSRColumns:], width, ptr, col, widen(val.in), widen(x.in[t*panel:]), float64(beta))
					}
					k.CSRDots(g.in, ptr, col, y.in, width, x.in, panel, tiles)
					csrDotsGo(wg, ptr, col, widen(y.in), width, widen(x.in), panel, tiles)
					k.CSRVec(out.in, ptr, col, val.in, vec.in, 0.7, beta)
					csrVecGo(wout, ptr, col, widen(val.in), widen(vec.in), float64(T(0.7)), float64(beta))
					closeTo(t, what+" CSRTile", y.in, wy)
					closeTo(t, what+" CSRVec", out.in, wout)
					for i, w := range wg { // a sum of width products
						if d := math.Abs(float64(g.in[i]) - w); !(d <= 1e-5*(1+float64(width))) {
							t.Fatalf("%s CSRDots: element %d is %v, want %v", what, i, g.in[i], w)
						}
					}
				}
				if !x.intact() || !y.intact() || !g.intact() || !out.intact() {
					t.Fatalf("%s: written outside, or not a number inside", what)
				}
			}
		})
	}
}

// BenchmarkCSR has the size of the worm's chemical layer: 279 neurons, 2993 entries.
func BenchmarkCSR(b *testing.B) {
	const n, nnz = 279, 2993
	r := rand.New(rand.NewPCG(1, 1))
	ptr, col, val := make([]int32, n+1), make([]int32, nnz), make([]float32, nnz)
	for k := range nnz {
		ptr[r.IntN(n)+1]++
		col[k], val[k] = int32(r.IntN(n)), r.Float32()
	}
	for i := range n {
		ptr[i+1] += ptr[i]
	}
	const tiles, width = 4, 4 * CSRColumns
	x, y := make([]float32, n*width), make([]float32, n*width)
	for i := range x {
		x[i] = r.Float32()
	}
	for _, name := range Names() {
		k := Named[float32](name)
		b.Run("vector/"+name, func(b *testing.B) {
			for b.Loop() {
				k.CSRVec(y[:n], ptr, col, val, x[:n], 1, 0)
			}
		})
		products := func(what string, f func()) {
			b.Run(what+"/"+name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*nnz*width*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
		products("tiles", func() {
			for t := range tiles {
				k.CSRTile(y[t*CSRColumns:], width, ptr, col, val, x[t*n*CSRColumns:], 0)
			}
		})
		g := make([]float32, nnz)
		products("dots", func() { k.CSRDots(g, ptr, col, y, width, x, n*CSRColumns, tiles) })
	}
}
