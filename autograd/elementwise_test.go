package autograd

import (
	"fmt"
	"testing"

	"elegans/internal/allocs"
	"elegans/tensor"
)

// TestElementwiseAllocs: a step of elementwise operations, with broadcasting in both directions,
// allocates nothing after the first.
func TestElementwiseAllocs(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	tensor.SetWorkers(2)
	k := tensor.NewKey(1, "test")
	w := NewParam("w", tensor.Uniform[float32](k, 0.5, 2, 600, 500))
	bias := NewParam("bias", tensor.Uniform[float32](k, 0.5, 2, 500))
	column := NewParam("column", tensor.Uniform[float32](k, 0.5, 2, 600, 1))
	mask := tensor.Full[float32](1, 500)
	one := tensor.Full[float32](1, 600, 500)
	tp := NewTape[float32]()
	outputs, cotangents := make([]*Var[float32], 1), []*tensor.Tensor[float32]{one}
	step := func() {
		tp.Reset()
		h := tp.Add(tp.Mul(w, column), bias)
		h = tp.Maximum(tp.GELU(h), tp.Tanh(h))
		h = tp.Where(mask, tp.Dropout(h, 0.2), tp.Sub(h, bias))
		outputs[0] = tp.MulScalar(tp.Div(tp.SiLU(h), column), 0.5)
		tp.BackwardFrom(outputs, cotangents)
	}
	step()
	step()
	if n := allocs.PerStep(5, step); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
	if w.Grad() == nil || bias.Grad() == nil || column.Grad() == nil {
		t.Error("a parameter has no gradient")
	}
}

func TestDropout(t *testing.T) {
	tp := NewTape[float64]()
	x := tp.Input(tensor.Full(1., 1000))
	tp.SetKey(tensor.NewKey(3, "test"))
	a, b := tp.Dropout(x, 0.5), tp.Dropout(x, 0.5)
	tp.SetKey(tensor.NewKey(3, "test"))
	c := tp.Dropout(x, 0.5)
	different, same := false, true
	for i, v := range a.Value.Data() {
		different = different || v != b.Value.Data()[i]
		same = same && v == c.Value.Data()[i]
	}
	if !different {
		t.Error("two dropouts of a step have the same mask")
	}
	if !same {
		t.Error("the same key gives another mask")
	}
	tp.Training = false
	if tp.Dropout(x, 0.5) != x {
		t.Error("dropout changes something outside training")
	}
}

func ExampleTape_Mul() {
	x := NewParam("x", tensor.FromSlice([]float64{1, 2, 3}, 3))
	tp := NewTape[float64]()
	y := tp.Mul(x, tp.AddScalar(x, 1)) // x*(x+1)
	tp.BackwardFrom([]*Var[float64]{y}, []*tensor.Tensor[float64]{tensor.Full(1., 3)})
	fmt.Println(y.Value.Data(), x.Grad().Data())
	// Output: [2 6 12] [3 5 7]
}
