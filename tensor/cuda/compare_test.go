package cuda

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
	"elegans/tensor/internal/device"
)

// A check computes results from operands that it makes itself, always the same; they are computed
// on the processor and on the device and compared.
type check[T tensor.Float] struct {
	name string
	run  func() []*tensor.Tensor[T]
	// kernels that must have run, without the suffix of the type
	kernels []string
	// tol bounds the difference of elements, relative to 1 + the largest element of the result; 0
	// stands for 1e-13 in float64 and 1e-5 in float32
	tol float64
}

// compare runs checks on the processor, and on the device in both ways of using memory.
func compare[T tensor.Float](t *testing.T, checks []check[T]) {
	t.Helper()
	suffix, usual := "_f64", 1e-13
	if _, ok := any(*new(T)).(float32); ok {
		suffix, usual = "_f32", 1e-5
	}
	t.Run(suffix[1:], func(t *testing.T) {
		want := make([][]*tensor.Tensor[T], len(checks))
		for i, c := range checks {
			want[i] = c.run()
		}
		open(t, Options{Staged: true})
		for i, c := range checks {
			t.Run(c.name, func(t *testing.T) {
				device.Active().TakeTally()
				got := c.run()
				tally := device.Active().TakeTally()
				for _, k := range c.kernels {
					if tally.Launched[k+suffix] == 0 {
						t.Errorf("kernel %s has not run: %v", k+suffix, tally)
					}
				}
				tol := c.tol
				if tol == 0 {
					tol = usual
				}
				for j := range got {
					if err := departs(got[j], want[i][j], tol); err != nil {
						t.Errorf("result %d: %v", j, err)
					}
				}
			})
		}
	})
}

// tolerance returns the one for the type of elements.
func tolerance[T tensor.Float](single, double float64) float64 {
	if _, ok := any(*new(T)).(float32); ok {
		return single
	}
	return double
}

// departs says how a tensor differs from what is wanted.
func departs[T tensor.Float](got, want *tensor.Tensor[T], tol float64) error {
	if !tensor.SameShape(got, want) {
		return fmt.Errorf("shape %v, want %v", got.Shape(), want.Shape())
	}
	g, w := got.Contiguous().Data(), want.Contiguous().Data()
	scale := 1.0
	for _, v := range w {
		if !math.IsInf(float64(v), 0) && !math.IsNaN(float64(v)) {
			scale = max(scale, math.Abs(float64(v)))
		}
	}
	for i := range w {
		x, y := float64(g[i]), float64(w[i])
		if x != y && !(math.IsNaN(x) && math.IsNaN(y)) && !(math.Abs(x-y) <= tol*scale) {
			return fmt.Errorf("element %d is %v, want %v within %.2g", i, x, y, tol*scale)
		}
	}
	return nil
}

// normal returns a tensor that the name determines.
func normal[T tensor.Float](name string, shape ...int) *tensor.Tensor[T] {
	return tensor.Normal[T](tensor.NewKey(1, name), 0, 1, shape...)
}
