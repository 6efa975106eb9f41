package program_test

import (
	"fmt"

	"elegans/tensor"
	"elegans/tensor/program"
)

// One unit is applied twice to each row: y = x + relu(W relu(W x + b) + b).
func Example() {
	p := program.New(1, []program.Step{
		{Kind: program.Linear, A: 0},    // value 1
		{Kind: program.Act, A: 1},       // value 2
		{Kind: program.Linear, A: 2},    // value 3
		{Kind: program.Act, A: 3},       // value 4
		{Kind: program.Add, A: 0, B: 4}, // value 5
	}, []int{5}, 1)

	x := tensor.FromSlice([]float64{1, 2}, 1, 1, 2) // [inputs, rows, width]
	units := []program.Unit[float64]{{Weight: []float64{0, 1, 1, 0}, Bias: []float64{10, 20}}}
	relu := program.Activation[float64]{Op: tensor.OpReLU}
	values := program.Memory[float64]{Values: tensor.New[float64](p.Slots(false), 1, 2)}
	y := tensor.New[float64](1, 1, 1, 2) // [groups, rows, outputs/groups, width]
	program.Run(p, y, x, units, relu, 1e-5, values)

	fmt.Println(p.Steps(), "steps,", p.Linear(), "linear,", p.Slots(false), "values at a time:", y.Data())
	// Output: 5 steps, 2 linear, 2 values at a time: [32 34]
}
