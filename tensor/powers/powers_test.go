package powers_test

import (
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/powers"
)

// TestAgainstDefinition compares both directions with math.Pow; the first unit has no power, and
// the gradient of one is zero.
func TestAgainstDefinition(t *testing.T) {
	power := []int{0, 1, 22}
	const rows, d = 3, 4
	e, x := tensor.Normal[float64](tensor.NewKey(1, "test"), 0, 1, len(power), rows, d), tensor.Normal[float64](tensor.NewKey(2, "test"), 0, 1, rows, d)
	dy := tensor.Normal[float64](tensor.NewKey(3, "test"), 0, 1, len(power), rows, d)
	y, de, dx, row := tensor.New[float64](len(power), rows, d), tensor.New[float64](len(power), rows, d), tensor.New[float64](rows, d), tensor.New[float64](rows, d)
	powers.Mul(y, e, x, power)
	powers.MulGrad(de, dx, dy, e, x, power, row)
	for r := range rows {
		for c := range d {
			v, want := x.At(r, c), 0.0
			for u, n := range power {
				near(t, "y", y.At(u, r, c), e.At(u, r, c)*math.Pow(v, float64(n)))
				near(t, "de", de.At(u, r, c), dy.At(u, r, c)*math.Pow(v, float64(n)))
				if n > 0 {
					want += dy.At(u, r, c) * e.At(u, r, c) * float64(n) * math.Pow(v, float64(n-1))
				}
			}
			near(t, "dx", dx.At(r, c), want)
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestUnderflow: what falls below the smallest normal number is 0, and stays so.
func TestUnderflow(t *testing.T) {
	y, e, x := tensor.New[float32](1, 1, 2), tensor.Full[float32](1, 1, 1, 2), tensor.FromSlice([]float32{1e-20, 0.5}, 1, 2)
	powers.Mul(y, e, x, []int{2})
	if y.At(0, 0, 0) != 0 || y.At(0, 0, 1) != 0.25 {
		t.Errorf("%v, want 0 and 0.25", y)
	}
}

func TestWrongShapes(t *testing.T) {
	defer func() {
		if _, ok := recover().(*tensor.ShapeError); !ok {
			t.Error("no ShapeError")
		}
	}()
	e := tensor.New[float32](2, 3, 4)
	powers.Mul(e, e, tensor.New[float32](4, 3), []int{1, 2})
}
