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
			if want := largestOfAll(m.Dense()); !(math.Abs(got-want) <= 1e-11*want) {
				t.Errorf("%d neurons, draw %d: radius %v, want %v", c.n, seed, got, want)
			}
		}
	}
}

// largestOfAll computes all eigenvalues and returns the largest modulus.
func largestOfAll(m *tensor.Tensor[float64]) float64 {
	var e mat.Eigen
	e.Factorize(mat.NewDense(m.Dim(0), m.Dim(1), m.Clone().Data()), mat.EigenNone)
	top := 0.0
	for _, v := range e.Values(nil) {
		top = max(top, cmplx.Abs(v))
	}
	return top
}

// TestRadiusOfShapes compares matrices whose eigenvalues lie otherwise than in a disc: one far
// outside, all on a line, all near a circle, in pairs of opposite signs, in powers of each other;
// and entries of which squares are too small or too large for a float64.
func TestRadiusOfShapes(t *testing.T) {
	const n = 90
	fill := func(seed uint64, f func(i, j int, v float64) float64) *tensor.Tensor[float64] {
		m, err := Random[float64](n, 12, tensor.NewKey(seed, "shape"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			for k := m.RowPtr[i]; k < m.RowPtr[i+1]; k++ {
				m.Val[k] = f(i, int(m.Col[k]), m.Val[k])
			}
		}
		return m.Dense()
	}
	cases := map[string]func(seed uint64) *tensor.Tensor[float64]{
		"positive": func(seed uint64) *tensor.Tensor[float64] {
			return fill(seed, func(_, _ int, v float64) float64 { return math.Abs(v) })
		},
		"tiny": func(seed uint64) *tensor.Tensor[float64] {
			return fill(seed, func(_, _ int, v float64) float64 { return 1e-200 * v })
		},
		"huge": func(seed uint64) *tensor.Tensor[float64] {
			return fill(seed, func(_, _ int, v float64) float64 { return 1e200 * v })
		},
		// Far from normal: norms of powers grow before they fall.
		"skewed": func(seed uint64) *tensor.Tensor[float64] {
			return fill(seed, func(i, j int, v float64) float64 { return v * math.Pow(1.2, float64(j-i)/3) })
		},
		"bipartite": func(seed uint64) *tensor.Tensor[float64] { // values come as v and -v
			return fill(seed, func(i, j int, v float64) float64 { return v * float64((i+j)%2) })
		},
		"symmetric": func(seed uint64) *tensor.Tensor[float64] {
			d := fill(seed, func(_, _ int, v float64) float64 { return v })
			sum := tensor.New[float64](n, n)
			tensor.Add(sum, d, d.T())
			return sum
		},
		"near a circle": func(seed uint64) *tensor.Tensor[float64] {
			ring, noise := tensor.New[float64](n, n), fill(seed, func(_, _ int, v float64) float64 { return 0.02 * v })
			for i := range n {
				ring.Set(1, i, (i+1)%n)
			}
			tensor.Add(ring, ring, noise)
			return ring
		},
	}
	size := map[string]float64{"tiny": 1e-200, "huge": 1e200} // others: 1
	for name, draw := range cases {
		by := 1.0
		if s, ok := size[name]; ok {
			by = s
		}
		for seed := range uint64(5) {
			m := draw(seed)
			got, err := SpectralRadius(Weights[float64]{Dense: m})
			if err != nil {
				t.Errorf("%s, draw %d: %v", name, seed, err)
				continue
			}
			tensor.Scale(m, m, 1/by)
			if want := by * largestOfAll(m); !(math.Abs(got-want) <= 1e-11*want) {
				t.Errorf("%s, draw %d: radius %v, want %v", name, seed, got, want)
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
