package esn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
)

// Linear is a trained readout: y = x·Weight + Bias.
type Linear struct {
	Weight *tensor.Tensor[float64] // [N, M]
	Bias   *tensor.Tensor[float64] // [M]
}

// Predict returns the outputs [T, M] for states [T, N].
func (l *Linear) Predict(states *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	y := tensor.New[float64](states.Dim(0), l.Weight.Dim(1))
	tensor.MatMul(y, states, l.Weight)
	tensor.Add(y, y, l.Bias)
	return y
}

// Intercept says how a readout treats its constant.
type Intercept uint8

// The ways.
const (
	Centred   Intercept = iota // a constant that is not penalised: the default
	None                       // no constant
	Penalised                  // a constant that is penalised like the weights
)

// Moments accumulates what a ridge regression needs of its rows, so that they can come in pieces
// and need not be kept: the means and the sums of products about them.
type Moments struct {
	rows   int
	mx, my []float64
	xx, xy *tensor.Tensor[float64] // [N, N] and [N, M], about the means
}

// NewMoments returns empty moments for n states and m targets.
func NewMoments(n, m int) *Moments {
	return &Moments{mx: make([]float64, n), my: make([]float64, m), xx: tensor.New[float64](n, n), xy: tensor.New[float64](n, m)}
}

// Rows returns the number of rows so far.
func (s *Moments) Rows() int { return s.rows }

// Add takes rows of states [T, N] and targets [T, M], of which the first washout are left out; a
// sequence that is no longer than these adds nothing. The
// sums of the pieces are joined as T. Chan, G. Golub and R. LeVeque do (Algorithms for computing
// the sample variance, The American Statistician 37, 1983), which loses no precision where means
// are large.
func (s *Moments) Add(states, targets *tensor.Tensor[float64], washout int) error {
	n, m := len(s.mx), len(s.my)
	if states.Dims() != 2 || targets.Dims() != 2 || states.Dim(0) != targets.Dim(0) || states.Dim(1) != n || targets.Dim(1) != m {
		return fmt.Errorf("esn: states of shape %v and targets of shape %v, expected [T, %d] and [T, %d]", states.Shape(), targets.Shape(), n, m)
	}
	if washout < 0 {
		return fmt.Errorf("esn: washout %d, expected at least 0", washout)
	}
	rows := states.Dim(0) - washout
	if rows <= 0 {
		return nil
	}
	x, mx := centre(states.Slice(0, washout, states.Dim(0), 1))
	y, my := centre(targets.Slice(0, washout, targets.Dim(0), 1))
	tensor.Gemm(s.xx, x.Transpose(0, 1), x, 1, 1)
	tensor.Gemm(s.xy, x.Transpose(0, 1), y, 1, 1)
	total := s.rows + rows
	weight := float64(s.rows) * float64(rows) / float64(total)
	dx, dy := tensor.New[float64](n, 1), tensor.New[float64](1, m)
	for i := range n {
		d := mx[i] - s.mx[i]
		dx.Set(d, i, 0)
		s.mx[i] += d * float64(rows) / float64(total)
	}
	for j := range m {
		d := my[j] - s.my[j]
		dy.Set(d, 0, j)
		s.my[j] += d * float64(rows) / float64(total)
	}
	if s.rows > 0 {
		tensor.Gemm(s.xx, dx, dx.Transpose(0, 1), weight, 1)
		tensor.Gemm(s.xy, dx, dy, weight, 1)
	}
	s.rows = total
	return nil
}

// centre returns a copy of x about the means of its columns, and these.
func centre(x *tensor.Tensor[float64]) (*tensor.Tensor[float64], []float64) {
	mean := tensor.New[float64](x.Dim(1))
	tensor.ReduceMean(mean, x, 0)
	c := tensor.New[float64](x.Shape()...)
	tensor.Sub(c, x, mean)
	return c, mean.Data()
}

// Ridge returns the readout that minimises the sum of squared errors plus penalty times the sum of
// squared weights: (XᵀX + penalty·I) w = XᵀY. The penalty is not multiplied by the number of rows.
// Where the matrix is not positive definite in floating point, as it is for a penalty of 0 and
// states that depend on each other, its pseudo-inverse is taken: the shortest of the best
// solutions.
func (s *Moments) Ridge(penalty float64, c Intercept) (*Linear, error) {
	n, m := len(s.mx), len(s.my)
	if !(penalty >= 0) || math.IsInf(penalty, 0) {
		return nil, fmt.Errorf("esn: penalty %v, expected a finite number of at least 0", penalty)
	}
	if s.rows == 0 {
		return nil, fmt.Errorf("esn: no rows to fit a readout to")
	}
	size := n
	if c == Penalised {
		size++
	}
	a, b := mat.NewSymDense(size, nil), mat.NewDense(size, m, nil)
	k := float64(s.rows)
	mean := func(i int) float64 { // of state i, or of the constant
		if i == n {
			return 1
		}
		return s.mx[i]
	}
	for i := range size {
		for j := i; j < size; j++ {
			v := 0.0
			if j < n {
				v = s.xx.At(i, j)
			}
			if c != Centred {
				v += k * mean(i) * mean(j)
			}
			if i == j {
				v += penalty
			}
			a.SetSym(i, j, v)
		}
		for j := range m {
			v := 0.0
			if i < n {
				v = s.xy.At(i, j)
			}
			if c != Centred {
				v += k * mean(i) * s.my[j]
			}
			b.Set(i, j, v)
		}
	}
	w, err := solve(a, b)
	if err != nil {
		return nil, err
	}
	l := &Linear{Weight: tensor.New[float64](n, m), Bias: tensor.New[float64](m)}
	for j := range m {
		bias := 0.0
		for i := range n {
			l.Weight.Set(w.At(i, j), i, j)
			if c == Centred {
				bias -= s.mx[i] * w.At(i, j)
			}
		}
		switch c {
		case Centred:
			bias += s.my[j]
		case Penalised:
			bias = w.At(n, j)
		}
		l.Bias.Set(bias, j)
	}
	return l, nil
}

// Ridge fits a readout to the states [T, N] and targets [T, M] of one sequence: see Moments.Ridge.
func Ridge(states, targets *tensor.Tensor[float64], washout int, penalty float64, c Intercept) (*Linear, error) {
	if states.Dims() != 2 || targets.Dims() != 2 {
		return nil, fmt.Errorf("esn: states of shape %v and targets of shape %v, expected [T, N] and [T, M]", states.Shape(), targets.Shape())
	}
	s := NewMoments(states.Dim(1), targets.Dim(1))
	if err := s.Add(states, targets, washout); err != nil {
		return nil, err
	}
	return s.Ridge(penalty, c)
}

// solve returns the solution of a w = b for a matrix that is positive semi-definite.
func solve(a *mat.SymDense, b *mat.Dense) (*mat.Dense, error) {
	var c mat.Cholesky
	var w mat.Dense
	if c.Factorize(a) && c.Cond() < 1e15 {
		if err := c.SolveTo(&w, b); err == nil {
			return &w, nil
		}
	}
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		return nil, fmt.Errorf("esn: the states have no finite moments")
	}
	values := e.Values(nil)
	var v, proj mat.Dense
	e.VectorsTo(&v)
	proj.Mul(v.T(), b)
	least := values[len(values)-1] * float64(len(values)) * 0x1p-52
	for i, l := range values {
		for j := range proj.RawMatrix().Cols {
			if l > least {
				proj.Set(i, j, proj.At(i, j)/l)
			} else {
				proj.Set(i, j, 0)
			}
		}
	}
	w.Mul(&v, &proj)
	return &w, nil
}
