package esn

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
	"elegans/tensor/linalg"
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

// ErrNotFinite says that a readout cannot be fitted, because states have grown without bound.
var ErrNotFinite = errors.New("esn: the states have no finite moments")

// Moments accumulates what a ridge regression needs of its rows, so that they can come in pieces
// and need not be kept: the means and the sums of products about them.
type Moments struct {
	rows   int
	mx, my []float64
	xx, yx *tensor.Tensor[float64] // [N, N], its lower triangle, and [M, N], about the means
	yy     []float64               // of each target
	same   *tensor.Tensor[float64] // targets about their means, at work
}

// NewMoments returns empty moments for n states and m targets.
func NewMoments(n, m int) *Moments {
	return &Moments{mx: make([]float64, n), my: make([]float64, m), xx: tensor.New[float64](n, n), yx: tensor.New[float64](m, n), yy: make([]float64, m)}
}

// Rows returns the number of rows so far.
func (s *Moments) Rows() int { return s.rows }

// Add takes rows of states [T, N] and targets [T, M], of which the first washout are left out; a
// sequence that is no longer than these adds nothing. The sums of the pieces are joined as T. Chan,
// G. Golub and R. LeVeque do (Algorithms for computing the sample variance, The American
// Statistician 37, 1983), which loses no precision where means are large.
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
	x, y := states.Slice(0, washout, states.Dim(0), 1), targets.Slice(0, washout, targets.Dim(0), 1)
	mx, my := means(x), means(y)
	s.same = about(s.same, y, my)
	linalg.AddMoments(s.xx, s.yx, x, s.same, mx.Data())
	for i, v := range s.same.Data() {
		s.yy[i%m] += v * v
	}
	total := s.rows + rows
	share, weight := float64(rows)/float64(total), float64(s.rows)*float64(rows)/float64(total)
	dx, dy := mx.Data(), my.Data()
	for i, v := range dx {
		dx[i] = v - s.mx[i]
		s.mx[i] += dx[i] * share
	}
	for j, v := range dy {
		dy[j] = v - s.my[j]
		s.my[j] += dy[j] * share
	}
	if s.rows > 0 {
		linalg.AddOuter(s.xx, 1, weight, dx)
		tensor.Gemm(s.yx, my.Reshape(m, 1), mx.Reshape(1, n), weight, 1)
		for j, d := range dy {
			s.yy[j] += weight * d * d
		}
	}
	s.rows = total
	return nil
}

// meanTerms is how many terms of a mean are added one after the other, at most.
const meanTerms = 512

// means returns the means of columns.
func means(x *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	m := tensor.New[float64](x.Dim(1))
	tensor.MatMul(m, tensor.Full[float64](1, x.Dim(0)), x)
	tensor.Scale(m, m, 1/float64(x.Dim(0)))
	return m
}

// about returns x about the means, in old where that has the shape.
func about(old, x, mean *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	if old == nil || !tensor.SameShape(old, x) {
		old = tensor.New[float64](x.Shape()...)
	}
	tensor.Sub(old, x, mean)
	return old
}

// centre returns a copy of x about the means of its columns, and these.
func centre(x *tensor.Tensor[float64]) (*tensor.Tensor[float64], []float64) {
	m := means(x)
	return about(nil, x, m), m.Data()
}

// products returns the sums of products of states as a whole matrix.
func (s *Moments) products() *tensor.Tensor[float64] {
	linalg.Mirror(s.xx)
	return s.xx
}

// xy returns the sums of products of states and targets [N, M].
func (s *Moments) xy() *tensor.Tensor[float64] { return s.yx.T().Contiguous() }

// Scale returns the mean over the states of their sum of squares, about the mean if the intercept
// is Centred: what a penalty is multiplied by that shall not depend on the number of rows and the
// size of the states.
func (s *Moments) Scale(c Intercept) float64 {
	sum := 0.0
	for i, m := range s.mx {
		sum += s.xx.At(i, i)
		if c != Centred {
			sum += float64(s.rows) * m * m
		}
	}
	return sum / float64(max(len(s.mx), 1))
}

// Ridge returns the readout that minimises the sum of squared errors plus penalty times the sum of
// squared weights: (XᵀX + penalty·I) w = XᵀY. The penalty is not multiplied by the number of rows.
// Where the matrix is not positive definite in floating point, as it is for a penalty of 0 and
// states that depend on each other, its pseudo-inverse is taken: the shortest of the best
// solutions.
func (s *Moments) Ridge(penalty float64, c Intercept) (*Linear, error) {
	if !(penalty >= 0) || math.IsInf(penalty, 0) {
		return nil, fmt.Errorf("esn: penalty %v, expected a finite number of at least 0", penalty)
	}
	if s.rows == 0 {
		return nil, fmt.Errorf("esn: no rows to fit a readout to")
	}
	a, b := s.system(c)
	for i := range a.Dim(0) {
		a.Set(a.At(i, i)+penalty, i, i)
	}
	if err := solve(a, b); err != nil {
		return nil, err
	}
	return s.readout(b, c), nil
}

// system returns the matrix [size, size], its lower triangle, and the right sides [size, M] of the
// equations of a readout without a penalty. Its last row is that of the constant where this is
// penalised.
func (s *Moments) system(c Intercept) (a, b *tensor.Tensor[float64]) {
	n, m := len(s.mx), len(s.my)
	if c == Centred {
		a, b = s.xx.Clone(), s.xy().Clone()
		s.dropConstant(a, b)
		return a, b
	}
	mean := s.mx
	if c == Penalised {
		mean = append(slices.Clone(mean), 1)
	}
	size, rows := len(mean), float64(s.rows)
	a, b = tensor.New[float64](size, size), tensor.New[float64](size, m)
	tensor.Copy(a.Slice(0, 0, n, 1).Slice(1, 0, n, 1), s.xx)
	tensor.Copy(b.Slice(0, 0, n, 1), s.yx.T())
	linalg.AddOuter(a, 1, rows, mean)
	tensor.Gemm(b, tensor.FromSlice(mean, size, 1), tensor.FromSlice(s.my, 1, m), rows, 1)
	return a, b
}

// dropConstant sets the rows and columns of states to 0 that do not move but for their rounding
// errors. The products of these errors are as good a matrix as any other to a factorisation, and
// what it makes of them is as large as the targets.
func (s *Moments) dropConstant(a, b *tensor.Tensor[float64]) {
	terms := float64(min(s.rows, meanTerms)) // of a mean, each with an error
	for i, mean := range s.mx {
		if rounding := terms * 0x1p-52 * mean; s.xx.At(i, i) > float64(s.rows)*rounding*rounding {
			continue
		}
		for j := range s.mx {
			a.Set(0, max(i, j), min(i, j))
		}
		for j := range s.my {
			b.Set(0, i, j)
		}
	}
}

// readout returns the readout of a solution w [size, M].
func (s *Moments) readout(w *tensor.Tensor[float64], c Intercept) *Linear {
	n, m := len(s.mx), len(s.my)
	l := &Linear{Weight: w, Bias: tensor.New[float64](m)}
	switch c {
	case Centred:
		tensor.Gemm(l.Bias.Reshape(1, m), tensor.FromSlice(s.mx, 1, n), w, -1, 0)
		tensor.Add(l.Bias, l.Bias, tensor.FromSlice(s.my, m))
	case Penalised:
		l.Weight = w.Slice(0, 0, n, 1)
		tensor.Copy(l.Bias, w.Slice(0, n, n+1, 1).Reshape(m))
	}
	return l
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

// solve replaces b by the solution of a w = b for a matrix that is positive semi-definite, given by
// its lower triangle.
func solve(a, b *tensor.Tensor[float64]) error {
	l := a.Clone()
	if linalg.Cholesky(l) {
		linalg.CholeskySolve(l, b)
		return nil
	}
	linalg.Mirror(a)
	var e mat.EigenSym
	if !finiteAll(a.Data()) || !e.Factorize(mat.NewSymDense(a.Dim(0), a.Data()), true) {
		return ErrNotFinite
	}
	values := e.Values(nil)
	var v mat.Dense
	e.VectorsTo(&v)
	vectors := tensor.FromSlice(v.RawMatrix().Data, a.Shape()...)
	along := tensor.New[float64](b.Shape()...)
	tensor.MatMul(along, vectors.T(), b)
	least := values[len(values)-1] * float64(len(values)) * 0x1p-52
	for i, l := range values {
		row := along.Slice(0, i, i+1, 1)
		if l > least {
			tensor.Scale(row, row, 1/l)
		} else {
			tensor.Fill(row, 0)
		}
	}
	tensor.MatMul(b, vectors, along)
	return nil
}

// finiteAll reports whether no number is NaN or infinite.
func finiteAll(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
