package esn

import (
	"fmt"
	"math"
	"slices"

	"elegans/tensor"
)

var _ = register(Topology{
	Name:    "random",
	Doc:     "every neuron hears a number of others, drawn without repetition",
	Options: []string{"degree", "density", "weights"},
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		m, err := Random[float64](n, c.degree(n), key)
		if err == nil {
			c.redraw(m.Val, key)
		}
		return sparseOf(m, err)
	},
})

// Random returns a sparse matrix [n, n] in which every neuron hears degree others or itself, drawn
// without repetition, with standard normal weights. The degree is the number of entries of a row,
// and degree/n the density.
func Random[T tensor.Float](n, degree int, key tensor.Key) (*tensor.CSR[T], error) {
	if n < 1 || degree < 0 || degree > n {
		return nil, fmt.Errorf("esn: %d connections to each of %d neurons, expected 0 to %d", degree, n, n)
	}
	if n*degree > math.MaxInt32 {
		return nil, fmt.Errorf("esn: %d connections to each of %d neurons, expected at most %d in all", degree, n, math.MaxInt32)
	}
	r := key.Rand()
	ptr, col, val := make([]int32, n+1), make([]int32, n*degree), make([]T, n*degree)
	// The first steps of a shuffle draw the neurons that one hears; the next begins with the order
	// that the one before has left, so that a row costs its entries and not n.
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	for i := range n {
		row := col[i*degree : (i+1)*degree]
		for k := range row {
			j := k + r.IntN(n-k)
			order[k], order[j] = order[j], order[k]
			row[k] = order[k]
		}
		slices.Sort(row)
		ptr[i+1] = int32((i + 1) * degree)
	}
	for k := range val {
		val[k] = T(r.NormFloat64())
	}
	return tensor.NewCSR(n, n, ptr, col, val), nil
}
