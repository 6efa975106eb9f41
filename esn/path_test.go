package esn

import (
	"fmt"
	"math"
	"testing"

	"elegans/tensor"
)

// pathData returns states and targets with means, of which the targets depend on the states.
func pathData(rows, n, m int) (x, y *tensor.Tensor[float64]) {
	key := tensor.NewKey(1, "path")
	x, y = tensor.Normal[float64](key, 0.5, 1, rows, n), tensor.Normal[float64](key.Sub("noise"), 1, 0.5, rows, m)
	tensor.Gemm(y, x, tensor.Normal[float64](key.Sub("weights"), 0, 1, n, m), 1, 1)
	return x, y
}

var pathPenalties = []float64{1e-6, 0.1, 3, 100}

// near fails unless two numbers agree to so many parts.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestPath compares readouts, errors and parameters with a fit for each penalty alone.
func TestPath(t *testing.T) {
	const rows, n, m = 40, 7, 2
	x, y := pathData(rows, n, m)
	for _, c := range []Intercept{Centred, None, Penalised} {
		s := NewMoments(n, m)
		// In pieces, as the means move.
		for _, cut := range [][2]int{{0, 3}, {3, 3}, {3, 29}, {29, rows}} {
			if err := s.Add(x.Slice(0, cut[0], cut[1], 1), y.Slice(0, cut[0], cut[1], 1), 0); err != nil {
				t.Fatal(err)
			}
		}
		p, err := s.Path(pathPenalties, c)
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for i, penalty := range pathPenalties {
			what := fmt.Sprintf("intercept %d, penalty %v: ", c, penalty)
			want, err := Ridge(x, y, 0, penalty, c)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Readout(i)
			if err != nil {
				t.Fatal(err)
			}
			for j, v := range want.Weight.Contiguous().Data() {
				near(t, what+"a weight", got.Weight.Contiguous().Data()[j], v, 1e-11)
			}
			for j, v := range want.Bias.Data() {
				near(t, what+"a bias", got.Bias.Data()[j], v, 1e-11)
			}
			train, prediction := 0.0, want.Predict(x)
			for j, v := range y.Data() {
				d := v - prediction.Data()[j]
				train += d * d / rows
			}
			near(t, what+"the error of the fit", p.Points[i].Train, train, 1e-11)
			// The change of prediction t with target t, by a target that is 1 there and 0
			// elsewhere.
			freedom := 0.0
			for row := range rows {
				unit := tensor.New[float64](rows, 1)
				unit.Set(1, row, 0)
				l, err := Ridge(x, unit, 0, penalty, c)
				if err != nil {
					t.Fatal(err)
				}
				freedom += l.Predict(x).At(row, 0)
			}
			near(t, what+"the number of parameters", p.Points[i].Freedom, freedom, 1e-10)
			gcv := train / math.Pow(1-freedom/rows, 2)
			near(t, what+"the error of cross-validation", p.Points[i].GCV, gcv, 1e-10)
			best = min(best, gcv)
		}
		near(t, "the best error", p.Points[p.Best()].GCV, best, 1e-10)
	}
}

// TestLeaveOneOut compares with fits to all rows but one.
func TestLeaveOneOut(t *testing.T) {
	const rows, n, m = 25, 6, 2
	x, y := pathData(rows, n, m)
	for _, c := range []Intercept{Centred, None, Penalised} {
		s := NewMoments(n, m)
		if err := s.Add(x, y, 0); err != nil {
			t.Fatal(err)
		}
		p, err := s.Path(pathPenalties, c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.LeaveOneOut(x, y)
		if err != nil {
			t.Fatal(err)
		}
		for i, penalty := range pathPenalties {
			want := 0.0
			for row := range rows {
				others := NewMoments(n, m)
				for _, cut := range [][2]int{{0, row}, {row + 1, rows}} {
					if err := others.Add(x.Slice(0, cut[0], cut[1], 1), y.Slice(0, cut[0], cut[1], 1), 0); err != nil {
						t.Fatal(err)
					}
				}
				l, err := others.Ridge(penalty, c)
				if err != nil {
					t.Fatal(err)
				}
				prediction := l.Predict(x.Slice(0, row, row+1, 1).Clone())
				for j := range m {
					d := y.At(row, j) - prediction.At(0, j)
					want += d * d / rows
				}
			}
			near(t, fmt.Sprintf("intercept %d, penalty %v: the error without each row", c, penalty), got[i], want, 1e-10)
		}
		if _, err := p.LeaveOneOut(x.Slice(0, 1, rows, 1), y.Slice(0, 1, rows, 1)); err == nil {
			t.Error("fewer rows than were fitted pass")
		}
	}
}

// TestPathOfDependentStates has a state twice: without a penalty the matrix is singular.
func TestPathOfDependentStates(t *testing.T) {
	const rows, n = 30, 3
	x, y := pathData(rows, n, 1)
	tensor.Copy(x.Slice(1, 2, 3, 1), x.Slice(1, 0, 1, 1))
	s := NewMoments(n, 1)
	if err := s.Add(x, y, 0); err != nil {
		t.Fatal(err)
	}
	p, err := s.Path([]float64{0, 1}, Centred)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(p.Points[0].GCV, 1) || p.Best() != 1 {
		t.Errorf("points %+v, best %d: expected the first to be infinite and the second the best", p.Points, p.Best())
	}
	l, err := p.Readout(0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the share of one of two equal states", l.Weight.At(0, 0), l.Weight.At(2, 0), 1e-9)
	for _, bad := range [][]float64{nil, {-1}, {math.NaN()}, {math.Inf(1)}} {
		if _, err := s.Path(bad, Centred); err == nil {
			t.Errorf("penalties %v pass", bad)
		}
	}
}
