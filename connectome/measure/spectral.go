package measure

import (
	"fmt"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"elegans/connectome"
)

// MaxSpectral is the largest number of neurons for which eigenvalues are computed; at this size it
// takes seconds to minutes.
const MaxSpectral = 2000

// SpectralRadius returns the largest absolute value among the eigenvalues of the adjacency matrix
// of some layers together, which is not symmetric in general. The elements are sums of weights, or
// with binary 1 where there is an edge; loops stand on the diagonal, or with noLoops are left out.
// It fails for more than MaxSpectral neurons.
func SpectralRadius(g *connectome.Graph, binary, noLoops bool, layers ...connectome.Layer) (float64, error) {
	n := g.Len()
	if n == 0 {
		return 0, nil
	}
	if n > MaxSpectral {
		return 0, fmt.Errorf("spectral radius of %d neurons: at most %d are supported", n, MaxSpectral)
	}
	a := mat.NewDense(n, n, nil)
	for _, l := range layers {
		m := g.CSR(l, connectome.Outgoing)
		for i := range n {
			for k := m.RowPtr[i]; k < m.RowPtr[i+1]; k++ {
				j := int(m.Col[k])
				switch {
				case noLoops && i == j:
				case binary:
					a.Set(i, j, 1)
				default:
					a.Set(i, j, a.At(i, j)+m.Weight[k])
				}
			}
		}
	}
	return largestEigenvalue(a)
}

// ProjectionRadius returns the largest absolute value among the eigenvalues of the 0/1 adjacency
// matrix of a projection. It fails for more than MaxSpectral vertices.
func ProjectionRadius(p *connectome.Projection) (float64, error) {
	n := p.Len()
	if n == 0 {
		return 0, nil
	}
	if n > MaxSpectral {
		return 0, fmt.Errorf("spectral radius of %d vertices: at most %d are supported", n, MaxSpectral)
	}
	a := mat.NewDense(n, n, nil)
	for u, row := range p.Adj {
		for _, v := range row {
			a.Set(u, v, 1)
		}
	}
	return largestEigenvalue(a)
}

func largestEigenvalue(a *mat.Dense) (float64, error) {
	var eigen mat.Eigen
	if !eigen.Factorize(a, mat.EigenNone) {
		n, _ := a.Dims()
		return 0, fmt.Errorf("spectral radius: the eigenvalues of the %d x %d matrix did not converge", n, n)
	}
	radius := 0.0
	for _, v := range eigen.Values(nil) {
		radius = max(radius, cmplx.Abs(v))
	}
	return radius, nil
}
