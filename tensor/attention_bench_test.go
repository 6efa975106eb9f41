package tensor

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkAttention compares attention, forward and backward, by tiles and through the stored
// weights. "best-ms" is the shortest of all runs.
func BenchmarkAttention(b *testing.B) {
	for _, c := range []struct{ batch, heads, l, d int }{{64, 3, 17, 64}, {64, 3, 65, 64}, {16, 3, 129, 64}, {16, 3, 257, 64}, {1, 8, 1024, 64}} {
		name := fmt.Sprintf("%dx%dx%dx%d", c.batch, c.heads, c.l, c.d)
		draw := func(what string) *Tensor[float32] {
			return Normal[float32](NewKey(1, what), 0, 1, c.batch, c.heads, c.l, c.d)
		}
		q, k, v, dy := draw("q"), draw("k"), draw("v"), draw("dy")
		dq, dk, dv, y := draw("dq"), draw("dk"), draw("dv"), draw("y")
		none, scale := AttentionMask[float32]{}, float32(.125)
		lse := New[float32](c.batch, c.heads, c.l)
		b.Run("tiled/"+name, func(b *testing.B) {
			best(b, func() {
				Attention(y, lse, q, k, v, none, scale)
				AttentionGrad(AttentionGrads[float32]{dq, dk, dv}, dy, y, lse, q, k, v, none, scale)
			})
		})
		w, dw, ds := New[float32](c.batch, c.heads, c.l, c.l), New[float32](c.batch, c.heads, c.l, c.l), New[float32](c.batch, c.heads, c.l, c.l)
		vt, wt, st := Transposed(v), Transposed(w), Transposed(ds)
		b.Run("weights/"+name, func(b *testing.B) {
			best(b, func() {
				AttentionWeights(w, q, k, none, scale)
				MatMul(y, w, v)
				Gemm(dw, dy, &vt, 1, 0)
				MatMulAdd(dv, &wt, dy)
				ds.Zero()
				SoftmaxGrad(ds, w, dw, -1)
				Gemm(dq, ds, k, scale, 1)
				Gemm(dk, &st, q, scale, 1)
			})
		})
	}
}

func best(b *testing.B, f func()) {
	b.ReportAllocs()
	least := time.Hour
	for b.Loop() {
		t := time.Now()
		f()
		least = min(least, time.Since(t))
	}
	b.ReportMetric(1e3*least.Seconds(), "best-ms")
}
