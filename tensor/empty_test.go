package tensor_test

import (
	"math"
	"testing"

	"elegans/tensor"
)

// TestEmptyShapesDoNotOverflow makes tensors without elements whose other lengths cannot be
// multiplied, as files may hold them.
func TestEmptyShapesDoNotOverflow(t *testing.T) {
	for _, shape := range [][]int{{0, math.MaxInt, math.MaxInt}, {math.MaxInt, 0, math.MaxInt}, {math.MaxInt, math.MaxInt, 0}} {
		if x := tensor.New[float32](shape...); x.Len() != 0 || len(x.Data()) != 0 || !x.IsContiguous() {
			t.Errorf("%v: %d elements", shape, x.Len())
		}
	}
}
