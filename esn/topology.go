package esn

import (
	"fmt"
	"sort"

	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
)

// Random returns a sparse matrix [n, n] in which every neuron hears degree others or itself, drawn
// without repetition, with standard normal weights. The degree is the number of entries of a row,
// and degree/n the density.
func Random[T tensor.Float](n, degree int, key tensor.Key) (*tensor.CSR[T], error) {
	if n < 1 || degree < 0 || degree > n {
		return nil, fmt.Errorf("esn: %d connections to each of %d neurons, expected 0 to %d", degree, n, n)
	}
	r := key.Rand()
	var m entries
	for i := range n {
		for _, j := range r.Perm(n)[:degree] {
			m.add(i, j, r.NormFloat64())
		}
	}
	return build[T](n, m)
}

// Ring returns the matrix in which neuron i hears neuron i-1, and the first the last, all with one
// weight: the simple cycle of A. Rodan and P. Tiňo, Minimum complexity echo state network, IEEE
// Trans. Neural Networks 22, 2011. Its eigenvalues all have the modulus of that weight.
func Ring[T tensor.Float](n int, weight float64) (*tensor.CSR[T], error) {
	return chain[T](n, weight, true)
}

// DelayLine is Ring without the connection from the last neuron to the first: neuron i holds what
// the input was i steps ago. Its spectral radius is 0.
func DelayLine[T tensor.Float](n int, weight float64) (*tensor.CSR[T], error) {
	return chain[T](n, weight, false)
}

func chain[T tensor.Float](n int, weight float64, closed bool) (*tensor.CSR[T], error) {
	if n < 1 {
		return nil, fmt.Errorf("esn: %d neurons, expected at least 1", n)
	}
	var m entries
	if closed {
		m.add(0, n-1, weight)
	}
	for i := 1; i < n; i++ {
		m.add(i, i-1, weight)
	}
	return build[T](n, m)
}

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

// sortRow sorts the entries of a row by column.
func sortRow[T tensor.Float](col []int32, val []T) { sort.Sort(&row[T]{col, val}) }

type row[T tensor.Float] struct {
	col []int32
	val []T
}

func (r *row[T]) Len() int           { return len(r.col) }
func (r *row[T]) Less(i, j int) bool { return r.col[i] < r.col[j] }
func (r *row[T]) Swap(i, j int) {
	r.col[i], r.col[j] = r.col[j], r.col[i]
	r.val[i], r.val[j] = r.val[j], r.val[i]
}
