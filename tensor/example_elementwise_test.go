package tensor_test

import (
	"fmt"

	"elegans/tensor"
)

func ExampleMap() {
	x := tensor.FromSlice([]float64{-2, -1, 0, 1, 2}, 5)
	y := tensor.New[float64](5)
	tensor.Map(tensor.OpLeakyReLU, y, x, 0.1, 0)
	dx := tensor.New[float64](5)
	tensor.MapGrad(tensor.OpLeakyReLU, dx, tensor.Full(1., 5), x, y, 0.1, 0, 1)
	fmt.Println(y.Data())
	fmt.Println(dx.Data())
	// Output:
	// [-0.2 -0.1 0 1 2]
	// [0.1 0.1 0.1 1 1]
}

func ExampleAdd() {
	column := tensor.FromSlice([]float64{10, 20}, 2, 1)
	row := tensor.FromSlice([]float64{1, 2, 3}, 3)
	table := tensor.New[float64](2, 3)
	tensor.Add(table, column, row)
	fmt.Println(table.Data())
	// The backward pass of broadcasting sums back.
	tensor.SumTo(column, table)
	fmt.Println(column.Data())
	// Output:
	// [11 12 13 21 22 23]
	// [46 86]
}
