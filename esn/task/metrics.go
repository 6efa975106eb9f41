package task

import (
	"fmt"
	"math"

	"elegans/tensor"
)

// Errors compares predictions [T, M] with the truth [T, M], all columns together.
type Errors struct {
	MSE  float64 `json:"mse"`  // mean squared error
	MAE  float64 `json:"mae"`  // mean absolute error
	NMSE float64 `json:"nmse"` // MSE over the variance of the truth about the mean of each column
}

// RMSE is the root of the mean squared error.
func (e Errors) RMSE() float64 { return math.Sqrt(e.MSE) }

// NRMSE is the root of NMSE. Some programs divide by the variance or the range instead.
func (e Errors) NRMSE() float64 { return math.Sqrt(e.NMSE) }

// R2 is the coefficient of determination.
func (e Errors) R2() float64 { return 1 - e.NMSE }

// Compare returns the errors of a prediction.
func Compare(truth, prediction *tensor.Tensor[float64]) (Errors, error) {
	if truth.Dims() != 2 || truth.Len() == 0 || !tensor.SameShape(truth, prediction) {
		return Errors{}, fmt.Errorf("task: truth of shape %v and prediction of shape %v, expected the same [T, M] with at least one row", truth.Shape(), prediction.Shape())
	}
	rows, m := truth.Dim(0), truth.Dim(1)
	y, p := truth.Contiguous().Data(), prediction.Contiguous().Data()
	mean := make([]float64, m)
	for i, v := range y {
		mean[i%m] += v / float64(rows)
	}
	var e Errors
	variance := 0.0
	for i, v := range y {
		d, c := v-p[i], v-mean[i%m]
		e.MSE += d * d
		e.MAE += math.Abs(d)
		variance += c * c
	}
	e.NMSE = e.MSE / variance
	e.MSE /= float64(len(y))
	e.MAE /= float64(len(y))
	return e, nil
}

// ValidRows returns for how many rows a prediction is valid: up to the first in which the root mean
// square over the columns of (truth-prediction)/sigma exceeds the threshold, .5 as a rule, where
// sigma [M] are the deviations of the columns. Times the step of time it is the valid prediction
// time, and times the largest Lyapunov exponent that in Lyapunov times.
func ValidRows(truth, prediction *tensor.Tensor[float64], sigma []float64, threshold float64) int {
	rows, m := truth.Dim(0), truth.Dim(1)
	for t := range rows {
		s := 0.0
		for j := range m {
			d := (truth.At(t, j) - prediction.At(t, j)) / sigma[j]
			s += d * d
		}
		if !(math.Sqrt(s/float64(m)) <= threshold) {
			return t
		}
	}
	return rows
}

// Deviations returns the population standard deviation of every column of x [T, M].
func Deviations(x *tensor.Tensor[float64]) []float64 {
	s := tensor.New[float64](x.Dim(1))
	tensor.ReduceStd(s, x, 0, 0)
	return s.Data()
}
