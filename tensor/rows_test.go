package tensor

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"elegans/tensor/internal/parallel"
)

// one runs the rest of a benchmark or test with one worker.
func one(tb testing.TB) {
	n := parallel.Workers()
	parallel.SetWorkers(1)
	tb.Cleanup(func() { parallel.SetWorkers(n) })
}

// rate reports the number of elements a second of the fastest call.
func rate(b *testing.B, elements int, f func()) {
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(elements)/float64(best.Nanoseconds())*1000, "M/s")
}

func BenchmarkSoftmaxRows(b *testing.B) {
	one(b)
	for _, n := range []int{10, 64, 1024} {
		x := Uniform[float32](NewKey(1, "x"), -3, 3, (1<<20)/n, n)
		y, dy, dx := New[float32](x.Shape()...), x.Clone(), New[float32](x.Shape()...)
		b.Run(fmt.Sprintf("forward/%d", n), func(b *testing.B) {
			rate(b, x.Len(), func() {
				Softmax(y, x, -1)
			})
		})
		b.Run(fmt.Sprintf("backward/%d", n), func(b *testing.B) {
			rate(b, x.Len(), func() {
				SoftmaxGrad(dx, y, dy, -1)
			})
		})
		b.Run(fmt.Sprintf("log/%d", n), func(b *testing.B) {
			rate(b, x.Len(), func() {
				LogSoftmax(y, x, -1)
			})
		})
	}
}

func BenchmarkLayerNorm(b *testing.B) {
	one(b)
	for _, n := range []int{64, 192, 1024} {
		x := Uniform[float32](NewKey(1, "x"), -3, 3, (1<<20)/n, n)
		rows := x.Dim(0)
		y, dy, dx := New[float32](x.Shape()...), x.Clone(), New[float32](x.Shape()...)
		w, bias, mean, rstd := Full[float32](1, n), New[float32](n), New[float32](rows), New[float32](rows)
		dw, db := New[float32](n), New[float32](n)
		b.Run(fmt.Sprintf("forward/%d", n), func(b *testing.B) {
			rate(b, x.Len(), func() {
				LayerNorm(y, x, w, bias, mean, rstd, 1e-5)
			})
		})
		b.Run(fmt.Sprintf("backward/%d", n), func(b *testing.B) {
			rate(b, x.Len(), func() {
				LayerNormGrad(dx, dw, db, dy, x, w, mean, rstd)
			})
		})
	}
}

// TestRowsWorkers wants the same bits from any number of workers, at shapes of several chunks.
func TestRowsWorkers(t *testing.T) {
	defer SetWorkers(Workers())
	x, dy := Uniform[float32](NewKey(1, "x"), -1, 1, 24, 40, 211), Uniform[float32](NewKey(1, "dy"), -1, 1, 24, 40, 211)
	w, bias := Uniform[float32](NewKey(1, "w"), -1, 1, 211), Uniform[float32](NewKey(1, "b"), -1, 1, 211)
	var want map[string][]float32
	for _, workers := range []int{1, 2, 3, 8} {
		SetWorkers(workers)
		got := map[string][]float32{}
		out := func(name string, shape ...int) *Tensor[float32] {
			o := New[float32](shape...)
			got[name] = o.Data()
			return o
		}
		y := out("softmax", 24, 40, 211)
		Softmax(y, x, -1)
		SoftmaxGrad(out("softmax gradient", 24, 40, 211), y, dy, -1)
		y = out("softmax of columns", 24, 40, 211)
		Softmax(y, x, 1)
		SoftmaxGrad(out("softmax of columns, gradient", 24, 40, 211), y, dy, 1)
		mean, rstd := out("mean", 24, 40), out("rstd", 24, 40)
		LayerNorm(out("layer norm", 24, 40, 211), x, w, bias, mean, rstd, 1e-5)
		LayerNormGrad(out("layer norm gradient", 24, 40, 211), out("of weight", 211), out("of bias", 211), dy, x, w, mean, rstd)
		m, v := out("batch mean", 40), out("batch variance", 40)
		BatchNormStats(m, v, x)
		BatchNormGrad(out("batch norm gradient", 24, 40, 211), out("of channel weight", 40), out("of channel bias", 40), dy, x, nil, m, v, 1e-5, true)
		GroupNorm(out("group norm", 24, 40, 211), x, nil, nil, out("group mean", 24*8), out("group rstd", 24*8), 8, 1e-5)
		SumRows(out("row sums", 211), x)
		if workers == 1 {
			want = got
		}
		for name, g := range got {
			if !slices.Equal(g, want[name]) {
				t.Errorf("%d workers: %s differs", workers, name)
			}
		}
	}
}

// TestSoftmaxExtremes holds the rules for infinities and for rows that are far from zero.
func TestSoftmaxExtremes(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct{ x, want []float32 }{
		{[]float32{-inf, 0, -inf}, []float32{0, 1, 0}},
		{[]float32{1e30, 1e30}, []float32{0.5, 0.5}},
		{[]float32{-1e30, -1e30}, []float32{0.5, 0.5}},
		{[]float32{0, -200}, []float32{1, 0}},
	} {
		for _, shape := range [][]int{{1, len(c.x)}, {len(c.x), 1}, {len(c.x)}} {
			y := New[float32](shape...)
			axis := 0
			if shape[0] == 1 {
				axis = 1
			}
			Softmax(y, FromSlice(c.x, shape...), axis)
			if !slices.Equal(y.Data(), c.want) {
				t.Errorf("softmax of %v along axis %d of %v is %v, want %v", c.x, axis, shape, y.Data(), c.want)
			}
		}
	}
	lse, soft := New[float32](1), New[float32](2)
	if LogSumExp(lse, soft, FromSlice([]float32{-inf, -inf}, 2), 0); lse.Item() != -inf {
		t.Errorf("log-sum-exp of nothing is %v", lse.Item())
	}
	if LogSumExp(lse, soft, FromSlice([]float32{1000, 1000}, 2), 0); math.Abs(float64(lse.Item())-1000-math.Ln2) > 1e-4 {
		t.Errorf("log-sum-exp of two thousands is %v", lse.Item())
	}
}

// TestAttentionBlockedRow: a query that may attend to nothing has weights 0, but a NaN stays
// visible.
func TestAttentionBlockedRow(t *testing.T) {
	q, k := Full[float32](1, 1, 1, 2, 3), Full[float32](1, 1, 1, 2, 3)
	w := New[float32](1, 1, 2, 2)
	AttentionWeights(w, q, k, AttentionMask[float32]{Blocked: FromSlice([]float32{1, 1, 0, 1}, 2, 2)}, 1)
	if !slices.Equal(w.Data(), []float32{0, 0, 1, 0}) {
		t.Errorf("weights %v", w.Data())
	}
	q.Set(float32(math.NaN()), 0, 0, 1, 0)
	AttentionWeights(w, q, k, AttentionMask[float32]{}, 1)
	if d := w.Data(); d[0] != 0.5 || d[2] == d[2] {
		t.Errorf("weights %v, want NaN in the second row", w.Data())
	}
}
