package autograd

import (
	"math"
	"testing"

	"elegans/tensor"
)

// TestGradientsAddUp uses the input of an operation in two ways at once, the operation recorded
// before or after the other: its gradient is the sum of both. Operations that overwrite the buffer
// of a first gradient must add to that of a second.
func TestGradientsAddUp(t *testing.T) {
	type op = func(tp *Tape[float64], x *Var[float64]) *Var[float64]
	weight := tensor.Normal[float64](tensor.NewKey(2, "w"), 0, 1, 3, 2, 2, 2)
	for name, f := range map[string]op{
		"Dropout": func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.Dropout(x, .5) },
		"MaxPool2d": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.MaxPool2d(x, tensor.PoolOptions{Kernel: [2]int{2, 2}})
		},
		"MaxPool2d 3": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.MaxPool2d(x, tensor.PoolOptions{Kernel: [2]int{3, 3}, Stride: [2]int{1, 2}, Padding: [2]int{1, 0}})
		},
		"AvgPool2d": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.AvgPool2d(x, tensor.PoolOptions{Kernel: [2]int{2, 2}})
		},
		"AdaptiveAvgPool2d": func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.AdaptiveAvgPool2d(x, [2]int{3, 2}) },
		"Upsample": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.Upsample(x, tensor.ResizeOptions{Scale: [2]float64{2, 2}})
		},
		"Upsample bilinear": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.Upsample(x, tensor.ResizeOptions{Mode: tensor.Bilinear, Size: [2]int{7, 5}})
		},
		"Conv2d": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.Conv2d(x, tp.Input(weight), nil, tensor.ConvOptions{})
		},
		"Conv2d stride": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.Conv2d(x, tp.Input(weight), nil, tensor.ConvOptions{Stride: [2]int{2, 2}})
		},
		"Linear": func(tp *Tape[float64], x *Var[float64]) *Var[float64] {
			return tp.Linear(x, tp.Input(tensor.Normal[float64](tensor.NewKey(3, "w"), 0, 1, 5, 4)), nil)
		},
		"Softmax": func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.Softmax(x, -1) },
		"Tanh":    (*Tape[float64]).Tanh, "Exp": (*Tape[float64]).Exp, "ReLU": (*Tape[float64]).ReLU,
		"Flip":    func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.Flip(x, 2) },
		"CumSum":  func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.CumSum(x, 3) },
		"Sum":     func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.Sum(x, 1) },
		"Permute": func(tp *Tape[float64], x *Var[float64]) *Var[float64] { return tp.Permute(x, 3, 1, 0, 2) },
	} {
		value := tensor.Normal[float64](tensor.NewKey(1, "x"), 0, 1, 2, 2, 6, 4)
		// gradient differentiates the sum of the two uses; order 0 and 1 take one of them alone.
		gradient := func(order int) []float64 {
			tp := NewTape[float64]()
			tp.SetKey(tensor.NewKey(4, "dropout"))
			x := tp.Variable(value)
			one := func() *Var[float64] {
				tp.SetKey(tensor.NewKey(4, "dropout"))
				y := f(tp, x)
				return tp.Sum(tp.Mul(y, tp.Input(tensor.Normal[float64](tensor.NewKey(5, "dy"), 0, 1, y.Shape()...))))
			}
			other := func() *Var[float64] {
				return tp.Sum(tp.Mul(x, tp.Input(tensor.Normal[float64](tensor.NewKey(6, "dx"), 0, 1, 2, 2, 6, 4))))
			}
			var loss *Var[float64]
			switch order {
			case 0:
				loss = one()
			case 1:
				loss = other()
			case 2:
				a := one()
				loss = tp.Add(a, other())
			case 3:
				a := other()
				loss = tp.Add(a, one())
			}
			tp.Backward(loss)
			return x.Grad().Data()
		}
		a, b := gradient(0), gradient(1)
		for _, order := range []int{2, 3} {
			for i, g := range gradient(order) {
				if math.Abs(g-a[i]-b[i]) > 1e-9 {
					t.Errorf("%s: element %d has the gradient %v, expected %v and %v together", name, i, g, a[i], b[i])
					break
				}
			}
		}
	}
}

// TestAttentionWeightsGradient differentiates through the result and the weights of an attention at
// once, and through either alone.
func TestAttentionWeightsGradient(t *testing.T) {
	draw := func(name string) *tensor.Tensor[float64] {
		return tensor.Normal[float64](tensor.NewKey(1, name), 0, 1, 1, 2, 3, 4)
	}
	gradient := func(result, weights float64) []float64 {
		tp := NewTape[float64]()
		q := tp.Variable(draw("q"))
		y, w := tp.ScaledDotProductAttention(q, tp.Input(draw("k")), tp.Input(draw("v")), AttentionOptions[float64]{})
		square := func(v *Var[float64]) *Var[float64] { return tp.Sum(tp.Square(v)) }
		tp.Backward(tp.Add(tp.MulScalar(square(y), result), tp.MulScalar(square(w), weights)))
		return q.Grad().Data()
	}
	both, result, weights := gradient(1, 1), gradient(1, 0), gradient(0, 1)
	for i := range both {
		if math.Abs(both[i]-result[i]-weights[i]) > 1e-9 || weights[i] == 0 || result[i] == 0 {
			t.Errorf("element %d: %v, expected %v of the result and %v of the weights", i, both[i], result[i], weights[i])
		}
	}
}

// TestBatchNormEvaluationGradient: with running statistics the map is affine, and so is its
// gradient.
func TestBatchNormEvaluationGradient(t *testing.T) {
	tp := NewTape[float64]()
	x := tp.Variable(tensor.Normal[float64](tensor.NewKey(1, "x"), 0, 1, 4, 2, 3))
	w := tensor.FromSlice([]float64{2, -3}, 2)
	mean, variance := tensor.FromSlice([]float64{.5, -1}, 2), tensor.FromSlice([]float64{4, .25}, 2)
	y := tp.BatchNorm(x, tp.Input(w), nil, mean, variance, false, .1, 1e-5)
	dy := tensor.Normal[float64](tensor.NewKey(2, "dy"), 0, 1, 4, 2, 3)
	tp.BackwardFrom([]*Var[float64]{y}, []*tensor.Tensor[float64]{dy})
	for i, g := range x.Grad().Data() {
		c := i / 3 % 2
		if want := dy.Data()[i] * w.Data()[c] / math.Sqrt(variance.Data()[c]+1e-5); math.Abs(g-want) > 1e-12 {
			t.Fatalf("element %d: %v, expected %v", i, g, want)
		}
	}
}

// TestFrozenHasNoGradient: a parameter that is frozen after a backward pass has no gradient any
// more, and gets none.
func TestFrozenHasNoGradient(t *testing.T) {
	p := NewParam("p", tensor.Full[float64](2, 3))
	for _, on := range []bool{true, false, true} {
		tp := NewTape[float64]()
		p.SetRequiresGrad(on)
		if on {
			p.ZeroGrad()
		}
		if p.Grad() != nil {
			t.Errorf("trained %v: there is a gradient before the backward pass", on)
		}
		tp.Backward(tp.Add(tp.Sum(tp.Square(p)), tp.Sum(tp.Variable(tensor.New[float64](2)))))
		if (p.Grad() != nil) != on {
			t.Errorf("trained %v: gradient %v", on, p.Grad())
		}
	}
}

// TestKeyDecides: what a step draws depends on its key, not on what was drawn before.
func TestKeyDecides(t *testing.T) {
	draw := func(before int) []float64 {
		tp := NewTape[float64]()
		x := tp.Input(tensor.Full[float64](1, 50))
		for range before {
			tp.Dropout(x, .5)
		}
		tp.SetKey(tensor.NewKey(1, "step"))
		return tp.Dropout(x, .5).Value.Data()
	}
	want := draw(0)
	for _, before := range []int{1, 3} {
		for i, v := range draw(before) {
			if v != want[i] {
				t.Fatalf("after %d other draws element %d is %v, expected %v", before, i, v, want[i])
			}
		}
	}
}
