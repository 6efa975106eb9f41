package conv

import (
	"math/rand/v2"
	"testing"
	"time"

	"elegans/tensor/internal/parallel"
)

// BenchmarkLayers measures the convolutions of an autoencoder of images of 28 by 28, wide and
// narrow, at batch 128: the best of the calls.
func BenchmarkLayers(b *testing.B) {
	for _, c := range []struct {
		name    string
		in, out int
		size    int
		padding int
	}{
		{"enc1", 1, 240, 28, 1}, {"enc2", 240, 120, 14, 1}, {"enc3", 120, 120, 7, 1},
		{"dec1", 8, 120, 4, 1}, {"dec2", 120, 120, 8, 1}, {"dec3", 120, 240, 16, 0}, {"dec4", 240, 1, 28, 1},
		{"small-enc1", 1, 30, 28, 1}, {"small-enc2", 30, 15, 14, 1}, {"small-enc3", 15, 15, 7, 1},
		{"small-dec1", 2, 15, 4, 1}, {"small-dec2", 15, 15, 8, 1}, {"small-dec3", 15, 30, 16, 0}, {"small-dec4", 30, 1, 28, 1},
	} {
		s := shape(128, c.in, c.size, c.size, c.out, 3, 1, c.padding, 1, 1)
		r := rand.New(rand.NewPCG(3, 4))
		weight := convert[float32](fill(r, s.weights()))
		x, dy := values(s.N*s.C*s.inLen()), values(s.N*s.O*s.outLen())
		y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(weight))
		flops := 2 * float64(len(dy)) * float64(s.C*s.taps())
		bench := func(what string, f func()) {
			for _, workers := range []int{1, 2} {
				b.Run(c.name+"/"+what+"/"+string(rune('0'+workers)), func(b *testing.B) {
					old := parallel.Workers()
					parallel.SetWorkers(workers)
					defer parallel.SetWorkers(old)
					best := time.Hour
					for b.Loop() {
						start := clock()
						f()
						best = min(best, (clock() - start))
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(best.Seconds()*1e3, "ms")
					b.ReportMetric(flops/best.Seconds()/1e9, "GFLOP/s")
				})
			}
		}
		bench("forward", func() { Forward(&s, y, x, weight, nil, 0) })
		bench("gradInput", func() { GradInput(&s, dx, dy, weight, nil, 0) })
		bench("gradWeight", func() { GradWeight(&s, dw, x, dy, 0) })
	}
}

// values returns n numbers of moderate size; making random ones would take longer than the
// benchmarks.
func values(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%61)/61 - 0.5
	}
	return x
}

// clock is the time that benchmarks measure.
var clock = func() time.Duration { return time.Since(began) }

var began = time.Now()
