package m2

import (
	"fmt"
	"testing"
	"time"

	"elegans/autograd"
	"elegans/tensor"
)

// BenchmarkJointAttention measures the attention of the published autoencoder at its width and
// batch 128: forward and backward pass, with all weights alive (as with its gamma at 0.5) and with
// a one-hot softmax on two motors (as at its own start). The products are those of the full
// computation, 1.235 thousand million multiply-adds an item, so that the rate of the second says
// what leaving blocks out is worth. Rates are of the best step.
func BenchmarkJointAttention(b *testing.B) {
	s := jointShape{86, 128, 784, 86, 32}
	macs := 3 * float64(s.batch) * float64(2*s.motors*s.in*s.heads*s.d+2*s.heads*s.heads*s.motors*s.d)
	for _, c := range []struct {
		name         string
		spread, long float64
	}{{"spread", 0.1, 100}, {"one-hot", 1, 1e9}} {
		k := tensor.NewKey(7, "joint attention")
		width := s.heads * s.d
		var vs []*autograd.Var[float32]
		for i, shape := range [][]int{{s.batch, width}, {s.motors, s.batch, s.in}, {width, s.in}, {width}, {width, s.in}, {width}} {
			bound := []float64{c.spread, 1, 0.008, 0.008, 0.008, 0.008}[i]
			x := tensor.Uniform[float32](k.Sub("input", uint64(i)), -bound, bound, shape...)
			if i == 1 {
				for j := range x.Data()[:2*s.batch*s.in] {
					x.Data()[j] *= float32(c.long)
				}
			}
			vs = append(vs, autograd.NewParam("", x))
		}
		dy := tensor.Uniform[float32](k.Sub("cotangent"), -1, 1, s.batch, width)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", c.name, workers), func(b *testing.B) {
				defer tensor.SetWorkers(tensor.Workers())
				tensor.SetWorkers(workers)
				active, _ := tensor.Kernels()
				peak := tensor.PeakGFLOPS[float32](active) * float64(workers)
				tp := autograd.NewTape[float32]()
				step := func() {
					tp.Reset()
					for _, v := range vs {
						v.ZeroGrad()
					}
					y := jointAttention(tp, vs[0], vs[1], vs[2], vs[3], vs[4], vs[5], s.heads)
					tp.BackwardFrom([]*autograd.Var[float32]{y}, []*tensor.Tensor[float32]{dy})
				}
				step()
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					step()
					best = min(best, time.Since(start))
				}
				rate := 2e-9 * macs / best.Seconds()
				b.ReportMetric(1e3*best.Seconds(), "ms/best")
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak, "%peak")
			})
		}
	}
}
