package m2

import (
	"math"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/tensor"
)

// TestConvPoolIsConvolutionAndPool compares values and gradients with those of the two operations,
// for batches of whole and of broken pieces.
func TestConvPoolIsConvolutionAndPool(t *testing.T) {
	for _, batch := range []int{1, pieceImages, 2*pieceImages + 3} {
		c := newConv[float64](tensor.NewKey(1, "conv"), 2, 5, same)
		tensor.Copy(c.Bias.Value, tensor.Normal[float64](tensor.NewKey(1, "bias"), 0, 1, 5))
		x := tensor.Normal[float64](tensor.NewKey(1, "x"), 0, 1, batch, 2, 6, 8)
		cotangent := tensor.Normal[float64](tensor.NewKey(1, "y"), 0, 1, batch, 5, 3, 4)
		run := func(forward func(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64]) (all []*tensor.Tensor[float64]) {
			tp := autograd.NewTape[float64]()
			c.Weight.ZeroGrad()
			c.Bias.ZeroGrad()
			v := tp.Variable(x)
			y := forward(tp, v)
			tp.BackwardFrom([]*autograd.Var[float64]{y}, []*tensor.Tensor[float64]{cotangent})
			for _, g := range []*tensor.Tensor[float64]{y.Value, v.Grad(), c.Weight.Grad(), c.Bias.Grad()} {
				all = append(all, g.Clone())
			}
			return all
		}
		got := run(func(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
			return convPool(tp, c, x)
		})
		want := run(func(tp *autograd.Tape[float64], x *autograd.Var[float64]) *autograd.Var[float64] {
			return tp.MaxPool2d(c.Forward(tp, x), halve)
		})
		for i, name := range []string{"value", "gradient of x", "gradient of the weight", "gradient of the bias"} {
			for j, w := range want[i].Data() {
				if g := got[i].Data()[j]; !(math.Abs(g-w) <= 1e-12*(1+math.Abs(w))) {
					t.Fatalf("batch %d: %s[%d] is %v, want %v", batch, name, j, g, w)
				}
			}
		}
	}
}

func TestConvPoolGradient(t *testing.T) {
	k := tensor.NewKey(2, "convpool")
	c := newConv[float64](k.Sub("conv"), 1, 3, same)
	f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		d := *c
		d.Weight, d.Bias = in[1], in[2]
		return []*autograd.Var[float64]{convPool(tp, &d, in[0])}
	}
	x := tensor.Normal[float64](k.Sub("x"), 0, 1, pieceImages+1, 1, 4, 6)
	res, err := gradcheck.Check(f, gradcheck.Options{Key: k}, x, c.Weight.Value, c.Bias.Value)
	if want := x.Len() + c.Weight.Value.Len() + c.Bias.Value.Len(); err != nil || res.Checked != want {
		t.Errorf("%d of %d derivatives checked: %v", res.Checked, want, err)
	}
}
