package esn

import (
	"fmt"
	"math"

	"elegans/tensor"
	"elegans/tensor/linalg"
)

// Path is ridge regression with several penalties from one factorisation: the matrix is made
// tridiagonal once, and every penalty then costs O(N) instead of O(N³).
type Path struct {
	Points []PathPoint // one for each penalty, in order

	moments   *Moments
	intercept Intercept
	form      *linalg.Tridiagonal
	// [M, size] of each penalty, in the basis of form; nil if none
	solutions []*tensor.Tensor[float64]
	shifted   []linalg.Shifted
}

// PathPoint is what the moments alone tell of one penalty. All errors are means over the rows,
// summed over the targets.
type PathPoint struct {
	Penalty float64
	// Freedom is the effective number of parameters: the trace of the matrix that turns targets
	// into predictions.
	Freedom float64
	// Train is the squared error of the rows that were fitted.
	Train float64
	// GCV is the error of generalised cross-validation (G. Golub, M. Heath and G. Wahba,
	// Technometrics 21, 1979): Train / (1 - Freedom/rows)², an estimate of the error of rows that
	// were not. It is infinite where the matrix is singular, or there are no more rows than
	// parameters.
	GCV float64
}

// Path fits readouts with several penalties: see Ridge.
func (s *Moments) Path(penalties []float64, c Intercept) (*Path, error) {
	if len(penalties) == 0 || s.rows == 0 {
		return nil, fmt.Errorf("esn: %d penalties and %d rows, expected at least one of each", len(penalties), s.rows)
	}
	for i, v := range penalties {
		if !(v >= 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("esn: penalty %d is %v, expected a finite number of at least 0", i, v)
		}
	}
	a, b := s.system(c)
	if !finiteAll(a.Data()) || !finiteAll(b.Data()) {
		return nil, ErrNotFinite
	}
	p := &Path{moments: s, intercept: c, form: linalg.NewTridiagonal(a)}
	p.form.Rotate(b, false)
	right := b.T().Clone()
	rows, size := float64(s.rows), right.Dim(1)
	for _, penalty := range penalties {
		point := PathPoint{Penalty: penalty, Freedom: math.NaN(), Train: math.NaN(), GCV: math.Inf(1)}
		f, ok := p.form.Shift(penalty)
		if !ok {
			p.Points, p.shifted, p.solutions = append(p.Points, point), append(p.shifted, f), append(p.solutions, nil)
			continue
		}
		z := right.Clone()
		p.form.Solve(&f, z)
		// |y - X w|² = yᵀy - zᵀb - penalty zᵀz, because (T + penalty) z = b.
		point.Train = 0
		for j := range s.my {
			left := s.yy[j]
			if c != Centred {
				left += rows * s.my[j] * s.my[j]
			}
			for i, v := range z.Data()[j*size : (j+1)*size] {
				left -= v * (right.Data()[j*size+i] + penalty*v)
			}
			point.Train += max(left, 0) / rows
		}
		point.Freedom = float64(size) - penalty*f.Trace()
		if c == Centred {
			point.Freedom++
		}
		if free := 1 - point.Freedom/rows; free > 0 {
			point.GCV = point.Train / (free * free)
		}
		p.Points, p.shifted, p.solutions = append(p.Points, point), append(p.shifted, f), append(p.solutions, z)
	}
	return p, nil
}

// Best returns the number of the penalty with the smallest error of generalised cross-validation,
// the first of equals.
func (p *Path) Best() int {
	best := 0
	for i, q := range p.Points {
		if q.GCV < p.Points[best].GCV {
			best = i
		}
	}
	return best
}

// Readout returns the readout of penalty number i, which Ridge fits too where the matrix is
// singular.
func (p *Path) Readout(i int) (*Linear, error) {
	if p.solutions[i] == nil {
		return p.moments.Ridge(p.Points[i].Penalty, p.intercept)
	}
	w := p.solutions[i].T().Clone()
	p.form.Rotate(w, true)
	return p.moments.readout(w, p.intercept), nil
}

// LeaveOneOut returns for each penalty the mean over the rows, summed over the targets, of the
// squared error of a row predicted by a readout that is fitted to all other rows: e/(1-h) where e
// is its error in the fit to all, and h its share in its own prediction. states [T, N] and targets
// [T, M] are the rows that the moments were made of, which moments alone do not tell; several
// sequences, behind each other. The error is infinite where the matrix is singular.
func (p *Path) LeaveOneOut(states, targets *tensor.Tensor[float64]) ([]float64, error) {
	s, n, m := p.moments, len(p.moments.mx), len(p.moments.my)
	if states.Dims() != 2 || targets.Dims() != 2 || states.Dim(0) != s.rows || targets.Dim(0) != s.rows || states.Dim(1) != n || targets.Dim(1) != m {
		return nil, fmt.Errorf("esn: states of shape %v and targets of shape %v, expected the %d rows of %d and %d numbers that were fitted",
			states.Shape(), targets.Shape(), s.rows, n, m)
	}
	size := len(p.form.Diagonal)
	basis := tensor.New[float64](size, size)
	for i := range size {
		basis.Set(1, i, i)
	}
	p.form.Rotate(basis, true)
	x := tensor.Full[float64](1, s.rows, size) // the last column of Penalised is its constant
	inner := x.Slice(1, 0, n, 1)
	y, own := targets.Clone(), 0.0
	if p.intercept == Centred {
		tensor.Sub(inner, states, tensor.FromSlice(s.mx, n))
		tensor.Sub(y, y, tensor.FromSlice(s.my, m))
		own = 1 / float64(s.rows) // the share of a row in the means
	} else {
		tensor.Copy(inner, states)
	}
	z := tensor.New[float64](s.rows, size)
	tensor.MatMul(z, x, basis)
	predicted, list := tensor.New[float64](s.rows, m), make([]float64, len(p.Points))
	for i := range p.Points {
		if p.solutions[i] == nil {
			list[i] = math.Inf(1)
			continue
		}
		tensor.MatMul(predicted, z, p.solutions[i].T())
		tensor.Copy(x, z)
		p.form.Solve(&p.shifted[i], x)
		for t := range s.rows {
			share := own
			for q, v := range z.Data()[t*size : (t+1)*size] {
				share += v * x.Data()[t*size+q]
			}
			for j := range m {
				e := (y.At(t, j) - predicted.At(t, j)) / (1 - share)
				list[i] += e * e / float64(s.rows)
			}
		}
	}
	return list, nil
}
