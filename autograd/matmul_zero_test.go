package autograd_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"elegans/autograd"
	"elegans/tensor"
)

// TestGroupedLinearWithoutGradient compares the gradients of a grouped layer of which some groups
// have none with those of layers of one group, whether they are the first to reach their targets or
// not.
func TestGroupedLinearWithoutGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups, m, in, out := rapid.IntRange(1, 6).Draw(t, "groups"), rapid.IntRange(1, 4).Draw(t, "m"), rapid.IntRange(1, 5).Draw(t, "in"), rapid.IntRange(1, 5).Draw(t, "out")
		times := rapid.IntRange(1, 2).Draw(t, "times")
		k := tensor.NewKey(3, "grouped")
		dy := tensor.Uniform[float64](k.Sub("dy"), -1, 1, groups, m, out)
		for g := range groups {
			switch rapid.IntRange(0, 2).Draw(t, "gradient") {
			case 0:
				tensor.Fill(dy.Slice(0, g, g+1, 1), 0)
			case 1:
				tensor.Fill(dy.Slice(0, g, g+1, 1), math.Copysign(0, -1))
			}
		}
		x := autograd.NewParam("x", tensor.Uniform[float64](k.Sub("x"), -1, 1, groups, m, in))
		w := autograd.NewParam("w", tensor.Uniform[float64](k.Sub("w"), -1, 1, groups, out, in))
		b := autograd.NewParam("b", tensor.Uniform[float64](k.Sub("b"), -1, 1, groups, out))
		tp := autograd.NewTape[float64]()
		for range times {
			y := tp.GroupedLinear(x, w, b)
			tp.BackwardFrom([]*autograd.Var[float64]{y}, []*tensor.Tensor[float64]{dy})
			tp.Reset()
		}
		for g := range groups {
			part := func(v *tensor.Tensor[float64]) *tensor.Tensor[float64] {
				return v.Slice(0, g, g+1, 1).Squeeze(0).Contiguous()
			}
			d := part(dy)
			dx, dw := d.MatMul(part(w.Value)), d.Transpose(0, 1).MatMul(part(x.Value))
			for _, c := range []struct {
				name      string
				got, want *tensor.Tensor[float64]
			}{{"dx", part(x.Grad()), dx}, {"dw", part(w.Grad()), dw}} {
				for i, v := range c.got.Data() {
					if want := float64(times) * c.want.Data()[i]; !(math.Abs(v-want) <= 1e-14) || want == 0 && math.Signbit(v) {
						t.Fatalf("group %d: %s[%d] = %v, want %v", g, c.name, i, v, want)
					}
				}
			}
		}
	})
}

func TestLinearWithoutGradient(t *testing.T) {
	k := tensor.NewKey(4, "linear")
	x, w := autograd.NewParam("x", tensor.Uniform[float32](k.Sub("x"), -1, 1, 3, 5)), autograd.NewParam("w", tensor.Uniform[float32](k.Sub("w"), -1, 1, 4, 5))
	tp := autograd.NewTape[float32]()
	step := func(v float32) {
		tp.Reset()
		tp.BackwardFrom([]*autograd.Var[float32]{tp.Linear(x, w, nil)}, []*tensor.Tensor[float32]{tensor.Full(v, 3, 4)})
	}
	// Buffers hold something else than 0 before the gradient that is 0 comes first.
	step(1)
	x.ZeroGrad()
	w.ZeroGrad()
	step(0)
	if !tensor.IsZero(x.Grad()) || !tensor.IsZero(w.Grad()) {
		t.Fatal("a gradient of 0 left what the buffers held")
	}
	step(1)
	before := w.Grad().Clone()
	step(0)
	for i, v := range w.Grad().Data() {
		if v != before.Data()[i] {
			t.Fatal("a gradient of 0 changed what the buffers held")
		}
	}
	if step(float32(math.NaN())); w.Grad().Data()[0] == w.Grad().Data()[0] {
		t.Fatal("a gradient that is not a number got lost")
	}
}
