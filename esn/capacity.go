package esn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"elegans/tensor"
)

// MemoryCapacity returns, for every lag, how much of the input of so many steps ago a readout finds
// in the states: the squared correlation of u[t-lag] with its best linear estimate, on rows that
// the readout was not fitted to (H. Jaeger, Short term memory in echo state networks, GMD report
// 152, 2001). The sum over all lags is at most the number of neurons for independent inputs; the
// absolute correlation in place of its square would exceed that.
//
//	states [T, N], u [T]: rows washout to washout+fit-1 train, later ones test
func MemoryCapacity(states *tensor.Tensor[float64], u []float64, lags []int, washout, fit int, penalty float64) ([]float64, error) {
	rows := states.Dim(0)
	if len(u) != rows || washout < 0 || fit < 1 || washout+fit+1 >= rows {
		return nil, fmt.Errorf("esn: %d inputs, %d states, washout %d and %d rows to fit, expected rows left to test", len(u), rows, washout, fit)
	}
	y := tensor.New[float64](rows, len(lags))
	target := y.Data()
	for j, k := range lags {
		if k < 0 || k > washout {
			return nil, fmt.Errorf("esn: lag %d, expected 0 to the washout of %d", k, washout)
		}
		for t := k; t < rows; t++ {
			target[t*len(lags)+j] = u[t-k]
		}
	}
	l, err := Ridge(states.Slice(0, 0, washout+fit, 1), y.Slice(0, 0, washout+fit, 1), washout, penalty, Centred)
	if err != nil {
		return nil, err
	}
	p := l.Predict(states.Slice(0, washout+fit, rows, 1).Contiguous())
	capacity := make([]float64, len(lags))
	told := p.T().Contiguous().Data() // [lags, rows that test]
	for j, k := range lags {
		test := p.Dim(0)
		a, b := told[j*test:(j+1)*test], u[washout+fit-k:rows-k]
		if r := stat.Correlation(a, b, nil); !math.IsNaN(r) { // a constant prediction tells nothing
			capacity[j] = r * r
		}
	}
	return capacity, nil
}

// Processing is the information processing capacity of one degree.
type Processing struct {
	Degree    int
	Functions [][]int   // the delays of the factors of every function, in order
	Capacity  []float64 // of each
	Raw, Kept float64   // sums: of all, and of those above the threshold
}

// ProcessingCapacity returns how much of every nonlinear function of the inputs before lies in the
// states (J. Dambre, D. Verstraeten, B. Schrauwen and S. Massar, Information processing capacity of
// dynamical systems, Scientific Reports 2, 2012): for independent inputs uniform in [-1, 1],
// products of the normalised Legendre polynomials of u[t-k], of total degree 1, 2, ... with delays
// up to delays[degree-1]. Capacities below the threshold, the 1-1e-4 quantile of chi-squared with
// as many degrees of freedom as the states have dimensions, over T, are what chance gives and are
// not kept.
func ProcessingCapacity(states *tensor.Tensor[float64], u []float64, washout int, delays []int) (list []Processing, threshold float64, err error) {
	if len(u) != states.Dim(0) || washout < 0 || washout >= len(u) || len(delays) > len(legendre)-1 {
		return nil, 0, fmt.Errorf("esn: %d inputs, %d states, washout %d, degrees to %d, expected degrees to %d", len(u), states.Dim(0), washout, len(delays), len(legendre)-1)
	}
	for _, d := range delays {
		if d < 0 || d > washout {
			return nil, 0, fmt.Errorf("esn: delay %d, expected 0 to the washout of %d", d, washout)
		}
	}
	x, _ := centre(states.Slice(0, washout, states.Dim(0), 1))
	rows, n := x.Dim(0), x.Dim(1)
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(rows, n, x.Data()), mat.SVDThin) {
		return nil, 0, fmt.Errorf("esn: the states have no singular values")
	}
	values := svd.Values(nil)
	rank := 0
	for rank < len(values) && values[rank] > values[0]*1e-12 {
		rank++
	}
	var basis mat.Dense
	svd.UTo(&basis)
	if rank == 0 {
		return nil, 0, fmt.Errorf("esn: the states are constant")
	}
	threshold = distuv.ChiSquared{K: float64(rank)}.Quantile(1-1e-4) / float64(rows)
	y := make([]float64, rows)
	for d, most := range delays {
		p := Processing{Degree: d + 1, Functions: NVAR{Delay: most + 1, Order: d + 1}.Monomials(1)}
		for _, f := range p.Functions {
			target(y, u, f, washout)
			v := mat.NewVecDense(rows, y)
			var proj mat.VecDense
			proj.MulVec(basis.Slice(0, rows, 0, rank).T(), v)
			c := mat.Dot(&proj, &proj) / mat.Dot(v, v)
			p.Capacity = append(p.Capacity, c)
			p.Raw += c
			if c > threshold {
				p.Kept += c
			}
		}
		list = append(list, p)
	}
	return list, threshold, nil
}

// target sets y to the product of polynomials of u at the delays, without its mean.
func target(y, u []float64, delays []int, washout int) {
	for t := range y {
		y[t] = 1
	}
	for i := 0; i < len(delays); {
		degree := 1
		for i+degree < len(delays) && delays[i+degree] == delays[i] {
			degree++
		}
		norm := math.Sqrt(float64(2*degree + 1))
		for t := range y {
			y[t] *= norm * legendre[degree](u[washout+t-delays[i]])
		}
		i += degree
	}
	mean := floats.Sum(y) / float64(len(y))
	floats.AddConst(-mean, y)
}

// legendre are the Legendre polynomials.
var legendre = []func(x float64) float64{
	func(x float64) float64 { return 1 },
	func(x float64) float64 { return x },
	func(x float64) float64 { return (3*x*x - 1) / 2 },
	func(x float64) float64 { return (5*x*x*x - 3*x) / 2 },
}

// Ranks counts in several ways how many directions a set of states has.
type Ranks struct {
	Singular []float64 // singular values, the largest first
	// Numeric counts those above rounding error, Millionth and Hundredth those above such a part of
	// the largest; Effective is the exponential of the entropy of their shares.
	Numeric, Millionth, Hundredth int
	Effective                     float64
}

// RanksOf returns the ranks of a matrix of states [N, m]: the last states of m input streams. With
// random streams it is the kernel quality, with streams that end alike the generalisation rank (R.
// Legenstein and W. Maass, Edge of chaos and prediction of computational performance for neural
// circuit models, Neural Networks 20, 2007).
func RanksOf(states *tensor.Tensor[float64]) (Ranks, error) {
	var svd mat.SVD
	if states.Dims() != 2 || states.Len() == 0 || !svd.Factorize(mat.NewDense(states.Dim(0), states.Dim(1), states.Contiguous().Data()), mat.SVDNone) {
		return Ranks{}, fmt.Errorf("esn: states of shape %v have no singular values", states.Shape())
	}
	r := Ranks{Singular: svd.Values(nil)}
	top, sum := r.Singular[0], floats.Sum(r.Singular)
	entropy := 0.0
	for _, s := range r.Singular {
		if s > top*float64(max(states.Dim(0), states.Dim(1)))*0x1p-52 {
			r.Numeric++
		}
		if s > 1e-6*top {
			r.Millionth++
		}
		if s > 1e-2*top {
			r.Hundredth++
		}
		if s > 0 {
			entropy -= s / sum * math.Log(s/sum)
		}
	}
	if sum > 0 {
		r.Effective = math.Exp(entropy)
	}
	return r, nil
}
