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

// testCSR compares the sets with the reference in float64, at every width from 0 to 300 and with
// operands that lie at several offsets between NaNs.
func testCSR[T Float](t *testing.T) {
	const rows, cols = 5, 7
	for _, name := range Names() {
		k := &Named[T](name).CSR
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for width := range 301 {
				offset := width % 9
				ptr, col := randomPattern(r, rows, cols)
				val := newBanded[T](r, offset, len(col))
				stride := width + width%3
				x, y, g := newBanded[T](r, offset, cols*stride), newBanded[T](r, 8-offset, rows*width), newBanded[T](r, offset, len(col))
				vec, out := newBanded[T](r, offset, cols), newBanded[T](r, offset, rows)
				what := fmt.Sprintf("width %d", width)
				for _, beta := range []T{0, 1, 0.5} {
					if beta == 0 { // must not be read
						for i := range y.in {
							y.in[i] = T(math.Inf(1))
						}
						out.in[0] = T(math.Inf(1))
					}
					wy, wg, wout := widen(y.in), widen(g.in), widen(out.in)
					for row := range rows {
						lo, hi := ptr[row], ptr[row+1]
						part := wy[row*width : (row+1)*width]
						k.CSRMat(y.in[row*width:(row+1)*width], col[lo:hi], val.in[lo:hi], x.in, stride, beta)
						csrMatGo(part, col[lo:hi], widen(val.in[lo:hi]), widen(x.in), stride, float64(beta))
						k.CSRDots(g.in[lo:hi], col[lo:hi], y.in[row*width:(row+1)*width], x.in, stride)
						csrDotsGo(wg[lo:hi], col[lo:hi], widen(y.in[row*width:(row+1)*width]), widen(x.in), stride)
					}
					k.CSRVec(out.in, ptr, col, val.in, vec.in, 0.7, beta)
					csrVecGo(wout, ptr, col, widen(val.in), widen(vec.in), float64(T(0.7)), float64(beta))
					closeTo(t, what+" CSRMat", y.in, wy)
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
	x, y := make([]float32, n*128), make([]float32, n*128)
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
		for _, w := range []int{64, 128} {
			b.Run(fmt.Sprintf("matrix%d/%s", w, name), func(b *testing.B) {
				for b.Loop() {
					for i := range n {
						k.CSRMat(y[i*w:(i+1)*w], col[ptr[i]:ptr[i+1]], val[ptr[i]:ptr[i+1]], x, w, 0)
					}
				}
				b.ReportMetric(2*nnz*float64(w)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
		b.Run("dots128/"+name, func(b *testing.B) {
			g := make([]float32, nnz)
			for b.Loop() {
				for i := range n {
					k.CSRDots(g[ptr[i]:ptr[i+1]], col[ptr[i]:ptr[i+1]], y[i*128:(i+1)*128], x, 128)
				}
			}
			b.ReportMetric(2*nnz*128*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
