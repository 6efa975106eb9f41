package conv

import (
	"math/rand/v2"
	"testing"

	"elegans/tensor/internal/kernel"
)

// BenchmarkConv reports the rate of each computation for the shapes that the project's bars are
// about, and beside it the share of the rate of independent multiply-adds, measured at once.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name string
		s    Shape
	}{
		{"3x3x64", shape(128, 64, 28, 28, 64, 3, 1, 1, 1, 1)},
		{"lenet1", shapes128("lenet1")},
		{"lenet2", shapes128("lenet2")},
		{"strided", shape(32, 64, 56, 56, 128, 3, 2, 1, 1, 1)},
		{"pointwise", shape(32, 128, 28, 28, 128, 1, 1, 0, 1, 1)},
		{"deep", shape(32, 256, 14, 14, 256, 3, 1, 1, 1, 1)},
		{"depthwise", shape(32, 64, 28, 28, 64, 3, 1, 1, 1, 64)},
		{"patches", shape(64, 3, 32, 32, 192, 4, 4, 0, 1, 1)},
	} {
		s := c.s
		r := rand.New(rand.NewPCG(3, 4))
		x, weight := convert[float32](fill(r, s.N*s.C*s.inLen())), convert[float32](fill(r, s.weights()))
		dy := convert[float32](fill(r, s.N*s.O*s.outLen()))
		flops := 2 * float64(len(dy)) * float64(s.C/s.Groups*s.taps())
		bench := func(what string, f func()) {
			b.Run(c.name+"/"+what, func(b *testing.B) {
				f()
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
				rate := flops * float64(b.N) / b.Elapsed().Seconds()
				b.ReportMetric(rate/1e9, "GFLOP/s")
			})
		}
		y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(weight))
		bench("forward", func() { Forward(&s, y, x, weight, nil, 0) })
		bench("gradInput", func() { GradInput(&s, dx, dy, weight, nil, 0) })
		bench("gradWeight", func() { GradWeight(&s, dw, x, dy, 0) })
	}
	gemm := kernel.Of[float32]().Gemm
	b.Run("peak", func(b *testing.B) {
		for b.Loop() {
			gemm.Peak(1000)
		}
		b.ReportMetric(float64(b.N)*1000*float64(gemm.PeakFLOPs)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
}

func shapes128(name string) Shape {
	s := shapes[name]
	s.N = 128
	return s
}
