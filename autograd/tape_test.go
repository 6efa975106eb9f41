package autograd

import (
	"testing"

	"elegans/internal/allocs"
	"elegans/tensor"
)

// TestStepAllocatesNothing runs the same small program again and again on one tape.
func TestStepAllocatesNothing(t *testing.T) {
	tp := NewTape[float32]()
	p := NewParam("p", tensor.Arange[float32](0, 6))
	step := func() {
		tp.Reset()
		y := tp.Reshape(tp.Reshape(p, 2, 3), 3, -1)
		y.GradSum().Data()[1] = 1
		tp.run()
		p.ZeroGrad()
	}
	step()
	if p.grad.Data()[1] != 1 {
		t.Fatalf("gradient %v", p.grad.Data())
	}
	if n := allocs.PerStep(100, step); n != 0 {
		t.Fatalf("%v allocations a step", n)
	}
}

// TestSecondBackward differentiates two losses of one step, one after the other: parameters get the
// sum of both gradients, whether or not intermediate ones are kept.
func TestSecondBackward(t *testing.T) {
	for _, retain := range []bool{false, true} {
		tp := NewTape[float64]()
		tp.RetainGrad = retain
		p := NewParam("p", tensor.Scalar(3.0))
		shared := tp.MulScalar(p, 2)
		first, second := tp.Square(shared), tp.MulScalar(shared, 5) // 4p^2 and 10p
		tp.Backward(first)
		tp.Backward(second)
		if got, want := p.Grad().Item(), 8*3.0+10; got != want {
			t.Errorf("RetainGrad %v: gradient %v, want %v", retain, got, want)
		}
		if retain && shared.Grad().Item() != 5 {
			t.Errorf("the gradient kept is %v, want 5, that of the last pass", shared.Grad().Item())
		}
	}
}

func TestMisuseIsNamed(t *testing.T) {
	tp := NewTape[float32]()
	x := tp.Input(tensor.Arange[float32](0, 5))
	rows := tp.Input(tensor.New[float32](4, 3))
	short := tensor.New[float32](2)
	for name, f := range map[string]func(){
		"Split":     func() { tp.Split(x, 0, -1, 6) },
		"BatchNorm": func() { tp.BatchNorm(rows, nil, nil, short, short, false, 0.1, 1e-5) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*tensor.ShapeError); !ok || e.Op != name {
					t.Errorf("%s: %v, want a ShapeError that names it", name, e)
				}
			}()
			f()
		}()
	}
}
