package leaky_test

import (
	"fmt"
	"slices"
	"testing"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// TestStep compares single steps with the run of the whole sequence, bit for bit.
func TestStep(t *testing.T) {
	key := tensor.NewKey(1, "leaky.step")
	for _, n := range []int{1, 2, 3, 17, 279} {
		dense := tensor.Normal[float64](key, 0, .1, n, n)
		var ptr, col []int32
		var val []float64
		ptr = append(ptr, 0)
		for i := range n {
			for j := i % 3; j < n; j += 3 {
				col, val = append(col, int32(j)), append(val, dense.At(i, j))
			}
			ptr = append(ptr, int32(len(col)))
		}
		for kind, w := range map[string]leaky.Weights[float64]{
			"dense": {Dense: dense}, "sparse": {Sparse: tensor.NewCSR(n, n, ptr, col, val)},
		} {
			for leaks, leak := range map[string]*tensor.Tensor[float64]{
				"none": nil, "one": tensor.FromSlice([]float64{.3}, 1), "each": tensor.Uniform[float64](key, .1, 1, n),
			} {
				t.Run(fmt.Sprint(n, kind, leaks), func(t *testing.T) {
					drive := tensor.Normal[float64](key.Sub("drive"), 0, 1, 20, n)
					states := drive.Clone()
					leaky.Run(states, nil, w, leak, tensor.OpTanh, 0, nil)
					before, state := tensor.New[float64](n), tensor.New[float64](n)
					for i := range 20 {
						copy(state.Data(), drive.Data()[i*n:])
						leaky.Step(state, before, w, leak, tensor.OpTanh, 0)
						if !slices.Equal(state.Data(), states.Data()[i*n:(i+1)*n]) {
							t.Fatalf("step %d differs", i)
						}
						state, before = before, state
					}
					if a := testing.AllocsPerRun(10, func() { leaky.Step(state, before, w, leak, tensor.OpTanh, 0) }); a != 0 {
						t.Errorf("%v allocations a step", a)
					}
				})
			}
		}
	}
}
