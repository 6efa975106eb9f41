package tensor

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkMemoryBound measures layers of images that are bound by memory, at batch 128, and the
// optimiser: the best of the calls, and the rate at which the operands, each counted once, pass.
func BenchmarkMemoryBound(b *testing.B) {
	const n, c = 128, 240

	wide, pooled := New[float32](n, c, 28, 28), New[float32](n, c, 14, 14)
	gradWide, gradPooled, out := New[float32](n, c, 28, 28), New[float32](n, c, 14, 14), New[float32](n, c, 28, 28)
	for i := range wide.Data() {
		wide.Data()[i] = float32(i%61)/61 - 0.5
		gradWide.Data()[i] = float32(i%67)/67 - 0.5
	}
	halves := PoolOptions{Kernel: [2]int{2, 2}}
	double := ResizeOptions{Scale: [2]float64{2, 2}}
	params := 20 << 20
	p, g, m, v := values(params), values(params), values(params), values(params)
	bias := New[float32](c)
	for _, l := range []struct {
		name   string
		floats int
		f      func()
	}{
		{"elu", 2 * wide.Len(), func() { Map(OpELU, out, wide, 1, 0) }},
		{"elu-in-place", 2 * wide.Len(), func() { Map(OpELU, out, out, 1, 0) }},
		{"elu-grad-to", 3 * wide.Len(), func() { MapGrad(OpELU, out, gradWide, wide, wide, 1, 0, 0) }},
		{"elu-grad-add", 4 * wide.Len(), func() { MapGrad(OpELU, out, gradWide, wide, wide, 1, 0, 1) }},
		{"pool", wide.Len() + pooled.Len(), func() { MaxPool(pooled, wide, halves) }},
		{"pool-grad-to", 2*wide.Len() + 2*pooled.Len(), func() { MaxPoolGrad(out, gradPooled, wide, pooled, 0, halves) }},
		{"nearest", wide.Len() + pooled.Len(), func() { Resize(out, pooled, double) }},
		{"nearest-grad", wide.Len() + 2*pooled.Len(), func() { ResizeGrad(gradPooled, gradWide, 0, double) }},
		{"conv-grad-bias", wide.Len(), func() { ConvGradBias(bias, gradWide, 0) }},
		{"copy", 2 * wide.Len(), func() { Copy(out, wide) }},
		{"add", 3 * wide.Len(), func() { Add(out, out, wide) }},
		{"fill", wide.Len(), func() { Fill(out, 0) }},
		{"clear", wide.Len(), func() { clear(out.Data()) }},
		{"adam", 7 * params, func() {
			AdamStep(p, g, m, v, AdamCoeffs[float32]{Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Step: 0.001, RootScale: 1, Eps: 1e-7, Decay: 1, GradScale: 1})
		}},
		{"all-finite", params, func() { AllFinite(g) }},
		{"sum-squares", params, func() { SumSquares(g) }},
	} {
		for _, w := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", l.name, w), func(b *testing.B) {
				defer SetWorkers(Workers())
				SetWorkers(w)
				best := time.Hour
				for b.Loop() {
					start := clock()
					l.f()
					best = min(best, clock()-start)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(best.Seconds()*1e3, "ms")
				b.ReportMetric(4*float64(l.floats)/best.Seconds()/1e9, "GB/s")
			})
		}
	}
}

// clock is the time that benchmarks measure.
var clock = func() time.Duration { return time.Since(began) }

var began = time.Now()

// values returns n small numbers in memory that has been touched.
func values(n int) *Tensor[float32] {
	x := New[float32](n)
	for i := range x.data {
		x.data[i] = float32(i%61)/61 + 0.01
	}
	return x
}
