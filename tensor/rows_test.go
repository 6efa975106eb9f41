package tensor

import (
	"fmt"
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
