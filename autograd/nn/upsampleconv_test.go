package nn_test

import (
	"math"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// TestUpsampleConv2d compares with the two operations that the layer stands for, results and
// gradients.
func TestUpsampleConv2d(t *testing.T) {
	k := tensor.NewKey(1, "upsample")
	for _, padding := range []int{0, 1} {
		for _, bias := range []bool{false, true} {
			for _, size := range [][2]int{{4, 4}, {2, 5}, {3, 2}} {
				c := nn.NewConv2d[float64](k.Sub("conv"), 3, 5, [2]int{3, 3}, bias, tensor.ConvOptions{Padding: [2]int{padding, padding}})
				x := autograd.NewParam("x", tensor.Normal[float64](k.Sub("x"), 0, 1, 2, 3, size[0], size[1]))
				run := func(m nn.Module[float64]) (result []float64, grads [][]float64) {
					tp := autograd.NewTape[float64]()
					y := m.Forward(tp, x)
					params := append([]*autograd.Var[float64]{x}, nn.Trainable[float64](c)...)
					for _, p := range params {
						p.ZeroGrad()
					}
					tp.BackwardFrom([]*autograd.Var[float64]{y}, []*tensor.Tensor[float64]{tensor.Normal[float64](k.Sub("dy"), 0, 1, y.Shape()...)})
					for _, p := range params {
						grads = append(grads, append([]float64{}, p.Grad().Data()...))
					}
					return append([]float64{}, y.Value.Data()...), grads
				}
				double := nn.Func[float64](func(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
					return tp.Upsample(x, tensor.ResizeOptions{Mode: tensor.Nearest, Scale: [2]float64{2, 2}})
				})
				want, wantGrads := run(nn.Sequential[float64]{double, c})
				got, gotGrads := run(nn.NewUpsampleConv2d(c))
				compare := func(what string, got, want []float64) {
					if len(got) != len(want) {
						t.Fatalf("padding %d, %v, %s: %d elements, want %d", padding, size, what, len(got), len(want))
					}
					for i, v := range got {
						if !(math.Abs(v-want[i]) <= 1e-12) {
							t.Fatalf("padding %d, %v, %s: element %d is %v, want %v", padding, size, what, i, v, want[i])
						}
					}
				}
				compare("result", got, want)
				for i := range wantGrads {
					compare("gradient", gotGrads[i], wantGrads[i])
				}
			}
		}
	}
}

// TestUpsampleConv2dRefuses wants a panic for convolutions that cannot be folded.
func TestUpsampleConv2dRefuses(t *testing.T) {
	for name, c := range map[string]*nn.Conv2d[float64]{
		"5x5":      nn.NewConv2d[float64](tensor.NewKey(1, "c"), 1, 1, [2]int{5, 5}, true, tensor.ConvOptions{}),
		"stride 2": nn.NewConv2d[float64](tensor.NewKey(1, "c"), 1, 1, [2]int{3, 3}, true, tensor.ConvOptions{Stride: [2]int{2, 2}}),
		"groups":   nn.NewConv2d[float64](tensor.NewKey(1, "c"), 2, 2, [2]int{3, 3}, true, tensor.ConvOptions{Groups: 2}),
		"padding":  nn.NewConv2d[float64](tensor.NewKey(1, "c"), 1, 1, [2]int{3, 3}, true, tensor.ConvOptions{Padding: [2]int{2, 2}}),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was accepted", name)
				}
			}()
			nn.NewUpsampleConv2d(c)
		}()
	}
}
