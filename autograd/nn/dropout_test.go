package nn_test

import (
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// TestDropoutMasks: masks differ from operation to operation and from step to step, and are the
// same for the same key.
func TestDropoutMasks(t *testing.T) {
	tp := autograd.NewTape[float64]()
	x := tensor.Full[float64](1, 256)
	masks := func(step uint64) [2]string {
		tp.Reset()
		tp.SetKey(tensor.NewKey(1, "step", step))
		var m [2]string
		for i := range m {
			for _, v := range tp.Dropout(tp.Input(x), 0.5).Value.Data() {
				m[i] += map[bool]string{false: "0", true: "1"}[v != 0]
			}
		}
		return m
	}
	a, b := masks(1), masks(2)
	if a[0] == a[1] || a[0] == b[0] || a[1] == b[1] {
		t.Error("two masks are the same")
	}
	if again := masks(1); again != a {
		t.Error("the masks of a key differ from one time to the next")
	}
}
