package zoo_test

import (
	"math"
	"sync"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// infer runs a model for inference on a tape of its own and returns a copy of the result.
func infer(model nn.Module[float32], x *tensor.Tensor[float32]) []float32 {
	tp := autograd.NewTape[float32]()
	tp.SetNoGrad(true)
	tp.Training = false
	return append([]float32{}, model.Forward(tp, tp.Input(x)).Value.Data()...)
}

// TestSharedInference runs every model from several goroutines at once: each result must be, bit
// for bit, that of one goroutine alone. The race detector, if it is on, sees what they share.
func TestSharedInference(t *testing.T) {
	const goroutines = 4
	workers := tensor.Workers()
	defer tensor.SetWorkers(workers)
	tensor.SetWorkers(2)
	for _, name := range zoo.Names() {
		t.Run(name, func(t *testing.T) {
			e, err := zoo.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			spec := e.Spec()
			spec.Seed, spec.Input = 3, [3]int{1, 28, 28}
			if e.Task.HasClasses() {
				spec.Classes = 10
			}
			if _, err := zoo.ConfigOf[zoo.M2Config](&spec); err == nil { // of 88 million parameters
				if err := zoo.Edit(&spec, func(c *zoo.M2Config) { c.M2.Width = 112 }); err != nil {
					t.Fatal(err)
				}
			}
			model, err := zoo.Build[float32](spec)
			if err != nil {
				t.Fatal(err)
			}
			inputs := make([]*tensor.Tensor[float32], goroutines)
			want := make([][]float32, goroutines)
			for i := range inputs {
				inputs[i] = tensor.Uniform[float32](tensor.NewKey(uint64(i), "images"), 0, 1, 2, 1, 28, 28)
				want[i] = infer(model, inputs[i])
			}
			var group sync.WaitGroup
			for g := range goroutines {
				group.Go(func() {
					for k := range goroutines {
						i := (g + k) % goroutines
						got := infer(model, inputs[i])
						for j, v := range got {
							if math.Float32bits(v) != math.Float32bits(want[i][j]) {
								t.Errorf("goroutine %d: result %d of input %d is %v, alone it was %v", g, j, i, v, want[i][j])
								return
							}
						}
					}
				})
			}
			group.Wait()
		})
	}
}
