package published_test

import (
	"fmt"
	"testing"
	"time"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet/published"
	"elegans/tensor"
)

// BenchmarkNetwork measures torch-eager in the setting in which testdata/peers/tn_peer.py
// measures other programs: product, normalisation in every unit, GELU, cross attention of 8 heads
// of 32 columns. The shortest time of a run is reported beside the mean, as the peers report it.
func BenchmarkNetwork(b *testing.B) {
	for _, d := range []int{64, 256} {
		c := published.Default(published.TorchEager, d, d)
		heads := 8
		c.NHeads, c.NormTensorUnit = &heads, true
		n, err := published.New[float32](connectome.Shipped(), c, tensor.NewKey(1, "test"))
		if err != nil {
			b.Fatal(err)
		}
		params := nn.Params(n)
		for _, batch := range []int{1, 128} {
			tp := autograd.NewTape[float32]()
			x := tensor.Normal[float32](tensor.NewKey(2, "test"), 0, 1, batch, d)
			b.Run(fmt.Sprintf("forward/d%d/batch%d", d, batch), func(b *testing.B) {
				tp.SetNoGrad(true)
				measure(b, func() {
					tp.Reset()
					n.Forward(tp, tp.Input(x))
				})
			})
			b.Run(fmt.Sprintf("step/d%d/batch%d", d, batch), func(b *testing.B) {
				tp.SetNoGrad(false)
				measure(b, func() {
					tp.Reset()
					y := n.Forward(tp, tp.Variable(x))
					tp.Backward(tp.Sum(y))
					for _, p := range params {
						p.ZeroGrad()
					}
				})
			})
		}
	}
}

// measure runs f and reports its shortest time, after two runs that warm up.
func measure(b *testing.B, f func()) {
	f()
	f()
	b.ReportAllocs()
	best := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(best.Seconds()*1e3, "best-ms")
}
