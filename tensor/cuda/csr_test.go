package cuda

import (
	"testing"

	"elegans/tensor"
)

// sparse returns a matrix whose rows have 0, 1, 2, ... entries in turns, some of them twice.
func sparse[T tensor.Float](rows, cols, most int) *tensor.CSR[T] {
	ptr, col := []int32{0}, []int32{}
	for r := range rows {
		for i := range r % (most + 1) {
			col = append(col, int32((7*r+5*i*i)%cols))
		}
		ptr = append(ptr, int32(len(col)))
	}
	return tensor.NewCSR(rows, cols, ptr, col, normal[T]("values", len(col)).Data())
}

func csrChecks[T tensor.Float]() (checks []check[T]) {
	type tensors = []*tensor.Tensor[T]
	const rows, cols = 70, 40
	add := func(name string, kernels []string, run func() tensors) {
		checks = append(checks, check[T]{name: name, kernels: kernels, run: run})
	}
	s := sparse[T](rows, cols, 9)
	// A row of more entries than a warp has lanes.
	long := tensor.NewCSR(2, 200, []int32{0, 0, 150}, sparse[T](151, 200, 150).Col[:150], normal[T]("long", 150).Data())
	other := normal[T]("other values", s.NNZ()).Data()
	add("vector", []string{"spmv"}, func() tensors {
		y, sum, of := normal[T]("y", rows), normal[T]("sum", rows), normal[T]("of", 2)
		tensor.SpMV(y, s, normal[T]("x", cols), 1, 0)
		tensor.SpMV(sum, s, normal[T]("x", cols), -2, 0.5)
		tensor.SpMV(of, long, normal[T]("xs", 200), 1, 1)
		return tensors{y, sum, of}
	})
	for _, shape := range [][]int{{}, {1}, {3, 5}, {67}, {700}} {
		of := func(name string, n int) *tensor.Tensor[T] { return normal[T](name, append([]int{n}, shape...)...) }
		add("product", []string{"spmm", "spmm_grad_values"}, func() tensors {
			y, again, back, backAgain := of("y", rows), of("again", rows), of("back", cols), of("back again", cols)
			tensor.SpMM(y, s, nil, of("x", cols), 0)
			tensor.SpMM(again, s, other, of("x", cols), 2)
			tensor.SpMMT(back, s, nil, of("dy", rows), 0)
			tensor.SpMMT(backAgain, s, other, of("dy", rows), 1)
			dval, dx, dval2 := normal[T]("dval", s.NNZ()), of("dx", cols), normal[T]("dval", s.NNZ())
			tensor.SpMMGradValues(dval.Data(), s, of("dy", rows), of("x", cols))
			tensor.SpMMGrad(dx, 1, dval2.Data(), s, other, of("dy", rows), of("x", cols))
			return tensors{y, again, back, backAgain, dval, dx, dval2}
		})
	}
	add("no entries", []string{"spmm", "spmv"}, func() tensors {
		none := tensor.NewCSR[T](3, 4, []int32{0, 0, 0, 0}, nil, nil)
		v, y, dx := normal[T]("v", 3), normal[T]("y", 3, 2), normal[T]("dx", 4, 2)
		tensor.SpMV(v, none, normal[T]("u", 4), 1, 2)
		tensor.SpMM(y, none, nil, normal[T]("x", 4, 2), 0)
		tensor.SpMMGrad(dx, 3, nil, none, nil, normal[T]("dy", 3, 2), normal[T]("x", 4, 2))
		return tensors{v, y, dx}
	})
	add("no rows, no columns", nil, func() tensors {
		none := tensor.NewCSR[T](0, 4, []int32{0}, nil, nil)
		y, back := tensor.New[T](0, 2), normal[T]("back", 4, 2)
		tensor.SpMM(y, none, nil, normal[T]("x", 4, 2), 0)
		tensor.SpMMT(back, none, nil, y, 1)
		wide := tensor.New[T](rows, 0)
		tensor.SpMM(wide, s, nil, tensor.New[T](cols, 0), 0)
		return tensors{y, back, wide}
	})
	return checks
}

func TestCSR(t *testing.T) {
	compare(t, csrChecks[float32]())
	compare(t, csrChecks[float64]())
}
