package gradcheck

import (
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// cubeOp is y = x^3 with a backward pass that the test chooses.
type cubeOp struct {
	x, y *autograd.Var[float64]
	back func(dx, dy, x []float64)
}

func (o *cubeOp) Backward(*autograd.Tape[float64]) {
	o.back(o.x.GradSum().Data(), o.y.GradSum().Data(), o.x.Value.Data())
}

func cube(back func(dx, dy, x []float64)) Func {
	return func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		x := in[0]
		y := tp.NewResult(autograd.Needs(x), x.Shape()...)
		for i, v := range x.Value.Data() {
			y.Value.Data()[i] = v * v * v
		}
		autograd.Record(tp, cubeOp{x, y, back})
		return []*autograd.Var[float64]{y}
	}
}

// TestWrongBackwardIsFound: the check accepts the right backward pass and rejects wrong ones, down
// to a relative error of 1e-5 in a single element.
func TestWrongBackwardIsFound(t *testing.T) {
	right := func(dx, dy, x []float64) {
		for i := range dx {
			dx[i] += dy[i] * 3 * x[i] * x[i]
		}
	}
	cases := []struct {
		name string
		back func(dx, dy, x []float64)
		want bool // accepted
	}{
		{"right", right, true},
		{"nothing", func(dx, dy, x []float64) {}, false},
		{"wrong sign", func(dx, dy, x []float64) {
			for i := range dx {
				dx[i] -= dy[i] * 3 * x[i] * x[i]
			}
		}, false},
		{"wrong factor", func(dx, dy, x []float64) {
			for i := range dx {
				dx[i] += dy[i] * 2 * x[i] * x[i]
			}
		}, false},
		{"gradient of the output ignored", func(dx, dy, x []float64) {
			for i := range dx {
				dx[i] += 3 * x[i] * x[i]
			}
		}, false},
		{"one element slightly wrong", func(dx, dy, x []float64) {
			right(dx, dy, x)
			dx[3] += 1e-5 * dy[3] * x[3] * x[3]
		}, false},
		{"elements exchanged", func(dx, dy, x []float64) {
			right(dx, dy, x)
			dx[0], dx[1] = dx[1], dx[0]
		}, false},
	}
	for _, c := range cases {
		x := tensor.Uniform[float64](tensor.NewKey(1, "negative"), 1.5, 2.5, 2, 3)
		_, err := Check(cube(c.back), Options{Key: tensor.NewKey(7, "test")}, x)
		if (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "input 0, element") {
			t.Errorf("%s: the error does not name the element: %v", c.name, err)
		}
	}
}

// TestOverwritingIsFound: a backward pass that overwrites is right for one use of its input and
// wrong for two, as TestGradients tries it.
func TestOverwritingIsFound(t *testing.T) {
	f := cube(func(dx, dy, x []float64) {
		for i := range dx {
			dx[i] = dy[i] * 3 * x[i] * x[i]
		}
	})
	twice := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
		return append(f(tp, in), f(tp, in)...)
	}
	x := tensor.Uniform[float64](tensor.NewKey(1, "negative"), 1, 2, 3)
	if _, err := Check(f, Options{Key: tensor.NewKey(7, "test")}, x); err != nil {
		t.Errorf("once: %v", err)
	}
	if _, err := Check(twice, Options{Key: tensor.NewKey(7, "test")}, x); err == nil {
		t.Error("twice: not found")
	}
}
