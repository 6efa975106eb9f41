package esn

import (
	"fmt"

	"elegans/tensor"
)

// NVAR turns a sequence into features without a recurrent network: the last inputs and their
// products (D. Gauthier, E. Bollt, A. Griffith and W. Barbosa, Next generation reservoir computing,
// Nature Communications 12, 2021).
type NVAR struct {
	Delay    int  // inputs taken: this one and Delay-1 before it
	Stride   int  // steps between them
	Order    int  // factors of a product
	Constant bool // a feature 1 in front
}

// Monomials returns the factors of every product, for k inputs a step: indices into the Delay*k
// values, the newest step first, in lexicographic order.
func (v NVAR) Monomials(k int) [][]int {
	var list [][]int
	var extend func(prefix []int, from int)
	extend = func(prefix []int, from int) {
		if len(prefix) == v.Order {
			list = append(list, append([]int{}, prefix...))
			return
		}
		for i := from; i < v.Delay*k; i++ {
			extend(append(prefix, i), i)
		}
	}
	extend(nil, 0)
	return list
}

// Features returns the features [T, F] of a sequence u [T, K]. What lies before its beginning
// counts as 0.
func (v NVAR) Features(u *tensor.Tensor[float64]) (*tensor.Tensor[float64], error) {
	if v.Delay < 1 || v.Stride < 1 || v.Order < 1 || u.Dims() != 2 {
		return nil, fmt.Errorf("esn: NVAR of delay %d, stride %d and order %d on an input of shape %v, expected at least 1 each and [T, K]", v.Delay, v.Stride, v.Order, u.Shape())
	}
	steps, k := u.Dim(0), u.Dim(1)
	monomials := v.Monomials(k)
	width := v.Delay*k + len(monomials)
	if v.Constant {
		width++
	}
	f := tensor.New[float64](steps, width)
	linear := make([]float64, v.Delay*k)
	for t := range steps {
		row := f.Data()[t*width : (t+1)*width]
		for i := range v.Delay {
			for j := range k {
				linear[i*k+j] = 0
				if from := t - i*v.Stride; from >= 0 {
					linear[i*k+j] = u.At(from, j)
				}
			}
		}
		if v.Constant {
			row[0], row = 1, row[1:]
		}
		row = row[copy(row, linear):]
		for i, m := range monomials {
			p := 1.0
			for _, at := range m {
				p *= linear[at]
			}
			row[i] = p
		}
	}
	return f, nil
}
