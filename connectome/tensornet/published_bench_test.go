package tensornet_test

import (
	"fmt"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// BenchmarkPublished measures torch-eager in the setting in which testdata/peers/tn_peer.py measures other programs: product, normalisation in every unit, GELU, cross attention of 8 heads of 32 columns.
func BenchmarkPublished(b *testing.B) {
	for _, d := range []int{64, 256} {
		c := tensornet.DefaultPublished(tensornet.TorchEager, d, d)
		heads := 8
		c.NHeads, c.NormTensorUnit = &heads, true
		n, err := tensornet.NewPublished[float32](connectome.Shipped(), c, 1)
		if err != nil {
			b.Fatal(err)
		}
		params := nn.Params(n)
		for _, batch := range []int{1, 128} {
			tp := autograd.NewTape[float32]()
			x := tensor.Normal[float32](2, 0, 1, batch, d)
			b.Run(fmt.Sprintf("forward/d%d/batch%d", d, batch), func(b *testing.B) {
				tp.SetNoGrad(true)
				b.ReportAllocs()
				for b.Loop() {
					tp.Reset()
					n.Forward(tp, tp.Input(x))
				}
			})
			b.Run(fmt.Sprintf("step/d%d/batch%d", d, batch), func(b *testing.B) {
				tp.SetNoGrad(false)
				b.ReportAllocs()
				for b.Loop() {
					tp.Reset()
					y := n.Forward(tp, tp.Variable(x))
					tp.Backward(tp.Sum(y))
					for _, p := range params {
						p.ZeroGrad()
					}
				}
			})
		}
	}
}
