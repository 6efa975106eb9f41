package tensor_test

import (
	"fmt"

	"elegans/tensor"
)

func ExampleReduceMean() {
	x := tensor.Arange(1.0, 6).Reshape(2, 3)
	columns, all := tensor.New[float64](3), tensor.New[float64]()
	tensor.ReduceMean(columns, x, 0)
	tensor.ReduceMean(all, x)
	fmt.Println(columns, all)
	// Output: [2.5 3.5 4.5] 3.5
}

func ExampleTensor_String() {
	x := tensor.FromSlice([]float64{1, -0.5, 1. / 3, 20}, 2, 2)
	fmt.Println(x)
	fmt.Printf("%.2v\n", x)
	fmt.Println(tensor.Arange[float32](0, 2000))
	// Output:
	// [[ 1.         -0.5       ]
	//  [ 0.33333333 20.        ]]
	// [[ 1.   -0.5 ]
	//  [ 0.33 20.  ]]
	// [0.000e+00 1.000e+00 2.000e+00 ... 1.997e+03 1.998e+03 1.999e+03]
}

func ExampleIndexSelect() {
	x := tensor.Arange(0.0, 6).Reshape(3, 2)
	rows := tensor.New[float64](4, 2)
	tensor.IndexSelect(rows, x, 0, []int{2, 0, 0, 1})
	fmt.Println(rows)
	// Output:
	// [[4. 5.]
	//  [0. 1.]
	//  [0. 1.]
	//  [2. 3.]]
}
