package transformer_test

import (
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/tensor"
	"elegans/transformer"
)

// BenchmarkEchoStep is a training step, without the optimiser, on 64 sequences of 28 rows of 28
// columns.
func BenchmarkEchoStep(b *testing.B) {
	reservoir := esn.Defaults()
	reservoir.Neurons = 200
	former, err := transformer.NewEchoFormer[float32](tensor.NewKey(1, "b"), transformer.EchoFormerConfig{
		Transformer: transformer.Config{Image: [3]int{1, 28, 28}, Patch: [2]int{1, 28}, Dim: 48, Depth: 1, Classes: 10},
		Echo:        transformer.EchoConfig{Reservoir: reservoir, Direction: transformer.Both},
	})
	if err != nil {
		b.Fatal(err)
	}
	est, err := transformer.NewEchoTransformer[float32](tensor.NewKey(1, "b"), transformer.EchoTransformerConfig{Image: [3]int{1, 28, 28}, Outputs: 10})
	if err != nil {
		b.Fatal(err)
	}
	vit, err := transformer.New[float32](tensor.NewKey(1, "b"), transformer.Config{Image: [3]int{1, 28, 28}, Patch: [2]int{1, 28}, Dim: 64, Depth: 1, Heads: 4, Classes: 10})
	if err != nil {
		b.Fatal(err)
	}
	for name, m := range map[string]nn.Module[float32]{"echo-vit": former, "est": est, "vit": vit} {
		b.Run(name, func(b *testing.B) {
			tp, x := autograd.NewTape[float32](), tensor.Uniform[float32](tensor.NewKey(2, "x"), 0, 1, 64, 1, 28, 28)
			params := nn.Trainable(m)
			for b.Loop() {
				tp.Reset()
				for _, p := range params {
					p.ZeroGrad()
				}
				tp.Backward(tp.Sum(tp.Square(m.Forward(tp, tp.Input(x)))))
			}
			b.ReportMetric(float64(nn.Count(m)), "params")
		})
	}
}
