package esn

import (
	"math"
	"math/cmplx"
	"testing"

	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
)

// TestRadiusOfRandomMatrices compares with all eigenvalues: the largest ones of a random matrix
// differ little, so that an iteration that stops early finds another.
func TestRadiusOfRandomMatrices(t *testing.T) {
	for _, c := range []struct{ n, degree, draws int }{{40, 4, 40}, {100, 10, 40}, {200, 10, 10}} {
		for seed := range c.draws {
			m, err := Random[float64](c.n, c.degree, tensor.NewKey(uint64(seed), "radius"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := SpectralRadius(Weights[float64]{Sparse: m})
			if err != nil {
				t.Fatal(err)
			}
			var e mat.Eigen
			e.Factorize(mat.NewDense(c.n, c.n, m.Dense().Data()), mat.EigenNone)
			want := 0.0
			for _, v := range e.Values(nil) {
				want = max(want, cmplx.Abs(v))
			}
			if !(math.Abs(got-want) <= 1e-11*want) {
				t.Errorf("%d neurons, draw %d: radius %v, want %v", c.n, seed, got, want)
			}
		}
	}
}

func TestRandomRows(t *testing.T) {
	const n, degree = 97, 60
	m, err := Random[float64](n, degree, tensor.NewKey(1, "rows"))
	if err != nil {
		t.Fatal(err)
	}
	heard := make([]int, n)
	for i := range n {
		row := m.Col[m.RowPtr[i]:m.RowPtr[i+1]]
		if len(row) != degree {
			t.Fatalf("row %d has %d entries", i, len(row))
		}
		for k, c := range row {
			if k > 0 && c <= row[k-1] {
				t.Fatalf("row %d: column %d after %d", i, c, row[k-1])
			}
			heard[c]++
		}
	}
	// The number of rows that hear a neuron is binomial: mean 60, deviation 4.8.
	for c, k := range heard {
		if k < 36 || k > 84 {
			t.Errorf("neuron %d is heard by %d, expected about %d", c, k, degree)
		}
	}
}
