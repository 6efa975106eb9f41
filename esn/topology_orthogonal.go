package esn

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
)

var _ = register(Topology{
	Name: "orthogonal",
	Doc:  "a random orthogonal matrix: every neuron hears all, and lengths are kept",
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		w, err := Orthogonal[float64](n, 1, key)
		return Weights[float64]{Dense: w}, err
	},
})

// Orthogonal returns a dense random orthogonal matrix [n, n] times scale: the factor Q of a normal
// matrix, its columns with the signs of the diagonal of R, which makes it uniform (F. Mezzadri, How
// to generate random matrices from the classical compact groups, Notices of the AMS 54, 2007).
func Orthogonal[T tensor.Float](n int, scale float64, key tensor.Key) (*tensor.Tensor[T], error) {
	if n < 1 {
		return nil, fmt.Errorf("esn: %d neurons, expected at least 1", n)
	}
	g := tensor.Normal[float64](key, 0, 1, n, n)
	var qr mat.QR
	qr.Factorize(mat.NewDense(n, n, g.Data()))
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	w := tensor.New[T](n, n)
	for i := range n {
		for j := range n {
			v := q.At(i, j) * scale
			if r.At(j, j) < 0 {
				v = -v
			}
			w.Set(T(v), i, j)
		}
	}
	return w, nil
}
